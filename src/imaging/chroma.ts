import { GreyImage, type RasterImage, type Size } from '#core/image.ts'
import { resize } from './resample.ts'

/** Largest less smallest of red, green and blue, 0..1, at the given size; nothing for a grey image. */
export function chromaOf({ width, height, channels, bitDepth, data }: RasterImage, to: Size): GreyImage | undefined {
  if (channels === 1) return undefined
  const chroma = new Float32Array(width * height)
  const scale = 1 / (2 ** bitDepth - 1)
  for (let i = 0, at = 0; i < chroma.length; i++, at += 3) {
    const r = data[at]!
    const g = data[at + 1]!
    const b = data[at + 2]!
    chroma[i] = (Math.max(r, g, b) - Math.min(r, g, b)) * scale
  }
  return resize(GreyImage.from(chroma, { width, height }), to)
}
