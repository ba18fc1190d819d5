import { type Absent, absent } from '#core/absent.ts'
import { type FeatureName, type FeatureValue, featuresOf } from '#core/features.ts'
import type { Mask } from '#core/mask.ts'
import { type Mm, PIXEL_GRID } from '#core/units.ts'
import { maskIntoFrame } from '#imaging/resample.ts'
import type { Standardised } from '#imaging/standardise.ts'
import { type Lesion, measureSome } from './measure.ts'

/** Temperatures are those of the file: what standardisation makes of its pixels are none. */
const ON_ORIGINAL_PIXELS: ReadonlySet<FeatureName> = new Set(['temperatureDifference'])

/**
 * The contrast features of a region once more, on the image as the model sees it: denoised, its contrast adjusted, in the
 * frame of the model.
 */
export function measureStandardisedContrast(
  lesion: Lesion,
  { image, frame }: Pick<Standardised, 'image' | 'frame'>,
): Partial<Record<FeatureName, FeatureValue>> | Absent {
  const inFrame = (mask: Mask) => maskIntoFrame(mask, frame)
  const region = inFrame(lesion.region)
  if (region.areaPx === 0) return absent('region-too-small')
  const { x, y } = lesion.spacing ?? PIXEL_GRID
  const lesionInFrame = {
    ...lesion,
    image,
    region,
    marked: inFrame(lesion.marked),
    tissue: lesion.tissue && inFrame(lesion.tissue),
    exposed: undefined,
    burnedIn: lesion.burnedIn && inFrame(lesion.burnedIn),
    // contrasts are free of scale: without spacing these are pixels of the original
    spacing: { x: (x / frame.scaleX) as Mm, y: (y / frame.scaleY) as Mm },
    nipplePx: undefined,
  }
  const features = measureSome(lesionInFrame, featuresOf('contrast'))
  for (const name of ON_ORIGINAL_PIXELS) features[name] = absent('not-on-standardised-pixels')
  return features
}
