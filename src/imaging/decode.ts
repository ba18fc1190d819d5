import sharp, { type Metadata } from 'sharp'
import { ScreeningError } from '#core/errors.ts'
import type { RasterImage, Size } from '#core/image.ts'
import { Mask } from '#core/mask.ts'
import { readBmpHeader, readBmpPixels } from './bmp.ts'

/** Smaller than this on either side, nothing can be seen in an image. */
export const MIN_SIDE_PX = 32
/** Twice the largest full-field mammogram; a header that declares more is refused before anything is allocated. */
export const MAX_PIXELS = 64_000_000

type Format = 'png' | 'jpeg' | 'tiff' | 'webp' | 'bmp'

/**
 * Decodes one PNG, JPEG, TIFF, WebP or BMP, recognised by its content and not by its name.
 *
 * 16-bit files keep 16 bits; grey stays one channel, everything else becomes RGB. Transparency is dropped over black,
 * palettes are expanded, EXIF orientation is applied, colour profiles are not. Of several pages the first is read.
 *
 * @param file name to be told in errors; only its last path segment is.
 * @throws IMAGE_EMPTY, IMAGE_FORMAT_UNKNOWN, IMAGE_UNREADABLE, IMAGE_TOO_SMALL, IMAGE_TOO_LARGE
 */
export async function decodeImage(bytes: Uint8Array, file: string): Promise<RasterImage> {
  const name = baseName(file)
  if (bytes.length === 0) throw new ScreeningError('IMAGE_EMPTY', { file: name })
  const format = sniff(bytes)
  if (format === undefined) throw new ScreeningError('IMAGE_FORMAT_UNKNOWN', { file: name })
  return format === 'bmp' ? decodeBmp(bytes, name) : decodeWithSharp(bytes, name)
}

/**
 * Decodes every page of a TIFF, or every frame of a WebP, in order; another file has one. All have one size.
 * @throws as {@link decodeImage}; IMAGE_TOO_LARGE when all of them together pass {@link MAX_PIXELS}.
 */
export async function decodeFrames(bytes: Uint8Array, file: string): Promise<RasterImage[]> {
  const first = await decodeImage(bytes, file)
  const format = sniff(bytes)
  if (format !== 'tiff' && format !== 'webp') return [first]
  const name = baseName(file)
  const { pages = 1 } = await sharp(bytes).metadata()
  if (first.width * first.height * pages > MAX_PIXELS) {
    const size = [first.width, first.height, pages]
    throw new ScreeningError('IMAGE_TOO_LARGE', { file: name, size, maximumPixels: MAX_PIXELS })
  }
  const frames = [first]
  for (let page = 1; page < pages; page++) frames.push(await decodeWithSharp(bytes, name, page))
  const other = frames.findIndex(({ width, height }) => width !== first.width || height !== first.height)
  if (other > 0) throw unreadable(name, new Error(`page ${other + 1} has another size than the first`))
  return frames
}

/** Label files hold few values, all in the lower half of the file's range; a picture that is merely dark holds many. */
const MAX_LABELS = 16
/**
 * What a black and white mask may hold of samples between a quarter and three quarters of its highest, as a share of its
 * foreground. JPEG of quality 75 leaves none and of quality 50 at most 0.42%; a mask that was resized has 0.5% or more,
 * one that was blurred 2% or more (98 masks of BUSI).
 */
const MAX_BETWEEN = 0.005

/**
 * Decodes a segmentation drawn as an image: black and white, perhaps compressed, with half of the highest sample as the
 * border; or labels (0, 1, 2, ...), of which every non-zero one is foreground.
 *
 * @throws MASK_NOT_BINARY when it is soft: resized, blurred, or a map of probabilities; as {@link decodeImage}.
 */
export async function decodeMask(bytes: Uint8Array, file: string): Promise<Mask> {
  const image = await decodeImage(bytes, file)
  const samples = highestChannel(image)
  let highest = 0
  for (const sample of samples) highest = Math.max(highest, sample)
  const isLabels = highest < 2 ** (image.bitDepth - 1) && new Set(samples).size <= MAX_LABELS + 1
  const border = isLabels ? 1 : highest / 2
  const mask = Mask.empty(image)
  let between = 0
  for (const [pixel, sample] of samples.entries()) {
    if (sample >= border) mask.data[pixel] = 1
    if (sample > highest / 4 && sample < (3 * highest) / 4) between++
  }
  if (!isLabels && between > MAX_BETWEEN * mask.areaPx) {
    const share = Number((between / mask.areaPx).toFixed(4))
    throw new ScreeningError('MASK_NOT_BINARY', { file: baseName(file), between: share, allowed: MAX_BETWEEN })
  }
  return mask
}

