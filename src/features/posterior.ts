import { type Absent, absent } from '#core/absent.ts'
import type { GreyImage } from '#core/image.ts'
import type { Mask } from '#core/mask.ts'
import type { RingLimits } from './ring.ts'
import { boundsOf } from './shape.ts'

/** Of the strip's pixels below the region, and of those beside it, so many must be visible tissue. */
const LEAST_SHARE = 0.25

/**
 * Mean grey below a region over mean grey beside it at the same depth, for ultrasound, whose rows run along the skin:
 * above 1 posterior enhancement, below 1 shadowing. Unitless, 0 and more.
 * The strip below has the middle half of the region's width, where its edges do not refract, and the region's height; the
 * two beside it have a quarter of the width each and begin an eighth of it beyond the region's sides. Other marked regions
 * and background are left out; `surroundings-not-visible` where too little is left.
 * image: H×W, raw grey; region: H×W, 0/1. @throws MASK_EMPTY
 * Source: posterior acoustic features, BI-RADS 5th edition; strips as in Shen et al., Ultrasound Med. Biol. 33(11), 2007.
 */
export function posteriorAcousticRatio(image: GreyImage, region: Mask, limits: RingLimits): number | Absent {
  const { left, right, top, bottom } = boundsOf(region)
  const [width, height] = [right - left + 1, bottom - top + 1]
  const meanOf = (columns: readonly (readonly [number, number])[]) => {
    let [sum, count, whole] = [0, 0, 0]
    for (const [from, to] of columns) {
      const [first, last] = [Math.round(from), Math.round(to)]
      whole += (last - first) * height
      for (let y = bottom + 1; y <= Math.min(bottom + height, image.height - 1); y++) {
        for (let x = Math.max(first, 0); x < Math.min(last, image.width); x++) {
          const index = y * image.width + x
          if (limits.marked.data[index] !== 0 || limits.tissue?.data[index] === 0) continue
          sum += image.data[index]!
          count++
        }
      }
    }
    return count < LEAST_SHARE * whole || count === 0 ? undefined : sum / count
  }
  const below = meanOf([[left + width / 4, left + (3 * width) / 4]])
  const beside = meanOf([
    [left - (3 * width) / 8, left - width / 8],
    [left + (9 * width) / 8, left + (11 * width) / 8],
  ])
  if (below === undefined || beside === undefined || beside === 0) return absent('surroundings-not-visible')
  return below / beside
}
