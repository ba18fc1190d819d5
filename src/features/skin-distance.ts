import { type Absent, absent, isAbsent } from '#core/absent.ts'
import type { Point } from '#core/geometry.ts'
import type { Mask } from '#core/mask.ts'
import type { PixelSides } from '#core/units.ts'
import { depthAxis } from '#imaging/chest-wall.ts'
import { type Skin, skinOfMammogram, skinOfUltrasound } from '#imaging/skin.ts'
import type { Lesion } from './measure.ts'
import { boundsOf } from './shape.ts'

/** From the region's nearest pixel to the skin, in the unit of the pixel's sides; 0 where it reaches it. */
export function skinDistance(
  { region, modality, tissue, exposed = tissue, place }: Lesion,
  side: PixelSides,
): number | Absent {
  if (modality !== 'MG' && modality !== 'US') return absent('not-for-this-modality')
  if (exposed === undefined) return absent('breast-region-not-found')
  if (modality === 'US') return below(region, exposed, side)
  return nearest(region, skinOfMammogram(exposed, depthAxis(place?.patientOrientation)), side)
}

function below(region: Mask, exposed: Mask, side: PixelSides): number | Absent {
  const row = skinOfUltrasound(exposed)
  return isAbsent(row) ? row : Math.max(0, boundsOf(region).top - row) * side.y
}

function nearest(region: Mask, seen: Skin | Absent, side: PixelSides): number | Absent {
  if (isAbsent(seen)) return seen
  const toSkin = leastDistance(region, seen.skin, side)
  return toSkin <= leastDistance(region, seen.cut, side) ? toSkin : absent('skin-not-seen')
}

function leastDistance(region: Mask, to: readonly Point[], side: PixelSides): number {
  const border = borderOf(region)
  const { left, top, right, bottom } = boundsOf(region)
  let best = Number.POSITIVE_INFINITY
  for (const { x, y } of to) {
    // The region lies within its bounds: a point that is farther from them is farther from it.
    const [beside, beyond] = [Math.max(left - x, x - right, 0), Math.max(top - y, y - bottom, 0)]
    if ((beside * side.x) ** 2 + (beyond * side.y) ** 2 >= best) continue
    for (const point of border) {
      const [dx, dy] = [(point.x - x) * side.x, (point.y - y) * side.y]
      best = Math.min(best, dx * dx + dy * dy)
    }
  }
  return Math.sqrt(best)
}

/** Pixels of the region beside one that is none. */
function borderOf(region: Mask): Point[] {
  const { data, width, height } = region
  const { left, top, right, bottom } = boundsOf(region)
  const border: Point[] = []
  const isOut = (x: number, y: number) => x < 0 || y < 0 || x >= width || y >= height || data[y * width + x] === 0
  for (let y = top; y <= bottom; y++) {
    for (let x = left; x <= right; x++) {
      if (data[y * width + x] === 0) continue
      if (isOut(x - 1, y) || isOut(x + 1, y) || isOut(x, y - 1) || isOut(x, y + 1)) border.push({ x, y })
    }
  }
  return border
}