/** Of each pixel the highest of its channels. */
function highestChannel({ width, height, channels, data }: RasterImage): Uint8Array | Uint16Array {
  if (channels === 1) return data
  const highest = data.slice(0, width * height)
  for (let pixel = 0; pixel < highest.length; pixel++) {
    highest[pixel] = Math.max(data[3 * pixel]!, data[3 * pixel + 1]!, data[3 * pixel + 2]!)
  }
  return highest
}

function decodeBmp(bytes: Uint8Array, file: string): RasterImage {
  const header = unreadableUnless(file, () => readBmpHeader(bytes))
  checkSize(header, file)
  const rgb = unreadableUnless(file, () => readBmpPixels(bytes, header))
  const size = { width: header.width, height: header.height, bitDepth: 8 as const }
  return isGrey(rgb) ? { ...size, channels: 1, data: firstChannel(rgb) } : { ...size, channels: 3, data: rgb }
}

async function decodeWithSharp(bytes: Uint8Array, file: string, page = 0): Promise<RasterImage> {
  try {
    const metadata = await sharp(bytes, { limitInputPixels: false, page }).metadata()
    checkSize(metadata, file)
    const { space, bitDepth } = pixelFormat(metadata, file)
    const { data, info } = await sharp(bytes, {
      failOn: 'error',
      page,
      limitInputPixels: MAX_PIXELS,
      ignoreIcc: metadata.space !== 'cmyk',
      autoOrient: true,
    })
      .flatten({ background: '#000' })
      .toColourspace(space)
      .raw({ depth: bitDepth === 16 ? 'ushort' : 'uchar' })
      .toBuffer({ resolveWithObject: true })
    const channels = info.channels === 1 ? 1 : 3
    return { width: info.width, height: info.height, channels, bitDepth, data: samples(data, bitDepth) }
  } catch (error) {
    if (error instanceof ScreeningError) throw error
    throw unreadable(file, error)
  }
}

function pixelFormat({ space, depth }: Metadata, file: string): { space: string; bitDepth: 8 | 16 } {
  const grey = space === 'b-w' || space === 'grey16'
  if (depth === 'uchar') return { space: grey ? 'b-w' : 'srgb', bitDepth: 8 }
  if (depth === 'ushort') return { space: grey ? 'grey16' : 'rgb16', bitDepth: 16 }
  throw unreadable(file, new Error(`samples of type ${depth}`))
}

/** sharp's buffers may start at an odd byte of a pool, where 16-bit samples cannot be viewed in place. */
function samples(data: Uint8Array, bitDepth: 8 | 16): Uint8Array | Uint16Array {
  if (bitDepth === 8) return new Uint8Array(data.buffer, data.byteOffset, data.byteLength)
  return new Uint16Array(data.buffer.slice(data.byteOffset, data.byteOffset + data.byteLength))
}

function checkSize({ width, height }: Size, file: string): void {
  const size = [width, height]
  if (!(width >= MIN_SIDE_PX && height >= MIN_SIDE_PX)) {
    throw new ScreeningError('IMAGE_TOO_SMALL', { file, size, minimumSide: MIN_SIDE_PX })
  }
  if (width * height > MAX_PIXELS)
    throw new ScreeningError('IMAGE_TOO_LARGE', { file, size, maximumPixels: MAX_PIXELS })
}

function sniff(bytes: Uint8Array): Format | undefined {
  const head = String.fromCharCode(...bytes.subarray(0, 12))
  if (head.startsWith('\x89PNG\r\n\x1a\n')) return 'png'
  if (head.startsWith('\xff\xd8\xff')) return 'jpeg'
  if (head.startsWith('II*\0') || head.startsWith('MM\0*') || head.startsWith('II+\0') || head.startsWith('MM\0+')) {
    return 'tiff'
  }
  if (head.startsWith('RIFF') && head.startsWith('WEBP', 8)) return 'webp'
  // "BM" alone is two letters of text: the reserved words of the file header are always zero.
  if (head.startsWith('BM') && head.startsWith('\0\0\0\0', 6)) return 'bmp'
  return undefined
}

function isGrey(rgb: Uint8Array): boolean {
  for (let i = 0; i < rgb.length; i += 3) {
    if (rgb[i] !== rgb[i + 1] || rgb[i] !== rgb[i + 2]) return false
  }
  return true
}

function firstChannel(rgb: Uint8Array): Uint8Array {
  const first = new Uint8Array(rgb.length / 3)
  for (let i = 0; i < first.length; i++) first[i] = rgb[3 * i]!
  return first
}

function unreadableUnless<T>(file: string, read: () => T): T {
  try {
    return read()
  } catch (error) {
    throw unreadable(file, error)
  }
}

/** Only the first line: libvips appends one line per strip of a damaged file. */
function unreadable(file: string, error: unknown): ScreeningError {
  const reason = (error instanceof Error ? error.message : String(error)).split('\n')[0] ?? ''
  return new ScreeningError('IMAGE_UNREADABLE', { file, reason }, { cause: error })
}

function baseName(file: string): string {
  return file.split(/[\\/]/).at(-1) ?? file
}
