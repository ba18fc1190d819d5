import { createHash } from 'node:crypto'
import { type Extent, hasStandardView, type ImageSummary } from '#assessment/left-right.ts'
import type { Scorable } from '#assessment/score.ts'
import { type Absent, absent, isAbsent, isUnjudgeable } from '#core/absent.ts'
import type { GreyImage, RasterImage, Size } from '#core/image.ts'
import type { Mask } from '#core/mask.ts'
import type { QualityFinding } from '#core/quality.ts'
import type { ReadImage } from '#core/report.ts'
import type { ScoreValue } from '#core/score.ts'
import type { StudyImage } from '#core/study.ts'
import { contours } from '#imaging/components.ts'
import { decodeImage } from '#imaging/decode.ts'
import { encodeMaskPng, encodePng } from '#imaging/encode.ts'
import { toGrey } from '#imaging/grey.ts'
import { assessQuality } from '#imaging/quality.ts'
import type { ImageAsset } from '#report/figures.ts'
import { smoothOutline } from '#report/outline.ts'
import { markedOnOwnSide, nippleOnOwnSide, type OneOfBoth, oneOfBoth, recordedOnOwnSide } from './both-breasts.ts'
import { type BreastArea, breastArea } from './breast-area.ts'
import { type BreastOfImage, breastOfImage } from './breast-of-image.ts'
import { type Found, findLesions, outlined, type Reader } from './find-lesions.ts'
import { kineticPictures } from './kinetic-pictures.ts'
import { asValue, lesionOf, type Surroundings } from './lesion-report.ts'
import { sequenceFacts } from './measure-kinetics.ts'
import { visibleIn } from './measure-region.ts'
import { type NippleFinder, nippleOf, toTenth } from './nipple.ts'
import { displayable, pictureAddress, withOutlines } from './picture.ts'
import type { Segmenter } from './segment.ts'
import type { RecordedSequence } from './sequence-file.ts'

/** A file of the output folder, its path relative to it. */
export interface OutputFile {
  readonly path: string
  readonly content: Uint8Array
}

/** What of an image its counterpart of the other breast is compared with over time. */
export interface RecordedBreast {
  readonly recorded: RecordedSequence | Absent
  readonly breast: Mask
  /** Of each lesion in the order of the report. */
  readonly regions: readonly Mask[]
}

/** Everything that one image contributes to a screening. */
export interface ScreenedImage {
  readonly report: ReadImage
  readonly asset: ImageAsset
  readonly summary: ImageSummary
  readonly files: readonly OutputFile[]
  readonly breast: BreastOfImage
  readonly recording: RecordedBreast
}

