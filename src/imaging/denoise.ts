import { GreyImage } from '#core/image.ts'
import { boxMean } from './box-mean.ts'
import { percentiles } from './contrast.ts'

/** Median of each pixel's 3×3 neighbourhood; the border is repeated outward. */
export function median3(image: GreyImage): GreyImage {
  const { width, height, data } = image
  const out = new Float32Array(data.length)
  const low = new Float32Array(width + 2)
  const middle = new Float32Array(width + 2)
  const high = new Float32Array(width + 2)
  for (let y = 0; y < height; y++) {
    const above = Math.max(y - 1, 0) * width
    const here = y * width
    const below = Math.min(y + 1, height - 1) * width
    for (let i = 0; i < width + 2; i++) {
      const x = Math.min(Math.max(i - 1, 0), width - 1)
      const a = data[above + x]!
      const b = data[here + x]!
      const c = data[below + x]!
      low[i] = Math.min(a, b, c)
      high[i] = Math.max(a, b, c)
      middle[i] = medianOf3(a, b, c)
    }
    // With each column sorted, the median of nine is the median of these three (Smith 1996).
    for (let x = 0; x < width; x++) {
      out[here + x] = medianOf3(
        Math.max(low[x]!, low[x + 1]!, low[x + 2]!),
        medianOf3(middle[x]!, middle[x + 1]!, middle[x + 2]!),
        Math.min(high[x]!, high[x + 1]!, high[x + 2]!),
      )
    }
  }
  return GreyImage.from(out, image)
}

function medianOf3(a: number, b: number, c: number): number {
  return Math.max(Math.min(a, b), Math.min(Math.max(a, b), c))
}

export const LEE_WIDTH_PX = 7

/**
 * Lee's filter for multiplicative speckle: each pixel moves to its 7×7 mean by as much as the local variation is
 * noise, so that flat tissue is smoothed and edges stay. Source: J.-S. Lee, IEEE PAMI 2(2), 1980.
 *
 * @returns the image and `noiseVariation`, the speckle's squared coefficient of variation, which is estimated as the
 *   median over the image's own windows (most of an image is tissue without an edge), at most 1; 0 leaves the image
 *   as it is.
 */
export function lee(image: GreyImage): { image: GreyImage; noiseVariation: number } {
  const radius = (LEE_WIDTH_PX - 1) / 2
  const mean = boxMean(image.data, image, radius)
  const meanSquare = boxMean(
    image.data.map((value) => value * value),
    image,
    radius,
  )
  const variation = meanSquare
  const inTissue = new Float32Array(variation.length)
  let count = 0
  for (let i = 0; i < variation.length; i++) {
    const m2 = mean[i]! * mean[i]!
    variation[i] = m2 < DARK ** 2 ? 0 : Math.min(Math.max(meanSquare[i]! / m2 - 1, 0), 1)
    if (variation[i]! > 0) inTissue[count++] = variation[i]!
  }
  const [noiseVariation = 0] = percentiles(inTissue.subarray(0, count), [50])
  const out = new Float32Array(image.data.length)
  for (let i = 0; i < out.length; i++) {
    const local = variation[i]!
    const keep = local <= noiseVariation ? 0 : (1 - noiseVariation / local) / (1 + noiseVariation)
    out[i] = mean[i]! + keep * (image.data[i]! - mean[i]!)
  }
  return { image: noiseVariation === 0 ? image : GreyImage.from(out, image), noiseVariation }
}

/** Below this mean (5 of 255) a window is background, whose variation says nothing of speckle. */
const DARK = 0.02
