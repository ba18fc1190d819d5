import { type Absent, isAbsent } from '#core/absent.ts'
import type { CodedFeatureName, CodedValue } from '#core/coded-features.ts'
import type { FeatureName, FeatureValue } from '#core/features.ts'
import type { RasterImage } from '#core/image.ts'
import type { Modality } from '#core/modality.ts'
import { describeMass, type MassSubject } from '#features/lexicon.ts'
import { describeLocation } from '#features/location.ts'
import { type Lesion, measure } from '#features/measure.ts'
import { measureStandardisedContrast } from '#features/standardised-contrast.ts'
import { marksDrawnOver } from '#imaging/burned-in.ts'
import type { Standardised } from '#imaging/standardise.ts'
import type { BreastArea } from './breast-area.ts'

/** What of a picture is tissue and what is drawn over it, for the regions on it. */
export type Visible = Pick<Lesion, 'tissue' | 'exposed' | 'muscleEdgePx' | 'burnedIn'>

export function visibleIn(raster: RasterImage, { exposed, muscle, breast }: BreastArea, modality: Modality): Visible {
  const isSeen = exposed.areaPx > 0
  return {
    tissue: isSeen ? breast : undefined,
    exposed: isSeen ? exposed : undefined,
    muscleEdgePx: isAbsent(muscle) ? undefined : muscle.edgePx,
    burnedIn: marksDrawnOver(raster, modality),
  }
}

/** Every feature of a region, numbers and words, and its contrasts once more on the standardised image. */
export interface MeasuredRegion {
  readonly features: Readonly<Record<FeatureName, FeatureValue> & Record<CodedFeatureName, CodedValue>>
  readonly contrastStandardised: Readonly<Partial<Record<FeatureName, FeatureValue>>> | Absent
}

/**
 * @param outlinedBy some words of a mass need a doctor's outline; undefined where nobody said whose it is
 * @throws MASK_EMPTY, MASK_SIZE_MISMATCH
 */
export function measureRegion(
  lesion: Lesion,
  outlinedBy: MassSubject['outlinedBy'],
  standardised: Standardised | Absent,
): MeasuredRegion {
  const features = measure(lesion)
  const words = describeMass({ features, modality: lesion.modality, outlinedBy })
  return {
    features: { ...features, ...describeLocation(lesion), ...words },
    contrastStandardised: isAbsent(standardised) ? standardised : measureStandardisedContrast(lesion, standardised),
  }
}
