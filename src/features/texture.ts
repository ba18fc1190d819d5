import { type Absent, isAbsent } from '#core/absent.ts'
import type { GreyImage } from '#core/image.ts'
import type { Mask } from '#core/mask.ts'
import { fixedBinNumber } from './discretise.ts'
import { intensityHistogram } from './first-order.ts'
import { glcmFeatures } from './glcm.ts'
import { glrlmFeatures } from './glrlm.ts'

/** Grey levels that texture tells apart. */
const BINS = 32

/** Texture of one region, unitless; see the modules that each value comes from. */
export interface Texture {
  readonly greyLevelEntropy: number
  readonly glcmContrast: number
  readonly glcmCorrelation: number
  readonly glcmJointEntropy: number
  readonly glcmInverseDifference: number
  readonly shortRunsEmphasis: number
  readonly longRunsEmphasis: number
}

/**
 * Texture of a region, its grey cut into 32 levels; absent where no two of its pixels touch. image: H×W, any unit; region:
 * H×W, 0/1.
 * @throws MASK_SIZE_MISMATCH, MASK_EMPTY
 */
export function textureOf(image: GreyImage, region: Mask): Texture | Absent {
  const slices = [fixedBinNumber(image, region, BINS)]
  const [pairs, runs] = [glcmFeatures(slices, '2D-averaged'), glrlmFeatures(slices, '2D-averaged')]
  if (isAbsent(pairs)) return pairs
  if (isAbsent(runs)) return runs
  return {
    greyLevelEntropy: intensityHistogram(slices).entropy,
    glcmContrast: pairs.contrast,
    glcmCorrelation: pairs.correlation,
    glcmJointEntropy: pairs.jointEntropy,
    glcmInverseDifference: pairs.inverseDifference,
    shortRunsEmphasis: runs.shortRunsEmphasis,
    longRunsEmphasis: runs.longRunsEmphasis,
  }
}
