import { createHash } from 'node:crypto'
import type { ImageSummary } from '#assessment/left-right.ts'
import { type Absent, absent, isAbsent, isUnjudgeable } from '#core/absent.ts'
import { type FeatureGroup, type FeatureName, type FeatureValue, featuresOf } from '#core/features.ts'
import type { Point } from '#core/geometry.ts'
import type { GreyImage, RasterImage, Size } from '#core/image.ts'
import type { Mask } from '#core/mask.ts'
import type { PreprocessingStep } from '#core/preprocessing.ts'
import type { Lesion, ReadImage } from '#core/report.ts'
import type { StudyImage } from '#core/study.ts'
import { type Mm, PIXEL_GRID, type PixelSpacing, type Unit } from '#core/units.ts'
import { measure } from '#features/measure.ts'
import { breastRegion } from '#imaging/breast-region.ts'
import { contours } from '#imaging/components.ts'
import { decodeImage } from '#imaging/decode.ts'
import { encodeMaskPng, encodePng } from '#imaging/encode.ts'
import { toGrey } from '#imaging/grey.ts'
import { meanBandWidth } from '#imaging/perimeter.ts'
import { assessQuality } from '#imaging/quality.ts'
import type { ImageAsset } from '#report/figures.ts'
import { smoothOutline } from '#report/outline.ts'
import { displayable, pictureAddress, withOutlines } from './picture.ts'
import type { MarkedRegion, Segmented, Segmenter } from './segment.ts'

/** A file of the output folder, its path relative to it. */
export interface OutputFile {
  readonly path: string
  readonly content: Uint8Array
}

/** Everything that one image contributes to a screening. */
export interface ScreenedImage {
  readonly report: ReadImage
  readonly asset: ImageAsset
  readonly summary: ImageSummary
  readonly files: readonly OutputFile[]
}

/**
 * One image, from its bytes to its part of the report.
 * @param id names the image in the report and its files in the output folder; says nothing of a person.
 * @throws what `decodeImage` and the segmenter throw.
 */
export async function screenImage(
  bytes: Uint8Array,
  image: StudyImage,
  id: string,
  segmenter: Segmenter,
): Promise<ScreenedImage> {
  const raster = await decodeImage(bytes, image.file)
  const grey = toGrey(raster)
  const found = await findLesions(raster, image, segmenter)
  const breast = breastRegion(grey, image.modality)
  const display = displayable(raster)
  const mask = found.mask
  const files = isAbsent(mask) ? [] : await outputFiles(mask, display, id)
  const nipplePx = nippleWithin(image, raster)
  const report: ReadImage = {
    status: 'read',
    ...factsOf(image, id),
    sha256: createHash('sha256').update(bytes).digest('hex'),
    size: { width: raster.width, height: raster.height },
    pixelSpacingMm: image.spacing ?? absent('no-pixel-spacing'),
    nipplePx,
    // Advice on taking an ultrasound again does not fit what is none.
    quality: isUnjudgeable(mask) ? [] : assessQuality(raster, image.modality),
    standardisation: isAbsent(found.steps) ? found.steps : [...found.steps],
    presence: found.presence,
    marking: isAbsent(mask)
      ? mask
      : {
          mask: maskPath(id),
          overlay: overlayPath(id),
          expectedDice: asValue(found.expectedDice, '1'),
          lesions: found.regions.map((region, i) =>
            lesionOf(region, i + 1, { grey, image, nipplePx, marked: mask, breast }),
          ),
        },
  }
  const asset = {
    href: await pictureAddress(display),
    outlines: isAbsent(mask) ? [] : contours(mask).map(smoothOutline),
  }
  return { report, asset, summary: summaryOf(report, breastSummary(grey, breast, report.pixelSpacingMm), mask), files }
}

/** What the report says of an image whether it could be read or not. */
export function factsOf({ file, side, view, modality, energy, date }: StudyImage, id: string) {
  return {
    id,
    file,
    side,
    view,
    modality,
    ...(energy === undefined ? {} : { energy }),
    ...(date === undefined ? {} : { date }),
  }
}

/** A nipple outside of the picture is a slip of the pen or another picture's: no distance may come of it. */
export function nippleWithin({ nipplePx }: Pick<StudyImage, 'nipplePx'>, { width, height }: Size): Point | Absent {
  if (nipplePx === undefined) return absent('nipple-not-given')
  const isInside = nipplePx.x >= -0.5 && nipplePx.y >= -0.5 && nipplePx.x <= width - 0.5 && nipplePx.y <= height - 0.5
  return isInside ? nipplePx : absent('nipple-outside-image')
}

