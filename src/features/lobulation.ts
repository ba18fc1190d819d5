import { convexHull, type Point } from '#core/geometry.ts'
import { areaOf } from './outline.ts'

/**
 * A depression counts from this depth, as a share of the diameter of the circle of the same area; the papers count by
 * eye. It is twice what the pixel grid makes of ellipses of five pixels' radius and more (at most 0.026).
 */
const SUBSTANTIAL_DEPTH = 0.05

/**
 * Number of lobes of an outline, told by the substantial depressions between them: gaps between the outline and its
 * convex hull that are deep enough, each counted once. A mass of n lobes around has n, a mass with one notch 1, a convex
 * mass none. 0, 1, 2, ...
 * outline: closed, in any unit, smooth as smoothOutline gives it.
 * Source: depressions by the convex hull as in the number of substantial protuberances and depressions, Chen et al.,
 * Radiology 226(2), 2003, doi:10.1148/radiol.2262011843; their depth as in Homma and Takenaka, J. Nucl. Med. 26(12), 1985.
 */
export function lobulationCount(outline: readonly Point[]): number {
  const hull = new Set(convexHull(outline))
  const least = SUBSTANTIAL_DEPTH * Math.sqrt((4 * areaOf(outline).area) / Math.PI)
  const start = outline.findIndex((point) => hull.has(point))
  let [count, from] = [0, outline[start]!]
  let gap: Point[] = []
  for (let i = 1; i <= outline.length; i++) {
    const point = outline[(start + i) % outline.length]!
    if (!hull.has(point)) {
      gap.push(point)
      continue
    }
    let depth = 0
    for (const inner of gap) depth = Math.max(depth, distanceToLine(inner, from, point))
    if (depth >= least) count++
    from = point
    gap = []
  }
  return count
}

function distanceToLine({ x, y }: Point, from: Point, to: Point): number {
  const [dx, dy] = [to.x - from.x, to.y - from.y]
  return Math.abs(dx * (y - from.y) - dy * (x - from.x)) / Math.hypot(dx, dy)
}
