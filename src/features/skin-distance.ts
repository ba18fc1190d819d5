import { type Absent, absent, isAbsent } from '#core/absent.ts'
import type { Point } from '#core/geometry.ts'
import type { Mask } from '#core/mask.ts'
import type { PixelSides } from '#core/units.ts'
import { borderOf } from '#imaging/border.ts'
import { depthAxis } from '#imaging/chest-wall.ts'
import { type Skin, skinOfMammogram, skinOfUltrasound } from '#imaging/skin.ts'
import type { Lesion } from './measure.ts'
import { boundsOf } from './shape.ts'

/** From the region's nearest pixel to the skin, in the unit of the pixel's sides; 0 where it reaches it. */
export function skinDistance(
  { image, region, modality, tissue, exposed = tissue, place }: Lesion,
  side: PixelSides,
): number | Absent {
  if (modality !== 'MG' && modality !== 'US') return absent('not-for-this-modality')
  if (exposed === undefined) return absent('breast-region-not-found')
  if (modality === 'US') return below(region, skinOfUltrasound(image, exposed), side)
  return nearest(region, skinOfMammogram(exposed, depthAxis(place?.patientOrientation)), side)
}

function below(region: Mask, row: number | Absent, side: PixelSides): number | Absent {
  return isAbsent(row) ? row : Math.max(0, boundsOf(region).top - row) * side.y
}

function nearest(region: Mask, seen: Skin | Absent, side: PixelSides): number | Absent {
  if (isAbsent(seen)) return seen
  if (seen.skin.some(({ x, y }) => region.data[y * region.width + x] === 1)) return 0
  const toSkin = leastDistance(region, seen.skin, side)
  return toSkin <= leastDistance(region, seen.cut, side) ? toSkin : absent('skin-not-seen')
}

function leastDistance(region: Mask, to: readonly Point[], side: PixelSides): number {
  const border = borderOf(region)
  const { left, top, right, bottom } = boundsOf(region)
  /** Squared, and never more than the distance from the region, which lies within its bounds. */
  const toBounds = ({ x, y }: Point) =>
    squared(Math.max(left - x, x - right, 0), Math.max(top - y, y - bottom, 0), side)
  const byBounds = to.map((point) => ({ point, least: toBounds(point) })).sort((a, b) => a.least - b.least)
  let best = Number.POSITIVE_INFINITY
  for (const { point, least } of byBounds) {
    if (least >= best) break
    for (const { x, y } of border) best = Math.min(best, squared(point.x - x, point.y - y, side))
  }
  return Math.sqrt(best)
}

function squared(dx: number, dy: number, side: PixelSides): number {
  return (dx * side.x) ** 2 + (dy * side.y) ** 2
}
