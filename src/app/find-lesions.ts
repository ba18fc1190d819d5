import { type Absent, absent, isAbsent } from '#core/absent.ts'
import { ScreeningError } from '#core/errors.ts'
import type { RasterImage } from '#core/image.ts'
import type { Mask } from '#core/mask.ts'
import type { Modality } from '#core/modality.ts'
import { DEFAULT_PREPROCESSING, type PreprocessingStep } from '#core/preprocessing.ts'
import type { StudyImage } from '#core/study.ts'
import { components } from '#imaging/components.ts'
import { type Standardised, standardise } from '#imaging/standardise.ts'
import { judgementOf } from './judgement.ts'
import type { MarkedRegion, Segmented, Segmenter } from './segment.ts'

/** What the model makes of the image, perhaps together with another one, which is named by its id in the report. */
export type Reader = (standardised: Standardised) => Promise<Segmented & { readonly readWith?: string | undefined }>

/** A region that a doctor drew has no band in which its outline might as well run. */
export interface FoundRegion extends Omit<MarkedRegion, 'bandAreaPx'> {
  readonly bandAreaPx: number | Absent
}

/** What is marked on an image, by whom, and how the image was standardised for it; or why nothing can be. */
export interface Found extends Omit<Segmented, 'mask' | 'regions' | 'secondLook'> {
  readonly mask: Mask | Absent
  readonly regions: readonly FoundRegion[]
  readonly readWith?: string | undefined
  readonly steps: readonly PreprocessingStep[] | Absent
  readonly standardised: Standardised | Absent
  /** It looks unlike those that the software learned from, and was judged all the same. */
  readonly isUnfamiliar: boolean
}

/**
 * What the model marks, where the image can be judged and the model was validated on its kind.
 * @throws what the segmenter throws
 */
export async function findLesions(
  raster: RasterImage,
  { modality, energy }: StudyImage,
  segment: Reader,
  segmenter: Segmenter,
): Promise<Found> {
  const first = segmenter.judge(raster, modality)
  if (isAbsent(first)) return nothingFound(first)
  if (!segmenter.isValidatedOn(modality, energy)) return nothingFound(absent('modality-not-validated'))
  const standardised = segmenter.standardise(raster, modality)
  const { secondLook, ...found } = await segment(standardised)
  const judged = judgementOf(first, secondLook)
  if (isAbsent(judged)) return nothingFound(judged)
  return { ...found, steps: standardised.steps, standardised, isUnfamiliar: judged === 'unfamiliar' }
}

function nothingFound(reason: Absent): Found {
  const none = { mask: reason, presence: reason, expectedDice: reason, steps: reason, standardised: reason }
  return { ...none, regions: [], isUnfamiliar: false }
}

/**
 * A doctor's mask. Contrasts stand for an image standardised as training does by default: no model was asked.
 * @throws MASK_SIZE_MISMATCH
 */
export function outlined(mask: Mask, raster: RasterImage, modality: Modality): Found {
  const { width, height } = raster
  if (mask.width !== width || mask.height !== height) {
    throw new ScreeningError('MASK_SIZE_MISMATCH', { mask: [mask.width, mask.height], image: [width, height] })
  }
  const byDoctor = absent('outlined-by-doctor')
  const standardised = standardise(raster, DEFAULT_PREPROCESSING[modality])
  const regions = components(mask).map((region) => ({ region, expectedDice: byDoctor, bandAreaPx: byDoctor }))
  return {
    mask,
    presence: byDoctor,
    expectedDice: byDoctor,
    regions,
    steps: byDoctor,
    standardised,
    isUnfamiliar: false,
  }
}
