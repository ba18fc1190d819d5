import { ScreeningError } from '#core/errors.ts'
import type { GreyImage } from '#core/image.ts'
import type { Mask } from '#core/mask.ts'
import type { GreyLevels } from './grey-levels.ts'

/**
 * Of a bin: float32 holds k/255 a hair below or above, and a value on the edge of two bins belongs to the upper one. A step
 * of 16-bit grey is five times as much, in 32 bins over the whole range.
 */
const ROUNDING = 1e-4

/**
 * Fixed bin number: the range of grey inside the mask cut into `binCount` bins of one width, so that a change of
 * brightness or contrast leaves the levels as they were. image: H×W, any unit; mask: H×W, 0/1. Levels 1..binCount;
 * where all values are one, that is the highest level, as the formula has it.
 * @throws MASK_SIZE_MISMATCH, MASK_EMPTY. Source: IBSI reference manual, fixed bin number, K15C.
 */
export function fixedBinNumber(image: GreyImage, mask: Mask, binCount: number): GreyLevels {
  checkMask(image, mask)
  let [lowest, highest] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY]
  for (let i = 0; i < mask.data.length; i++) {
    if (mask.data[i] === 0) continue
    lowest = Math.min(lowest, image.data[i]!)
    highest = Math.max(highest, image.data[i]!)
  }
  const bins = binCount / (highest - lowest)
  return levelsOf(image, mask, (value) =>
    value < highest ? Math.min(Math.floor(bins * (value - lowest) + ROUNDING) + 1, binCount) : binCount,
  )
}

/**
 * Fixed bin size: bins of one width from a set lowest value upwards, so that a level keeps its meaning from image to
 * image. image: H×W, any unit; mask: H×W, 0/1; lowest and binWidth: in the unit of the image. What lies below the lowest
 * value leaves the region, as re-segmentation would have it.
 * @throws MASK_SIZE_MISMATCH, MASK_EMPTY. Source: IBSI reference manual, fixed bin size, Q3RU.
 */
export function fixedBinSize(
  image: GreyImage,
  mask: Mask,
  { lowest, binWidth }: { readonly lowest: number; readonly binWidth: number },
): GreyLevels {
  checkMask(image, mask)
  return levelsOf(image, mask, (value) => (value < lowest ? 0 : Math.floor((value - lowest) / binWidth + ROUNDING) + 1))
}

function levelsOf({ data, width, height }: GreyImage, mask: Mask, level: (value: number) => number): GreyLevels {
  const levels = new Uint32Array(data.length)
  for (let i = 0; i < levels.length; i++) if (mask.data[i] !== 0) levels[i] = level(data[i]!)
  return { data: levels, width, height }
}

function checkMask(image: GreyImage, mask: Mask): void {
  if (mask.width !== image.width || mask.height !== image.height) {
    throw new ScreeningError('MASK_SIZE_MISMATCH', {
      mask: [mask.width, mask.height],
      image: [image.width, image.height],
    })
  }
  if (mask.areaPx === 0) throw new ScreeningError('MASK_EMPTY', { mask: [mask.width, mask.height] })
}
