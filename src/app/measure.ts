import path from 'node:path'
import { type Absent, absent, isAbsent } from '#core/absent.ts'
import { ScreeningError } from '#core/errors.ts'
import type { Point } from '#core/geometry.ts'
import type { RasterImage, Size } from '#core/image.ts'
import type { RegionKinetics, SequenceFacts } from '#core/kinetics.ts'
import type { Modality } from '#core/modality.ts'
import { DEFAULT_PREPROCESSING } from '#core/preprocessing.ts'
import type { TemperatureScale } from '#core/temperature.ts'
import type { PixelSpacing } from '#core/units.ts'
import { readBytes } from '#disk/read.ts'
import type { Place } from '#features/location.ts'
import { type BoundsPx, components } from '#imaging/components.ts'
import { decodeImage, decodeMask } from '#imaging/decode.ts'
import { toGrey } from '#imaging/grey.ts'
import { standardise } from '#imaging/standardise.ts'
import { celsiusOf } from '#imaging/temperature.ts'
import { breastArea } from './breast-area.ts'
import { pictureOfSequence } from './made-picture.ts'
import { measureKinetics, sequenceFacts } from './measure-kinetics.ts'
import { type MeasuredRegion, measureRegion, visibleIn } from './measure-region.ts'
import { nippleWithin } from './nipple.ts'
import { type RecordedSequence, readSequence } from './sequence-file.ts'

export interface MeasureOptions {
  /** A picture; without one it is made from the sequence. */
  readonly image?: string | undefined
  /** Its mask, black and white, of its size: every connected region of it is a lesion. */
  readonly mask: string
  /** Without it nothing is taken for background, and what one kind of image alone has is absent. */
  readonly modality?: Modality | undefined
  readonly spacing?: PixelSpacing | undefined
  readonly nipplePx?: Point | undefined
  /** How the samples of a thermogram become degrees Celsius. */
  readonly temperature?: TemperatureScale | undefined
  /** Whose outlines the mask holds: some words of a mass need a doctor's. */
  readonly outlinedBy?: 'doctor' | 'software' | undefined
  /** Where the image was taken, and what was entered by hand. */
  readonly place?: Place | undefined
  /** A `sequence.json` whose frames have the size of the picture. */
  readonly sequence?: string | undefined
}

/** Every declared feature of every region of a mask. */
export interface Measurements {
  /** Base name of the picture, or of the sequence that it was made from. */
  readonly file: string
  /** Where no picture was given: how it was made (docs/sequence.md). */
  readonly madePicture?: 'baseline-mean'
  readonly size: Size
  readonly pixelSpacingMm: PixelSpacing | null
  readonly nipplePx: Point | Absent
  readonly sequence: SequenceFacts | Absent
  /** Largest first. */
  readonly lesions: readonly MeasuredLesion[]
}

/** The image is standardised as training does by default; absent where it is not said what it is of. */
export interface MeasuredLesion extends MeasuredRegion {
  readonly number: number
  readonly boundsPx: BoundsPx
  readonly centroidPx: Point
  /** Of every channel of the sequence. */
  readonly temporal: readonly RegionKinetics[] | Absent
}

/**
 * Measures what a person, or a model, has outlined.
 * @throws PICTURE_NOT_GIVEN without a picture and a sequence to make it from, FILE_UNREADABLE, MASK_SIZE_MISMATCH, MASK_EMPTY
 *   where it outlines nothing; as `decodeImage`, `decodeMask` and `readSequence`.
 */
export async function measureOutlines(options: MeasureOptions): Promise<Measurements> {
  const { modality, spacing } = options
  const recorded = options.sequence === undefined ? absent('single-frame') : await readSequence(options.sequence)
  const file = path.basename(options.image ?? options.sequence ?? '')
  const raster =
    options.image === undefined ? madePicture(recorded, file) : await decodeImage(await readBytes(options.image), file)
  const image = toGrey(raster)
  const marked = await decodeMask(await readBytes(options.mask), path.basename(options.mask))
  const size = { width: image.width, height: image.height }
  if (marked.areaPx === 0) throw new ScreeningError('MASK_EMPTY', { mask: path.basename(options.mask) })
  const area = modality && breastArea(image, { ...options.place, modality })
  const visible = area && visibleIn(raster, area, modality)
  const nipplePx = nippleWithin(options, size)
  const celsius = celsiusOf(raster, image, options.temperature)
  const celsiusPerGrey = isAbsent(celsius) ? celsius : celsius.perGrey
  const standardised =
    modality === undefined ? absent('not-for-this-modality') : standardise(raster, DEFAULT_PREPROCESSING[modality])
  const lesions = components(marked).map(({ mask: region, boundsPx, centroidPx }, i) => {
    const given = { spacing, modality, nipplePx, celsiusPerGrey, place: options.place }
    const measured = measureRegion({ image, region, marked, ...visible, ...given }, options.outlinedBy, standardised)
    return { number: i + 1, boundsPx, centroidPx, ...measured, temporal: measureKinetics(recorded, region) }
  })
  const sequence = isAbsent(recorded) ? recorded : sequenceFacts(recorded)
  const made = options.image === undefined && { madePicture: 'baseline-mean' as const }
  return { file, ...made, size, pixelSpacingMm: spacing ?? null, nipplePx, sequence, lesions }
}

function madePicture(recorded: RecordedSequence | Absent, file: string): RasterImage {
  if (isAbsent(recorded)) throw new ScreeningError('PICTURE_NOT_GIVEN', { file, sequence: recorded.absent })
  return pictureOfSequence(recorded)
}
