import type { Mask } from '#core/mask.ts'
import type { PixelSides } from '#core/units.ts'
import type { Shape } from './shape.ts'

/**
 * How far a region is the ellipse of its own second moments: Dice overlap of the two, the pixels of the region whose
 * centres lie in the ellipse against the areas of both. 1 for an ellipse, 0.95 for a square, less for anything with arms or
 * notches. Unitless, 0..1. mask: H×W, 0/1; shape: of that mask with that side.
 * Source: overlap with the equivalent ellipse, Alvarenga et al., Med. Phys. 37(12), 2010.
 */
export function ellipseOverlap(
  { data, width, height }: Mask,
  { centroidPx, majorAxis, minorAxis, orientationDeg, area }: Shape,
  side: PixelSides,
): number {
  const angle = (orientationDeg * Math.PI) / 180
  const [cos, sin] = [Math.cos(angle), Math.sin(angle)]
  let shared = 0
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      if (data[y * width + x] === 0) continue
      const [dx, up] = [(x - centroidPx.x) * side.x, (centroidPx.y - y) * side.y]
      const [along, across] = [dx * cos + up * sin, up * cos - dx * sin]
      if ((2 * along) ** 2 / majorAxis ** 2 + (2 * across) ** 2 / minorAxis ** 2 <= 1) shared++
    }
  }
  const ellipse = (Math.PI * majorAxis * minorAxis) / 4
  return Math.min((2 * shared * side.x * side.y) / (area + ellipse), 1)
}
