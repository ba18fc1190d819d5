import type { RasterImage } from '#core/image.ts'
import { GreyImage } from '#core/image.ts'
import type { Mask } from '#core/mask.ts'
import { withinSide } from '#imaging/breast-region.ts'
import { decodeImage } from '#imaging/decode.ts'
import { encodeJpeg, encodePng } from '#imaging/encode.ts'
import { resize } from '#imaging/resample.ts'

/** The longer side of a picture on the page: sharp at the printed width of half an A4 sheet. */
const PAGE_SIDE_PX = 1000
/** Share of the darkest and brightest pixels of a 16-bit image that its 8-bit picture may clip. */
const CLIPPED_SHARE = 0.002
/** Amber, as on the page. */
const OUTLINE_RGB = [255, 194, 51] as const

/** The image as a screen shows it: 8 bit, values of 8-bit files untouched, 16-bit ones windowed. */
export function displayable(raster: RasterImage): RasterImage {
  if (raster.bitDepth === 8) return raster
  const [low, high] = window16(raster.data)
  const scale = 255 / Math.max(1, high - low)
  const data = new Uint8Array(raster.data.length)
  for (let i = 0; i < data.length; i++) {
    data[i] = Math.min(255, Math.max(0, Math.round((raster.data[i]! - low) * scale)))
  }
  return { ...raster, bitDepth: 8, data }
}

/** The range that holds all but the clipped share at either end. */
function window16(data: Uint8Array | Uint16Array): [number, number] {
  const counts = new Uint32Array(65536)
  for (let i = 0; i < data.length; i++) counts[data[i]!]!++
  const clipped = data.length * CLIPPED_SHARE
  let [low, below] = [0, counts[0]!]
  while (below <= clipped && low < 65535) below += counts[++low]!
  let [high, above] = [65535, counts[65535]!]
  while (above <= clipped && high > low) above += counts[--high]!
  return [low, high]
}

/** A picture as a page holds it: PNG in a `data:` address, no side longer than `sidePx`. */
export async function pictureAddress(display: RasterImage, sidePx: number = PAGE_SIDE_PX): Promise<string> {
  return `data:image/png;base64,${Buffer.from(await encodePng(reduced(display, sidePx))).toString('base64')}`
}

/** Of JPEG: above 43 dB of the page's pictures in a quarter of their bytes (docs/adr/0018). */
const PRINT_QUALITY = 90

/** The picture of a page as a PDF holds it. What must stay exact is the page's, and the files of the output folder. */
export async function printedAddress(address: string): Promise<string> {
  const png = Buffer.from(address.slice(address.indexOf(',') + 1), 'base64')
  const jpeg = await encodeJpeg(await decodeImage(png, 'picture.png'), PRINT_QUALITY)
  return `data:image/jpeg;base64,${Buffer.from(jpeg).toString('base64')}`
}

/** Reduced so that no side is longer than `sidePx`; never enlarged. */
function reduced(display: RasterImage, sidePx: number): RasterImage {
  const size = withinSide(display, sidePx)
  if (size.width === display.width && size.height === display.height) return display
  const { channels, data, width, height } = display
  const out = new Uint8Array(size.width * size.height * channels)
  for (let channel = 0; channel < channels; channel++) {
    const plane = new Float32Array(width * height)
    for (let i = 0; i < plane.length; i++) plane[i] = data[i * channels + channel]! / 255
    const smaller = resize(GreyImage.from(plane, { width, height }), size)
    for (const [i, value] of smaller.data.entries()) out[i * channels + channel] = Math.round(255 * value)
  }
  return { ...size, channels, bitDepth: 8, data: out }
}

/** The picture in colour with the border of every region drawn outside of it, about 1/400 of the image wide. */
export function withOutlines(display: RasterImage, mask: Mask): RasterImage {
  const { width, height, channels, data } = display
  const rgb = new Uint8Array(width * height * 3)
  for (let i = 0; i < width * height; i++) {
    for (let c = 0; c < 3; c++) rgb[3 * i + c] = data[i * channels + (channels === 1 ? 0 : c)]!
  }
  const reach = Math.max(1, Math.round(Math.max(width, height) / 400))
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      if (isBorder(mask, x, y)) paintAround(rgb, mask, x, y, reach)
    }
  }
  return { width, height, channels: 3, bitDepth: 8, data: rgb }
}

/** A pixel of a region with a neighbour outside of it. */
function isBorder({ data, width, height }: Mask, x: number, y: number): boolean {
  if (data[y * width + x] === 0) return false
  return (
    (x > 0 && data[y * width + x - 1] === 0) ||
    (x < width - 1 && data[y * width + x + 1] === 0) ||
    (y > 0 && data[(y - 1) * width + x] === 0) ||
    (y < height - 1 && data[(y + 1) * width + x] === 0)
  )
}

function paintAround(rgb: Uint8Array, mask: Mask, x: number, y: number, reach: number): void {
  for (let py = Math.max(0, y - reach); py <= Math.min(mask.height - 1, y + reach); py++) {
    for (let px = Math.max(0, x - reach); px <= Math.min(mask.width - 1, x + reach); px++) {
      if (mask.data[py * mask.width + px] !== 0 || (px - x) ** 2 + (py - y) ** 2 > reach * reach) continue
      rgb.set(OUTLINE_RGB, 3 * (py * mask.width + px))
    }
  }
}
