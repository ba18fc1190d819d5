import sharp from 'sharp'
import type { RasterImage } from '#core/image.ts'
import type { Mask } from '#core/mask.ts'

/** An 8-bit grey PNG of the mask's own size: 255 inside, 0 outside. */
export function encodeMaskPng(mask: Mask): Promise<Uint8Array> {
  return encodePng({
    width: mask.width,
    height: mask.height,
    channels: 1,
    bitDepth: 8,
    data: mask.data.map((value) => value * 255),
  })
}

/** A PNG with exactly the samples, channels and bit depth of the raster. */
export async function encodePng({ width, height, channels, bitDepth, data }: RasterImage): Promise<Uint8Array> {
  const space = channels === 1 ? (bitDepth === 16 ? 'grey16' : 'b-w') : bitDepth === 16 ? 'rgb16' : 'srgb'
  return sharp(data, { raw: { width, height, channels } }).toColourspace(space).png({ compressionLevel: 6 }).toBuffer()
}

/** A JPEG of an 8-bit raster, colours at its full resolution. @param quality 1..100, as libjpeg counts. */
export async function encodeJpeg(raster: RasterImage, quality: number): Promise<Uint8Array> {
  const { width, height, channels, data } = raster
  return sharp(data, { raw: { width, height, channels } })
    .toColourspace(channels === 1 ? 'b-w' : 'srgb')
    .jpeg({ quality, chromaSubsampling: '4:4:4' })
    .toBuffer()
}
