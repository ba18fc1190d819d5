import type { Scorable } from '#assessment/score.ts'
import { type Absent, absent, isAbsent } from '#core/absent.ts'
import { type CodedFeatureName, type CodedValue, codedFeaturesOf } from '#core/coded-features.ts'
import { type FeatureGroup, type FeatureName, type FeatureValue, featuresOf } from '#core/features.ts'
import type { Point } from '#core/geometry.ts'
import type { GreyImage } from '#core/image.ts'
import type { Mask } from '#core/mask.ts'
import type { Lesion } from '#core/report.ts'
import type { ScoreValue } from '#core/score.ts'
import type { StudyImage } from '#core/study.ts'
import { type Mm, PIXEL_GRID, type PixelSides, type PixelSpacing, type Unit } from '#core/units.ts'
import { meanBandWidth } from '#imaging/perimeter.ts'
import type { Standardised } from '#imaging/standardise.ts'
import type { BreastOfImage } from './breast-of-image.ts'
import type { FoundRegion } from './find-lesions.ts'
import { measureKinetics } from './measure-kinetics.ts'
import { measureRegion, type Visible } from './measure-region.ts'
import type { RecordedSequence } from './sequence-file.ts'

/** What a region is measured against. */
export interface Surroundings {
  readonly grey: GreyImage
  readonly image: StudyImage
  readonly nipplePx: Point | Absent
  readonly marked: Mask
  readonly visible: Visible
  readonly outlinedBy: 'doctor' | 'software'
  readonly sequence: RecordedSequence | Absent
  readonly celsius: BreastOfImage['celsius']
  readonly standardised: Standardised | Absent
  readonly scoreOf: (features: Scorable['features']) => ScoreValue
}

/** One marked region as the report tells it: its place, every feature, its score and how far its outline holds. */
export function lesionOf(
  { region, expectedDice, bandAreaPx }: FoundRegion,
  number: number,
  { grey, image, nipplePx, marked, visible, outlinedBy, sequence, celsius, standardised, scoreOf }: Surroundings,
): Lesion {
  const spacing = spacingOf(image)
  const bandWidth = (sides: PixelSides) =>
    isAbsent(bandAreaPx) ? bandAreaPx : meanBandWidth(bandAreaPx, region, sides)
  const subject = {
    image: grey,
    region: region.mask,
    marked,
    ...visible,
    spacing,
    modality: image.modality,
    nipplePx,
    celsiusPerGrey: isAbsent(celsius) ? celsius : celsius.perGrey,
    place: image,
  }
  const { features, contrastStandardised } = measureRegion(subject, outlinedBy, standardised)
  return {
    number,
    boundsPx: region.boundsPx,
    centroidPx: region.centroidPx,
    features: {
      location: ofGroup('location', features),
      spatial: ofGroup('spatial', features),
      temporal: measureKinetics(sequence, region.mask),
      contrast: ofGroup('contrast', features),
      contrastStandardised: isAbsent(contrastStandardised) ? contrastStandardised : contrastOf(contrastStandardised),
    },
    score: scoreOf(features),
    confidence: {
      expectedDice: asValue(expectedDice, '1'),
      outlineUncertaintyMm: asValue(spacing === undefined ? absent('no-pixel-spacing') : bandWidth(spacing), 'mm'),
      outlineUncertaintyPx: asValue(bandWidth(PIXEL_GRID), 'px'),
    },
  }
}

export function asValue(value: number | Absent, unit: Unit): FeatureValue {
  if (isAbsent(value)) return value
  return { value, unit, ...(unit === 'px' ? { uncalibrated: true as const } : {}) }
}

function ofGroup<G extends Exclude<FeatureGroup, 'temporal'>>(
  group: G,
  features: Readonly<Partial<Record<FeatureName, FeatureValue> & Record<CodedFeatureName, CodedValue>>>,
): Lesion['features'][G] {
  const names = [...featuresOf(group), ...codedFeaturesOf(group)]
  return Object.fromEntries(names.map((name) => [name, features[name]])) as Lesion['features'][G]
}

type Contrast = Exclude<Lesion['features']['contrastStandardised'], Absent>

function contrastOf(features: Readonly<Partial<Record<FeatureName, FeatureValue>>>): Contrast {
  return Object.fromEntries(featuresOf('contrast').map((name) => [name, features[name]])) as Contrast
}

function spacingOf({ spacing }: StudyImage): PixelSpacing | undefined {
  return spacing === undefined ? undefined : { x: spacing.x as Mm, y: spacing.y as Mm }
}
