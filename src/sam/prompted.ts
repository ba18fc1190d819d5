/** SAM 2 with a prompt: a doctor's clicks or box, and the mask that they correct. */
import type { Value } from '#engine/graph.ts'
import { add, mul, sub } from '#engine/operators/arithmetic.ts'
import { type MaskAnswer, singleMask } from './automatic.ts'
import type { ImageFeatures } from './image-encoder.ts'
import { maskDecoder } from './mask-decoder.ts'
import type { ParameterSource } from './parameters.ts'
import { maskEmbedding, noMaskEmbedding, pointEmbedding } from './prompt-encoder.ts'

export interface Prompt {
  /** [N, P, 2], x and y in the 1024 frame. */
  readonly points: Value
  /** [N, P], one of POINT_LABELS. */
  readonly labels: Value
  /** Logits of the mask before, [N, 1, S/4, S/4]. */
  readonly previous: Value
  /** Whether there is a mask before, [N, 1, 1, 1], 0 or 1. */
  readonly hasPrevious: Value
}

export function promptedDecoder(features: ImageFeatures, prompt: Prompt, parameters: ParameterSource): MaskAnswer {
  const { points, labels, previous, hasPrevious } = prompt
  const none = mul(noMaskEmbedding(parameters), sub(1, hasPrevious))
  const dense = add(mul(maskEmbedding(previous, parameters), hasPrevious), none)
  return singleMask(maskDecoder(features, pointEmbedding(points, labels, parameters), dense, parameters))
}