interface Found extends Omit<Segmented, 'mask'> {
  readonly mask: Mask | Absent
  readonly steps: readonly PreprocessingStep[] | Absent
}

async function findLesions(
  raster: RasterImage,
  { modality, energy }: StudyImage,
  segmenter: Segmenter,
): Promise<Found> {
  const judged = segmenter.judge(raster, modality)
  const refused = isAbsent(judged) ? judged : absent('modality-not-validated')
  if (isAbsent(judged) || !segmenter.isValidatedOn(modality, energy)) {
    return { mask: refused, presence: refused, expectedDice: refused, regions: [], steps: refused }
  }
  const standardised = segmenter.standardise(raster, modality)
  return { ...(await segmenter.segment(standardised, modality)), steps: standardised.steps }
}

const maskPath = (id: string) => `masks/${id}.png`
const overlayPath = (id: string) => `overlays/${id}.png`

async function outputFiles(mask: Mask, display: RasterImage, id: string): Promise<OutputFile[]> {
  return [
    { path: maskPath(id), content: await encodeMaskPng(mask) },
    { path: overlayPath(id), content: await encodePng(withOutlines(display, mask)) },
  ]
}

interface Surroundings {
  readonly grey: GreyImage
  readonly image: StudyImage
  readonly nipplePx: Point | Absent
  readonly marked: Mask
  readonly breast: Mask
}

function lesionOf(
  { region, expectedDice, bandAreaPx }: MarkedRegion,
  number: number,
  { grey, image, nipplePx, marked, breast }: Surroundings,
): Lesion {
  const spacing = spacingOf(image)
  const features = measure({
    image: grey,
    region: region.mask,
    marked,
    tissue: breast.areaPx > 0 ? breast : undefined,
    spacing,
    modality: image.modality,
    nipplePx,
  })
  return {
    number,
    boundsPx: region.boundsPx,
    centroidPx: region.centroidPx,
    features: {
      location: ofGroup('location', features),
      spatial: ofGroup('spatial', features),
      temporal: absent('single-frame'),
      contrast: ofGroup('contrast', features),
    },
    confidence: {
      expectedDice: asValue(expectedDice, '1'),
      outlineUncertaintyMm: asValue(
        spacing === undefined ? absent('no-pixel-spacing') : meanBandWidth(bandAreaPx, region, spacing),
        'mm',
      ),
      outlineUncertaintyPx: asValue(meanBandWidth(bandAreaPx, region, PIXEL_GRID), 'px'),
    },
  }
}

function asValue(value: number | Absent, unit: Unit): FeatureValue {
  if (isAbsent(value)) return value
  return { value, unit, ...(unit === 'px' ? { uncalibrated: true as const } : {}) }
}

function ofGroup<G extends Exclude<FeatureGroup, 'temporal'>>(
  group: G,
  features: Readonly<Record<FeatureName, FeatureValue>>,
): Lesion['features'][G] {
  return Object.fromEntries(featuresOf(group).map((name) => [name, features[name]])) as Lesion['features'][G]
}

function spacingOf({ spacing }: StudyImage): PixelSpacing | undefined {
  return spacing === undefined ? undefined : { x: spacing.x as Mm, y: spacing.y as Mm }
}

function summaryOf(report: ReadImage, breast: ImageSummary['breast'], mask: Mask | Absent): ImageSummary {
  const { id, side, modality, view, energy, marking } = report
  const count = isAbsent(marking) ? 0 : marking.lesions.length
  return { id, side, modality, view, energy, breast, marked: isAbsent(mask) ? mask : { count, areaPx: mask.areaPx } }
}

function breastSummary(grey: GreyImage, breast: Mask, spacing: ReadImage['pixelSpacingMm']): ImageSummary['breast'] {
  let [areaPx, sum] = [0, 0]
  for (let i = 0; i < breast.data.length; i++) {
    if (breast.data[i] === 0) continue
    areaPx++
    sum += grey.data[i]!
  }
  if (areaPx === 0) return absent('breast-region-not-found')
  return { areaPx, areaMm2: isAbsent(spacing) ? spacing : areaPx * spacing.x * spacing.y, meanGrey: sum / areaPx }
}
