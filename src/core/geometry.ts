/** A position on the pixel grid: pixel centres lie at integers, x to the right, y down. */
export interface Point {
  readonly x: number
  readonly y: number
}

/**
 * Convex hull in counter-clockwise order (y down: clockwise on screen), collinear points left out.
 * Andrew's monotone chain, Inf. Process. Lett. 9(5), 1979.
 */
export function convexHull(points: readonly Point[]): Point[] {
  const sorted = [...points].sort((a, b) => a.x - b.x || a.y - b.y)
  if (sorted.length < 3) return sorted
  const lower = halfHull(sorted)
  const upper = halfHull(sorted.reverse())
  return [...lower.slice(0, -1), ...upper.slice(0, -1)]
}

function halfHull(points: readonly Point[]): Point[] {
  const hull: Point[] = []
  for (const point of points) {
    while (hull.length >= 2 && turn(hull[hull.length - 2]!, hull[hull.length - 1]!, point) <= 0) hull.pop()
    hull.push(point)
  }
  return hull
}

function turn(a: Point, b: Point, c: Point): number {
  return (b.x - a.x) * (c.y - a.y) - (b.y - a.y) * (c.x - a.x)
}

/** The two points farthest from each other; 0 distance for fewer than two points. O(h²) over the hull. */
export function farthestPair(points: readonly Point[]): { readonly from: Point; readonly to: Point; distance: number } {
  const hull = convexHull(points)
  let [from, to] = [hull[0] ?? { x: 0, y: 0 }, hull[0] ?? { x: 0, y: 0 }]
  let best = 0
  for (let i = 0; i < hull.length; i++) {
    for (let j = i + 1; j < hull.length; j++) {
      const distance = Math.hypot(hull[i]!.x - hull[j]!.x, hull[i]!.y - hull[j]!.y)
      if (distance > best) [best, from, to] = [distance, hull[i]!, hull[j]!]
    }
  }
  return { from, to, distance: best }
}
