import type { GreyImage } from '#core/image.ts'
import type { Value } from '#engine/graph.ts'
import { mul, reshape, sub } from '#engine/operators/arithmetic.ts'

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

/** The same within a graph: [N, S, S] -> [N, 3, S, S]. */
export function normalised(grey: Value): Value {
  const [n, height, width] = grey.shape as [number, number, number]
  const constant = (numbers: readonly number[]) => grey.graph.constant(Float32Array.from(numbers), [1, 3, 1, 1])
  const scales = IMAGENET_DEVIATION.map((deviation) => 1 / deviation)
  return mul(sub(reshape(grey, [n, 1, height, width]), constant(IMAGENET_MEAN)), constant(scales))
}
