import { type Absent, absent } from '#core/absent.ts'
import type { Point } from '#core/geometry.ts'
import type { GreyImage } from '#core/image.ts'
import type { Mask } from '#core/mask.ts'
import type { PixelSides } from '#core/units.ts'
import type { RingLimits } from './ring.ts'

/** The normal stands upright on the line between the points so many before and behind: the pixel grid has few directions. */
const NEIGHBOURS = 3
/** Of the outline's points, so many must have the region on the one side and visible tissue on the other. */
const LEAST_SHARE = 0.5

interface MarginSubject extends RingLimits {
  readonly image: GreyImage
  readonly region: Mask
}

/**
 * How much grey changes across an outline: mean, over its points, of the grey `reach` outside less that `reach` inside,
 * along the normal; its absolute value, so that dark and bright regions are alike. In the unit of the image, 0 and more.
 * A point counts where what is read outside is tissue and what is read inside is the region's; `surroundings-not-visible`
 * where that is less than half of them.
 * outline: as outlineOf gives it, not smoothed, in the unit of the sides; reach: in that unit.
 * Source: after the boundary of the mass as the difference of grey beside it, Shen et al., Ultrasound Med. Biol. 33(11),
 * 2007.
 */
export function marginSharpness(
  { image, region, marked, tissue }: MarginSubject,
  outline: readonly Point[],
  reach: number,
  side: PixelSides,
): number | Absent {
  const isOutside = (index: number) => marked.data[index] === 0 && (tissue === undefined || tissue.data[index] !== 0)
  const isInside = (index: number) => region.data[index] !== 0
  let [sum, count] = [0, 0]
  for (const [i, point] of outline.entries()) {
    const before = outline[(i + outline.length - NEIGHBOURS) % outline.length]!
    const after = outline[(i + NEIGHBOURS) % outline.length]!
    const [along, down] = [after.x - before.x, after.y - before.y]
    const step = reach / Math.hypot(along, down)
    const at = (way: number): Point => ({
      x: (point.x + way * step * down) / side.x,
      y: (point.y - way * step * along) / side.y,
    })
    const [outside, inside] = [greyAt(image, at(1), isOutside), greyAt(image, at(-1), isInside)]
    if (outside === undefined || inside === undefined) continue
    sum += outside - inside
    count++
  }
  return count < LEAST_SHARE * outline.length ? absent('surroundings-not-visible') : Math.abs(sum / count)
}

/** Bilinear; undefined unless every pixel that has a share lies in the image and counts, and at a place that is none. */
export function greyAt({ data, width, height }: GreyImage, { x, y }: Point, counts: (index: number) => boolean) {
  // Where a region is so thin that its outline has no normal.
  if (!Number.isFinite(x) || !Number.isFinite(y)) return undefined
  const [left, top] = [Math.floor(x), Math.floor(y)]
  let sum = 0
  for (let row = top; row <= top + 1; row++) {
    for (let column = left; column <= left + 1; column++) {
      const share = (1 - Math.abs(column - x)) * (1 - Math.abs(row - y))
      if (share === 0) continue
      const index = row * width + column
      const isInImage = column >= 0 && row >= 0 && column < width && row < height
      if (!isInImage || !counts(index)) return undefined
      sum += share * data[index]!
    }
  }
  return sum
}
