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
  const border = borderOf(region)
  const toSkin = leastDistance(border, seen.skin, side)
  return toSkin <= leastDistance(border, seen.cut, side) ? toSkin : absent('skin-not-seen')
}

function leastDistance(from: readonly Point[], to: readonly Point[], side: PixelSides): number {
  let best = Number.POSITIVE_INFINITY
  for (const a of from) {
    for (const b of to) {
      const [dx, dy] = [(a.x - b.x) * side.x, (a.y - b.y) * side.y]
      best = Math.min(best, dx * dx + dy * dy)
    }
  }
  return Math.sqrt(best)
}

/** Pixels of the region beside one that is none. */
function borderOf({ data, width, height }: Mask): Point[] {
  const border: Point[] = []
  const isOut = (x: number, y: number) => x < 0 || y < 0 || x >= width || y >= height || data[y * width + x] === 0
  for (let i = 0; i < data.length; i++) {
    if (data[i] === 0) continue
    const [x, y] = [i % width, Math.floor(i / width)]
    if (isOut(x - 1, y) || isOut(x + 1, y) || isOut(x, y - 1) || isOut(x, y + 1)) border.push({ x, y })
  }
  return border
}
