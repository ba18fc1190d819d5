import { type BreastSummary, hasStandardView } from '#assessment/left-right.ts'
import { type Absent, absent, isAbsent } from '#core/absent.ts'
import type { BreastMap } from '#core/breast-map.ts'
import type { GreyImage, RasterImage } from '#core/image.ts'
import type { Mask } from '#core/mask.ts'
import type { StudyImage } from '#core/study.ts'
import { equivalentRing } from '#features/ring.ts'
import { vascularityIndex } from '#features/vascularity.ts'
import { type BreastFrame, breastFrame, breastMap, regionInFrame } from '#imaging/breast-frame.ts'
import { maskIntoFrame } from '#imaging/resample.ts'
import type { Standardised } from '#imaging/standardise.ts'
import { celsiusOf } from '#imaging/temperature.ts'
import type { RegionVascularity } from '#report/describe-breast.ts'
import type { BreastArea } from './breast-area.ts'

/** One breast and its marked regions in the frame that both sides share. */
export interface Mirrored {
  /** Where that frame lies in the image. */
  readonly frame: BreastFrame
  readonly map: BreastMap
  /** Of each lesion in the order of the report: which share of each cell it covers. */
  readonly shares: readonly Float32Array[]
}

/** The breast of one image beside its lesions. */
export interface BreastOfImage {
  readonly celsius: BreastSummary['celsius']
  readonly mirrored: Mirrored | Absent
  /** The same on the standardised image. */
  readonly mirroredStandardised: Mirrored | Absent
  readonly vascularity: readonly RegionVascularity[]
}

export interface BreastSources {
  readonly raster: RasterImage
  readonly grey: GreyImage
  readonly image: StudyImage
  readonly area: BreastArea
  readonly marked: Mask | Absent
  readonly regions: readonly Mask[]
  readonly standardised: Standardised | Absent
}

/** What is worked out once for an image: temperatures, the frame of both sides, colours. */
export function breastOfImage(id: string, sources: BreastSources): BreastOfImage {
  const { raster, grey, image, area, regions, standardised } = sources
  const isMirrored = hasStandardView(image)
  return {
    celsius: image.modality === 'TG' ? celsiusOf(raster, grey, image.temperature) : absent('not-for-this-modality'),
    mirrored: isMirrored ? mirroredOf(grey, area, regions, image) : absent('no-mirrored-view'),
    mirroredStandardised: !isMirrored
      ? absent('no-mirrored-view')
      : isAbsent(standardised)
        ? standardised
        : standardisedMirrored(area, regions, image, standardised),
    vascularity: image.colourDoppler === true ? vascularityOf(id, sources) : [],
  }
}

function standardisedMirrored(
  { exposed, breast }: Pick<BreastArea, 'exposed' | 'breast'>,
  regions: readonly Mask[],
  image: StudyImage,
  { image: standard, frame }: Standardised,
): Mirrored | Absent {
  const inFrame = regions.map((region) => maskIntoFrame(region, frame))
  const exposedInFrame = maskIntoFrame(exposed, frame)
  const breastInFrame = breast === exposed ? exposedInFrame : maskIntoFrame(breast, frame)
  return mirroredOf(standard, { exposed: exposedInFrame, breast: breastInFrame }, inFrame, image)
}

function mirroredOf(
  grey: GreyImage,
  { exposed, breast }: Pick<BreastArea, 'exposed' | 'breast'>,
  regions: readonly Mask[],
  { side }: StudyImage,
): Mirrored | Absent {
  const frame = breastFrame(exposed, side)
  if (isAbsent(frame)) return frame
  const shares = regions.map((region) => regionInFrame(region, frame))
  return { frame, map: breastMap(grey, exposed, frame, breast), shares }
}

function vascularityOf(
  id: string,
  { raster, image, area: { breast }, marked, regions }: BreastSources,
): RegionVascularity[] {
  if (isAbsent(marked)) return []
  const tissue = breast.areaPx > 0 ? breast : undefined
  return regions.map((region, i) => {
    const places = equivalentRing(region, { marked, tissue })
    for (let at = 0; at < region.data.length; at++) if (region.data[at] !== 0) places.push(at)
    const value = vascularityIndex(raster, places)
    const index = isAbsent(value) ? value : { value, unit: '%' as const }
    return { side: image.side, image: id, region: i + 1, index }
  })
}
