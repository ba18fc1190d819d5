import { between, evenlySpaced, lengthOf, smoothedAlong } from '#core/closed-line.ts'
import { ScreeningError } from '#core/errors.ts'
import type { Point } from '#core/geometry.ts'
import type { Mask } from '#core/mask.ts'
import type { PixelSides } from '#core/units.ts'
import { contours } from '#imaging/components.ts'

/**
 * The outline of the largest connected region, holes not outlined: closed, clockwise on screen, first point not repeated,
 * in the unit of the sides from the centre of the first pixel. It is the outline at level one half by marching squares,
 * each side of it given by its midpoint, so that it is no staircase and neither inside nor outside on average.
 * mask: H×W, 0/1; side: width and height of a pixel.
 * @throws MASK_EMPTY when there is no foreground.
 */
export function outlineOf(mask: Mask, side: PixelSides): Point[] {
  const [corners] = contours(mask)
  if (corners === undefined) throw new ScreeningError('MASK_EMPTY', { mask: [mask.width, mask.height] })
  const crossings: Point[] = []
  for (const [i, from] of corners.entries()) {
    const to = corners[(i + 1) % corners.length]!
    const length = Math.abs(to.x - from.x) + Math.abs(to.y - from.y)
    for (let at = 0.5; at < length; at++) crossings.push(between(from, to, at / length))
  }
  return crossings.map((crossing, i) => {
    const { x, y } = between(crossing, crossings[(i + 1) % crossings.length]!, 0.5)
    return { x: x * side.x, y: y * side.y }
  })
}

/** Points for each standard deviation of the smoothing, so that nothing that is left of the outline lies between two. */
const POINTS_PER_SIGMA = 4

/**
 * An outline without what the pixel grid does to it: at points evenly spaced along it, each the mean of its surroundings
 * weighted by a Gaussian of one pixel (its longer side) along the outline. A circle of ten pixels' radius shrinks by 0.5%.
 * outline: as {@link outlineOf} gives it, in the unit of the sides; side: width and height of a pixel.
 */
export function smoothOutline(outline: readonly Point[], side: PixelSides): Point[] {
  const sigma = Math.max(side.x, side.y)
  const count = Math.ceil((POINTS_PER_SIGMA * lengthOf(outline)) / sigma)
  return smoothedAlong(evenlySpaced(outline, count), POINTS_PER_SIGMA)
}

/** Area of a closed polygon that does not cross itself, in its unit squared, and the centroid of that area. */
export function areaOf(polygon: readonly Point[]): { readonly area: number; readonly centroid: Point } {
  const origin = polygon[0]!
  let [doubled, sx, sy] = [0, 0, 0]
  for (const [i, point] of polygon.entries()) {
    const next = polygon[(i + 1) % polygon.length]!
    const [ax, ay, bx, by] = [point.x - origin.x, point.y - origin.y, next.x - origin.x, next.y - origin.y]
    const cross = ax * by - bx * ay
    doubled += cross
    sx += (ax + bx) * cross
    sy += (ay + by) * cross
  }
  return {
    area: Math.abs(doubled) / 2,
    centroid: { x: origin.x + sx / (3 * doubled), y: origin.y + sy / (3 * doubled) },
  }
}
