import type { GreyImage } from '#core/image.ts'

const IMAGENET_MEAN = [0.485, 0.456, 0.406] as const
const IMAGENET_DEVIATION = [0.229, 0.224, 0.225] as const

/** A grey image, 0..1, as SAM 2 was trained to see it: three equal channels with ImageNet's mean and deviation, [3, H, W]. */
export function normalise(image: GreyImage): Float32Array {
  const { data } = image
  const channels = new Float32Array(3 * data.length)
  for (let c = 0; c < 3; c++) {
    const [mean, scale] = [IMAGENET_MEAN[c]!, 1 / IMAGENET_DEVIATION[c]!]
    const plane = channels.subarray(c * data.length, (c + 1) * data.length)
    for (let i = 0; i < data.length; i++) plane[i] = (data[i]! - mean) * scale
  }
  return channels
}
