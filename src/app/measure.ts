import path from 'node:path'
import { type Absent, absent, isAbsent } from '#core/absent.ts'
import { ScreeningError } from '#core/errors.ts'
import type { FeatureName, FeatureValue } from '#core/features.ts'
import type { Point } from '#core/geometry.ts'
import type { Size } from '#core/image.ts'
import type { RegionKinetics, SequenceFacts } from '#core/kinetics.ts'
import type { Modality } from '#core/modality.ts'
import type { PixelSpacing } from '#core/units.ts'
import { readBytes } from '#disk/read.ts'
import { measure } from '#features/measure.ts'
import { breastRegion } from '#imaging/breast-region.ts'
import { type BoundsPx, components } from '#imaging/components.ts'
import { decodeImage, decodeMask } from '#imaging/decode.ts'
import { toGrey } from '#imaging/grey.ts'
import { measureKinetics, sequenceFacts } from './measure-kinetics.ts'
import { nippleWithin } from './screen-image.ts'
import { readSequence } from './sequence-file.ts'

export interface MeasureOptions {
  /** A picture. */
  readonly image: string
  /** Its mask, black and white, of its size: every connected region of it is a lesion. */
  readonly mask: string
  /** Without it nothing is taken for background, and what one kind of image alone has is absent. */
  readonly modality?: Modality | undefined
  readonly spacing?: PixelSpacing | undefined
  readonly nipplePx?: Point | undefined
  /** A `sequence.json` whose frames have the size of the picture. */
  readonly sequence?: string | undefined
}

/** Every declared feature of every region of a mask. */
export interface Measurements {
  /** Base name of the picture. */
  readonly file: string
  readonly size: Size
  readonly pixelSpacingMm: PixelSpacing | null
  readonly nipplePx: Point | Absent
  readonly sequence: SequenceFacts | Absent
  /** Largest first. */
  readonly lesions: readonly MeasuredLesion[]
}

export interface MeasuredLesion {
  readonly number: number
  readonly boundsPx: BoundsPx
  readonly centroidPx: Point
  readonly features: Readonly<Record<FeatureName, FeatureValue>>
  /** Of every channel of the sequence. */
  readonly temporal: readonly RegionKinetics[] | Absent
}

/**
 * Measures what a person, or a model, has outlined.
 * @throws FILE_UNREADABLE, MASK_SIZE_MISMATCH, MASK_EMPTY where it outlines nothing; as `decodeImage`, `decodeMask` and
 *   `readSequence`.
 */
export async function measureOutlines(options: MeasureOptions): Promise<Measurements> {
  const { modality, spacing } = options
  const file = path.basename(options.image)
  const image = toGrey(await decodeImage(await readBytes(options.image), file))
  const marked = await decodeMask(await readBytes(options.mask), path.basename(options.mask))
  const size = { width: image.width, height: image.height }
  if (marked.areaPx === 0) throw new ScreeningError('MASK_EMPTY', { mask: path.basename(options.mask) })
  const breast = modality && breastRegion(image, modality)
  const tissue = breast && breast.areaPx > 0 ? breast : undefined
  const nipplePx = nippleWithin(options, size)
  const recorded = options.sequence === undefined ? absent('single-frame') : await readSequence(options.sequence)
  const lesions = components(marked).map(({ mask: region, boundsPx, centroidPx }, i) => {
    const features = measure({ image, region, marked, tissue, spacing, modality, nipplePx })
    const temporal = measureKinetics(recorded, region)
    return { number: i + 1, boundsPx, centroidPx, features, temporal }
  })
  const sequence = isAbsent(recorded) ? recorded : sequenceFacts(recorded)
  return { file, size, pixelSpacingMm: spacing ?? null, nipplePx, sequence, lesions }
}
