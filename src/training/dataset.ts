import { createHash } from 'node:crypto'
import path from 'node:path'
import { ScreeningError } from '#core/errors.ts'
import { GreyImage, type RasterImage } from '#core/image.ts'
import { Mask } from '#core/mask.ts'
import type { Preprocessing } from '#core/preprocessing.ts'
import { readBytes } from '#disk/read.ts'
import { decodeImage, decodeMask } from '#imaging/decode.ts'
import type { Frame } from '#imaging/frame.ts'
import { intoFrame } from '#imaging/resample.ts'
import { standardise } from '#imaging/standardise.ts'
import type { Sample } from './augment.ts'
import { isLeftOut, sha256 } from './left-out.ts'
import { type BadRow, leak, type ManifestRow } from './manifest.ts'

/** A row whose files were read and found sound. */
export interface DatasetImage {
  readonly row: ManifestRow
  readonly imageSha256: string
  /** Empty where the row names no mask. */
  readonly maskSha256: string
  /** The mask has foreground. */
  readonly lesion: boolean
}

export interface Dataset {
  readonly images: readonly DatasetImage[]
  readonly badRows: readonly BadRow[]
  /** Ids of images that stay out of all training because the software shows them as examples. */
  readonly leftOut: readonly string[]
}

/** A decoded image with the doctor's mask, both at the image's own size. */
export interface LoadedImage {
  readonly raster: RasterImage
  readonly truth: Mask
}

/**
 * Reads every row's image and mask once, gives the images by data set and id whatever the order of rows, and says which
 * can be used. Rows that cannot are named, not thrown: an unreadable file, a mask of another size or one that is soft, a
 * lesion without a mask, a normal image with one.
 * @param use `train` leaves the bundled examples out; `evaluate` does not.
 * @throws SPLIT_LEAK when a training set holds one picture in two splits.
 */
export async function examine(
  rows: readonly ManifestRow[],
  use: 'train' | 'evaluate',
  onImage: () => void = () => {},
): Promise<Dataset> {
  const images: DatasetImage[] = []
  const badRows: BadRow[] = []
  const leftOut: string[] = []
  for (const row of rows) {
    try {
      const image = await examineRow(row)
      const example = isLeftOut({ ...row, sha256: image.imageSha256 })
      if (example && use === 'train') leftOut.push(row.id)
      else images.push(image)
    } catch (error) {
      if (!(error instanceof ScreeningError)) throw error
      badRows.push({ dataset: row.dataset, line: row.line, id: row.id, reason: error.message })
    }
    onImage()
  }
  const sorted = images.toSorted(byName)
  if (use === 'train') refuseSharedPictures(sorted)
  return { images: sorted, badRows, leftOut }
}

/** The order of images decides what a seed draws, so that of the manifest must not. */
function byName({ row: a }: DatasetImage, { row: b }: DatasetImage): number {
  return compare(a.dataset, b.dataset) || compare(a.id, b.id)
}

/** By code units, alike in every locale. */
function compare(a: string, b: string): number {
  return a < b ? -1 : Number(a > b)
}

/** The same bytes in two splits, under whatever names and in whichever manifests, would be examined on what was taught. */
function refuseSharedPictures(images: readonly DatasetImage[]): void {
  const seen = new Map<string, ManifestRow>()
  for (const { row, imageSha256 } of images) {
    const other = seen.get(imageSha256)
    if (other !== undefined && other.split !== row.split) throw leak('image', other, row)
    seen.set(imageSha256, row)
  }
}

/**
 * Looks for pictures of a training among rows of other splits, which are not trained on and so not examined. Files that
 * cannot be read are passed over.
 * @throws SPLIT_LEAK
 */
export async function refuseTaught(images: readonly DatasetImage[], rows: readonly ManifestRow[]): Promise<void> {
  const taught = new Map(images.map(({ row, imageSha256 }) => [imageSha256, row]))
  for (const row of rows) {
    const bytes = await readBytes(row.imageFile).catch(() => undefined)
    const same = bytes && taught.get(sha256(bytes))
    if (same) throw leak('image', same, row)
  }
}

async function examineRow(row: ManifestRow): Promise<DatasetImage> {
  const imageBytes = await readBytes(row.imageFile)
  const maskBytes = row.maskFile === null ? undefined : await readBytes(row.maskFile)
  const { truth } = await decode(row, imageBytes, maskBytes)
  const lesion = truth.data.includes(1)
  if (!lesion && row.class !== 'normal') throw new ScreeningError('LESION_MASK_EMPTY', { id: row.id, class: row.class })
  if (lesion && row.class === 'normal') throw new ScreeningError('LESION_ON_NORMAL', { id: row.id })
  return {
    row,
    imageSha256: sha256(imageBytes),
    maskSha256: maskBytes === undefined ? '' : sha256(maskBytes),
    lesion,
  }
}

/** Decodes a row's image and mask; no mask is an empty one. @throws as `decodeMask`; MASK_SIZE_MISMATCH. */
export async function loadImage(row: ManifestRow): Promise<LoadedImage> {
  return decode(row, await readBytes(row.imageFile), row.maskFile === null ? undefined : await readBytes(row.maskFile))
}

/** The doctor's mask of a row that was examined, without decoding the image where it can be helped. @throws as `decodeMask` */
export async function loadTruth(row: ManifestRow): Promise<Mask> {
  return row.maskFile === null ? (await loadImage(row)).truth : decodeMask(await readBytes(row.maskFile), row.maskFile)
}

async function decode(row: ManifestRow, imageBytes: Uint8Array, maskBytes?: Uint8Array): Promise<LoadedImage> {
  const raster = await decodeImage(imageBytes, row.imageFile)
  if (maskBytes === undefined || row.maskFile === null) return { raster, truth: Mask.empty(raster) }
  const truth = await decodeMask(maskBytes, row.maskFile)
  if (truth.width !== raster.width || truth.height !== raster.height) {
    throw new ScreeningError('MASK_SIZE_MISMATCH', {
      file: path.basename(row.maskFile),
      mask: [truth.width, truth.height],
      image: [raster.width, raster.height],
    })
  }
  return { raster, truth }
}

/** The standardised image and, laid into the same square, how much of each pixel is lesion. */
export function toSample({ raster, truth }: LoadedImage, preprocessing: Preprocessing): Sample & { frame: Frame } {
  const { image, frame } = standardise(raster, preprocessing)
  const grey = GreyImage.from(Float32Array.from(truth.data), truth)
  return { image, softMask: intoFrame(grey, frame), frame }
}

/**
 * SHA-256 over what a training run learns from and is judged on, whatever the order of images: ids, splits, the columns
 * that decide sampling, folds, clusters and figures, and the bytes of images and masks.
 */
export function dataHash(images: readonly DatasetImage[]): string {
  const lines = images.map(({ row, imageSha256, maskSha256 }) => {
    const { dataset, id, split, modality, energy, group, patient, nearDuplicateOf, classConflict } = row
    const named = [dataset, id, split, modality, energy, row.class, classConflict, group, nearDuplicateOf, patient]
    if (row.companionFile !== null) named.push(path.basename(row.companionFile))
    return JSON.stringify([...named, imageSha256, maskSha256])
  })
  return createHash('sha256').update(lines.sort().join('\n')).digest('hex')
}
