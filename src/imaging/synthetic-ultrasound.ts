import type { RasterImage, Size } from '#core/image.ts'
import type { Random } from '#core/random.ts'
import { boxMean } from './box-mean.ts'

/**
 * Something that looks like an ultrasound of a breast and shows nobody: skin, layers that undulate, one dark ellipse with
 * enhancement below it, attenuation, and speckle whose grains are drawn out sideways. Synthetic; for tests and for trying
 * the software out, never for training or figures.
 */
export function syntheticUltrasound(size: Size, random: Random): RasterImage {
  const { width, height } = size
  const speckle = laterally(boxMean(normals(size, random), size, 0), size)
  const layers = laterally(laterally(boxMean(normals(size, random), size, 4), size, 12), size, 12)
  const [layerSpread, speckleSpread] = [spreadOf(layers), spreadOf(speckle)]
  const lesion = { x: random.between(0.3, 0.7) * width, y: random.between(0.3, 0.5) * height, r: 0.11 * width }
  const data = new Uint8Array(width * height)
  for (let i = 0; i < data.length; i++) {
    const [x, y] = [i % width, Math.floor(i / width)]
    const inLesion = Math.hypot(x - lesion.x, 1.4 * (y - lesion.y)) < lesion.r
    const below = Math.abs(x - lesion.x) < 0.8 * lesion.r && y > lesion.y
    const tissue = y < 0.03 * height ? 200 : 95 + (25 * layers[i]!) / layerSpread
    const level = tissue * (inLesion ? 0.2 : below ? 1.3 : 1) * (1 - (0.5 * y) / height)
    data[i] = Math.max(0, Math.min(255, level * (1 + (0.3 * speckle[i]!) / speckleSpread)))
  }
  return { width, height, channels: 1, bitDepth: 8, data }
}

function normals({ width, height }: Size, random: Random): Float32Array {
  return Float32Array.from({ length: width * height }, () => random.normal())
}

/** Mean over `reach` pixels to both sides, of what lies in the same row. */
function laterally(plane: Float32Array, { width }: Size, reach = 2): Float32Array {
  return plane.map((_, i) => {
    const x = i % width
    let sum = 0
    const [from, to] = [Math.max(-reach, -x), Math.min(reach, width - 1 - x)]
    for (let d = from; d <= to; d++) sum += plane[i + d]!
    return sum / (to - from + 1)
  })
}

function spreadOf(plane: Float32Array): number {
  return Math.sqrt(plane.reduce((sum, value) => sum + value ** 2, 0) / plane.length)
}
