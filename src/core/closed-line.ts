import type { Point } from './geometry.ts'

/** Points at even distances along a closed outline, from its first point. */
export function evenlySpaced(outline: readonly Point[], count: number): Point[] {
  const step = lengthOf(outline) / count
  const points: Point[] = []
  let passed = 0
  for (const [i, from] of outline.entries()) {
    const to = outline[(i + 1) % outline.length]!
    const length = Math.hypot(to.x - from.x, to.y - from.y)
    while (points.length < count && points.length * step < passed + length) {
      points.push(between(from, to, (points.length * step - passed) / length))
    }
    passed += length
  }
  return points
}

/** Length of a closed polygon, in its unit. */
export function lengthOf(polygon: readonly Point[]): number {
  let sum = 0
  for (const [i, { x, y }] of polygon.entries()) {
    const next = polygon[(i + 1) % polygon.length]!
    sum += Math.hypot(next.x - x, next.y - y)
  }
  return sum
}

/** A closed line smoothed along itself: each point the mean of its surroundings by a Gaussian, sigma in points. */
export function smoothedAlong(points: readonly Point[], sigma: number): Point[] {
  const count = points.length
  const reach = Math.min(Math.ceil(3 * sigma), Math.floor((count - 1) / 2))
  const weights = Array.from({ length: 2 * reach + 1 }, (_, k) => Math.exp(-0.5 * ((k - reach) / sigma) ** 2))
  const total = weights.reduce((sum, weight) => sum + weight, 0)
  return points.map((_, i) => {
    let [x, y] = [0, 0]
    for (const [k, weight] of weights.entries()) {
      const point = points[(i + k - reach + count) % count]!
      x += weight * point.x
      y += weight * point.y
    }
    return { x: x / total, y: y / total }
  })
}

/** The point that lies at this share of the way. */
export function between(from: Point, to: Point, share: number): Point {
  return { x: from.x + share * (to.x - from.x), y: from.y + share * (to.y - from.y) }
}