/** What a person or a device gave beside an image. */
export interface GivenBeside {
  readonly segment: Reader
  /** A doctor's mask: measured in place of the model's. */
  readonly outline?: Mask | undefined
  readonly sequence: RecordedSequence | Absent
  /** Where no picture was given and it was made from the sequence: the hash of the frames. */
  readonly madeFrom?: { readonly sha256: string } | undefined
  /** Of a region that the software marked. */
  readonly score: (region: Scorable) => ScoreValue
  readonly proposeNipple: NippleFinder
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
  given: GivenBeside,
  segmenter: Segmenter,
): Promise<ScreenedImage> {
  const raster = await decodeImage(bytes, image.file)
  const display = displayable(raster)
  const { grey, shown, area, found, sequence, one } = await seenOn({ raster, display, image }, given, segmenter)
  const visible = visibleIn(raster, area, image.modality)
  const { mask, standardised } = found
  const files = isAbsent(mask) ? [] : await outputFiles(mask, display, id)
  const findNipple = isUnjudgeable(mask) ? async () => mask : given.proposeNipple
  const told = await nippleOf(shown, image, area, findNipple)
  const nipple = one === undefined ? told : nippleOnOwnSide(told, one)
  const regions = found.regions.map(({ region }) => region.mask)
  const ofBreast = breastOfImage(id, { raster, grey, image, area, marked: mask, regions, standardised })
  const report: ReadImage = {
    status: 'read',
    ...factsOf(image, id),
    sha256: given.madeFrom?.sha256 ?? createHash('sha256').update(bytes).digest('hex'),
    ...(given.madeFrom === undefined ? {} : { madePicture: 'baseline-mean' as const }),
    size: { width: raster.width, height: raster.height },
    pixelSpacingMm: image.spacing ?? absent('no-pixel-spacing'),
    ...nipple,
    pectoralMuscle: isUnjudgeable(mask) ? mask : muscleFacts(area),
    // Advice on taking an ultrasound again does not fit what is none.
    quality: isUnjudgeable(mask)
      ? []
      : [...assessQuality(raster, image.modality, visible.burnedIn), ...unfamiliarity(found)],
    standardisation: isAbsent(found.steps) ? found.steps : [...found.steps],
    presence: found.presence,
    ...(found.readWith === undefined ? {} : { readWith: found.readWith }),
    sequence: isAbsent(sequence) ? sequence : sequenceFacts(sequence),
    marking: markingOf(found, id, given, {
      ...{ grey, image, sequence, standardised, nipplePx: nipple.nipplePx, celsius: ofBreast.celsius },
      visible,
    }),
  }
  const asset = {
    href: await pictureAddress(display),
    outlines: isAbsent(mask) ? [] : contours(mask).map(smoothOutline),
    breast: isUnjudgeable(mask) ? [] : breastOutlines(area, image),
    ...(isAbsent(sequence)
      ? {}
      : { kinetics: await kineticPictures(sequence, grey, { breast: area.breast, marked: mask }) }),
  }
  // Of two breasts on one picture each is an ellipse that was guessed: its area is no measurement.
  const spacing = image.isBilateral ? absent('not-for-this-modality') : report.pixelSpacingMm
  const summary = summaryOf(report, breastSummary(grey, mask, area, spacing, ofBreast), mask)
  // Frames are large: those that nothing mirrors are let go.
  const recorded = hasStandardView(image) ? sequence : absent('no-mirrored-view')
  return { report, asset, summary, files, breast: ofBreast, recording: { recorded, breast: area.breast, regions } }
}

/** What is on a picture, or on the half of it that shows the image's side. */
interface Seen {
  readonly grey: GreyImage
  /** What is learned of thermograms is applied to what an eye sees of temperatures, which use a part of their range. */
  readonly shown: GreyImage
  readonly area: BreastArea
  readonly found: Found
  readonly sequence: RecordedSequence | Absent
  readonly one?: OneOfBoth | undefined
}

async function seenOn(
  { raster, display, image }: { raster: RasterImage; display: RasterImage; image: StudyImage },
  given: GivenBeside,
  segmenter: Segmenter,
): Promise<Seen> {
  const grey = toGrey(raster)
  const shown = image.modality === 'TG' ? toGrey(display) : grey
  const found = await markedOn(raster, image, given, segmenter)
  const sequence = fitting(given.sequence, raster)
  if (!image.isBilateral) return { grey, shown, area: breastArea(grey, image), found, sequence }
  const one = await oneOfBoth(shown, image)
  const own = isAbsent(sequence) ? sequence : recordedOnOwnSide(sequence, one)
  return { grey, shown, area: one.area, found: markedOnOwnSide(found, one), sequence: own, one }
}

/** By a doctor, or else by the model. */
async function markedOn(
  raster: RasterImage,
  image: StudyImage,
  { outline, segment }: GivenBeside,
  segmenter: Segmenter,
): Promise<Found> {
  return outline ? outlined(outline, raster, image.modality) : findLesions(raster, image, segment, segmenter)
}

/** What is marked, region by region. The score learned from the software's outlines, which are smoother than a doctor's. */
function markingOf(
  { mask, regions, presence, expectedDice }: Found,
  id: string,
  { outline, score }: GivenBeside,
  surroundings: Omit<Surroundings, 'marked' | 'outlinedBy' | 'scoreOf'>,
): ReadImage['marking'] {
  if (isAbsent(mask)) return mask
  const outlinedBy = outline ? 'doctor' : 'software'
  const scoreOf = (features: Scorable['features']) =>
    outline ? absent('outlined-by-doctor') : score({ features, presence })
  const lesions = regions.map((region, i) =>
    lesionOf(region, i + 1, { ...surroundings, marked: mask, outlinedBy, scoreOf }),
  )
  const files = { mask: maskPath(id), overlay: overlayPath(id) }
  return { by: outlinedBy, ...files, expectedDice: asValue(expectedDice, '1'), lesions }
}

