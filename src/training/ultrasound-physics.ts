/** What differs between ultrasounds of one tissue: how sound weakens with depth, and what it does not reach. */
import { GreyImage } from '#core/image.ts'
import type { Random } from '#core/random.ts'

/**
 * Time-gain compensation set otherwise: brightness changes exponentially from the skin to the depth.
 * @param strength natural logarithm of the deepest row's gain; the first row's is its inverse.
 */
export function attenuate(image: GreyImage, strength: number): GreyImage {
  const { width, height, data } = image
  const out = new Float32Array(data.length)
  for (let y = 0; y < height; y++) {
    const gain = Math.exp(strength * ((2 * (y + 0.5)) / height - 1))
    for (let x = 0; x < width; x++) out[y * width + x] = Math.min(data[y * width + x]! * gain, 1)
  }
  return GreyImage.from(out, image)
}

/** An acoustic shadow: below some depth a soft-edged strip, widening a little, is darker. */
export function castShadow(image: GreyImage, random: Random): GreyImage {
  const { width, height, data } = image
  const centre = random.between(0, width)
  const halfWidth = random.between(0.02, 0.08) * width
  const start = random.between(0, 0.6) * height
  const slope = random.between(-0.15, 0.15)
  const widening = random.between(0, 0.1)
  const darkness = random.between(0.3, 0.8)
  const out = data.slice()
  for (let y = Math.ceil(start); y < height; y++) {
    const depth = y - start
    const [middle, half] = [centre + slope * depth, halfWidth + widening * depth]
    const fade = Math.min(depth / (0.05 * height), 1)
    for (let x = Math.max(0, Math.floor(middle - 3 * half)); x < Math.min(width, middle + 3 * half); x++) {
      out[y * width + x]! *= 1 - darkness * fade * Math.exp(-((x - middle) ** 2) / (2 * half * half))
    }
  }
  return GreyImage.from(out, image)
}
