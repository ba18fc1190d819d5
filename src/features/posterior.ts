import { type Absent, absent } from '#core/absent.ts'
import type { GreyImage } from '#core/image.ts'
import type { Mask } from '#core/mask.ts'
import type { RingLimits } from './ring.ts'
import { boundsOf } from './shape.ts'

/** Of the rows below the region, so many must show tissue both below it and beside it. */
const LEAST_SHARE = 0.25

/** Columns from the first to before the last. */
type Columns = readonly [first: number, last: number]

/**
 * Mean grey below a region over mean grey beside it, row against row, for ultrasound, whose rows run along the skin:
 * above 1 posterior enhancement, below 1 shadowing. Unitless, 0 and more.
 * The strip below has the middle half of the region's width, where its edges do not refract, and the region's height; the
 * two beside it have a quarter of the width each and begin an eighth of it beyond the region's sides. Other marked regions
 * and background are left out; a row counts where both have tissue, so that equal depths are compared, and
 * `surroundings-not-visible` is said where that is less than a quarter of them.
 * image: H×W, raw grey; region: H×W, 0/1. @throws MASK_EMPTY
 * Source: posterior acoustic features, BI-RADS 5th edition; after Shen et al., Ultrasound Med. Biol. 33(11), 2007.
 */
export function posteriorAcousticRatio(image: GreyImage, region: Mask, limits: RingLimits): number | Absent {
  const { left, right, top, bottom } = boundsOf(region)
  const [width, height] = [right - left + 1, bottom - top + 1]
  const [inset, gap, wide] = [Math.round(width / 4), Math.round(width / 8), Math.max(1, Math.round(width / 4))]
  const below: Columns[] = [[left + inset, right + 1 - inset]]
  const beside: Columns[] = [
    [left - gap - wide, left - gap],
    [right + 1 + gap, right + 1 + gap + wide],
  ]
  let [sumBelow, sumBeside, rows] = [0, 0, 0]
  for (let y = bottom + 1; y <= Math.min(bottom + height, image.height - 1); y++) {
    const [under, around] = [meanOfRow(image, y, below, limits), meanOfRow(image, y, beside, limits)]
    if (under === undefined || around === undefined) continue
    sumBelow += under
    sumBeside += around
    rows++
  }
  const isEnough = rows >= LEAST_SHARE * height && sumBeside > 0
  return isEnough ? sumBelow / sumBeside : absent('surroundings-not-visible')
}

/** Of the visible tissue in some columns of a row; undefined where there is none. */
function meanOfRow(
  { data, width }: GreyImage,
  y: number,
  columns: readonly Columns[],
  { marked, tissue }: RingLimits,
): number | undefined {
  let [sum, count] = [0, 0]
  for (const [first, last] of columns) {
    for (let x = Math.max(first, 0); x < Math.min(last, width); x++) {
      const index = y * width + x
      if (marked.data[index] !== 0 || tissue?.data[index] === 0) continue
      sum += data[index]!
      count++
    }
  }
  return count === 0 ? undefined : sum / count
}