function muscleFacts({ muscle }: BreastArea): ReadImage['pectoralMuscle'] {
  if (isAbsent(muscle)) return muscle
  const [upper, lower] = muscle.edgePx
  return { edgePx: [toTenth(upper), toTenth(lower)] }
}

/** One of the two looks that it takes to refuse a picture found it unlike those that the software learned from. */
function unfamiliarity({ isUnfamiliar }: Found): QualityFinding[] {
  return isUnfamiliar ? [{ code: 'unfamiliar', severity: 'note', value: 1, limit: 2 }] : []
}

/** What the report says of an image whether it could be read or not. */
export function factsOf({ file, side, isBilateral, view, modality, energy, date }: StudyImage, id: string) {
  return {
    id,
    file,
    side,
    ...(isBilateral ? { isBilateral: true as const } : {}),
    view,
    modality,
    ...(energy === undefined ? {} : { energy }),
    ...(date === undefined ? {} : { date }),
  }
}

function fitting(sequence: RecordedSequence | Absent, { width, height }: Size): RecordedSequence | Absent {
  if (isAbsent(sequence)) return sequence
  const { sequence: frames } = sequence
  return frames.width === width && frames.height === height ? sequence : absent('sequence-unreadable')
}

const maskPath = (id: string) => `masks/${id}.png`
const overlayPath = (id: string) => `overlays/${id}.png`

async function outputFiles(mask: Mask, display: RasterImage, id: string): Promise<OutputFile[]> {
  return [
    { path: maskPath(id), content: await encodeMaskPng(mask) },
    { path: overlayPath(id), content: await encodePng(withOutlines(display, mask)) },
  ]
}

function summaryOf(report: ReadImage, breast: ImageSummary['breast'], mask: Mask | Absent): ImageSummary {
  const { id, side, modality, view, energy, marking } = report
  const count = isAbsent(marking) ? 0 : marking.lesions.length
  const picture = report.isBilateral && report.sha256
  return { id, side, modality, view, energy, picture, breast, marked: isAbsent(mask) ? mask : { count } }
}

function breastSummary(
  grey: GreyImage,
  marked: Mask | Absent,
  { exposed, muscle, breast }: BreastArea,
  spacing: ReadImage['pixelSpacingMm'],
  { celsius, mirrored }: BreastOfImage,
): ImageSummary['breast'] {
  const extent = extentOf(grey, marked, exposed, spacing)
  if (isAbsent(extent)) return extent
  return {
    exposed: extent,
    withoutMuscle: isAbsent(muscle) ? muscle : extentOf(grey, marked, breast, spacing),
    map: isAbsent(mirrored) ? mirrored : mirrored.map,
    celsius,
  }
}

/** Drawn on mammograms and where one of two breasts is told of: only there was the outline of the breast looked at. */
function breastOutlines({ breast }: BreastArea, { modality, isBilateral }: StudyImage) {
  return modality === 'MG' || isBilateral ? contours(breast).slice(0, 1).map(smoothOutline) : []
}

function extentOf(
  grey: GreyImage,
  marked: Mask | Absent,
  breast: Mask,
  spacing: ReadImage['pixelSpacingMm'],
): Extent | Absent {
  let [areaPx, sum] = [0, 0]
  for (let i = 0; i < breast.data.length; i++) {
    if (breast.data[i] === 0) continue
    areaPx++
    sum += grey.data[i]!
  }
  if (areaPx === 0) return absent('breast-region-not-found')
  return {
    areaPx,
    markedPx: isAbsent(marked) ? 0 : marked.and(breast).areaPx,
    areaMm2: isAbsent(spacing) ? spacing : areaPx * spacing.x * spacing.y,
    meanGrey: sum / areaPx,
  }
}
