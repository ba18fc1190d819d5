import { isAbsent } from '#core/absent.ts'
import { ScreeningError } from '#core/errors.ts'
import type { Modality } from '#core/modality.ts'
import type { Energy } from '#core/study.ts'
import { readBytes } from '#disk/read.ts'
import { decodeImage } from '#imaging/decode.ts'
import type { Standardised } from '#imaging/standardise.ts'
import type { Segmented, Segmenter } from './segment.ts'

interface ReadableImage {
  readonly path: string
  readonly file: string
  readonly modality: Modality
  readonly energy?: Energy | undefined
}

/** What a segmenter makes of an image, and with which other image it was read. */
export interface Reading<T> extends Segmented {
  readonly readWith: T | undefined
}

/**
 * Asks a segmenter image by image. Where an image has a companion (the other exposure of its view) and the model reads
 * pairs, both are read together and the companion's answer is kept until it is asked for: let it come soon.
 * @param companions of images, each of the other.
 * @returns a reader of an image and what it is standardised to.
 */
export function pairReader<T extends ReadableImage>(segmenter: Segmenter, companions: ReadonlyMap<T, T>) {
  const ahead = new Map<T, Promise<Segmented | undefined>>()
  return async (image: T, standardised: Standardised): Promise<Reading<T>> => {
    const companion = companions.get(image)
    if (companion !== undefined && segmenter.segmentPair) {
      const known = ahead.get(image) ?? readBoth(image, standardised, companion)
      ahead.delete(image)
      const segmented = await known
      if (segmented !== undefined) {
        // The subtracted image is read as it is by itself.
        return { ...segmented, readWith: image.energy === 'low-energy' ? companion : undefined }
      }
    }
    return { ...(await segmenter.segment(standardised, image.modality)), readWith: undefined }
  }

  /** The image's part; undefined where the companion cannot be read. */
  function readBoth(image: T, standardised: Standardised, companion: T): Promise<Segmented | undefined> {
    const both = segmentBoth(image, standardised, companion)
    const other = both.then((pair) => pair?.[companion.energy!])
    // A failure is heard where the image's own part is awaited.
    other.catch(() => undefined)
    ahead.set(companion, other)
    return both.then((pair) => pair?.[image.energy!])
  }

  async function segmentBoth(image: T, own: Standardised, companion: T) {
    const other = await standardisedOf(companion, segmenter)
    if (other === undefined) return undefined
    const isLow = image.energy === 'low-energy'
    return segmenter.segmentPair!(
      { 'low-energy': isLow ? own : other, subtracted: isLow ? other : own },
      image.modality,
    )
  }
}

/** Undefined where it cannot be read, or not be judged: then the other one is read alone. */
async function standardisedOf(image: ReadableImage, segmenter: Segmenter): Promise<Standardised | undefined> {
  try {
    const raster = await decodeImage(await readBytes(image.path), image.file)
    if (isAbsent(segmenter.judge(raster, image.modality))) return undefined
    return segmenter.standardise(raster, image.modality)
  } catch (error) {
    if (error instanceof ScreeningError) return undefined
    throw error
  }
}

/** The images with each companion right behind the first of its pair. */
export function pairsTogether<T>(images: readonly T[], companions: ReadonlyMap<T, T>): T[] {
  const ordered = images.flatMap((image) => {
    const companion = companions.get(image)
    return companion === undefined ? [image] : [image, companion]
  })
  return [...new Set(ordered)]
}
