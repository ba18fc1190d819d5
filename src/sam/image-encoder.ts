import type { Value } from '#engine/graph.ts'
import { add, reshape } from '#engine/operators/arithmetic.ts'
import { upsampleNearest } from '#engine/operators/resampling.ts'
import { pointwise } from './layers.ts'
import { type ParameterSource, scoped } from './parameters.ts'
import { positionEmbedding, trunk } from './trunk.ts'
import type { Weights } from './weights.ts'

/** What the mask decoder reads of an image of S x S pixels; channels last. */
export interface ImageFeatures {
  /** [N, S/16, S/16, 256] */
  readonly embedding: Value
  /** [N, S/8, S/8, 64] */
  readonly highRes1: Value
  /** [N, S/4, S/4, 32] */
  readonly highRes0: Value
}

/** The part of an image's features that a frozen trunk gives: what fine-tuning keeps on disk; channels last. */
export interface FrozenFeatures {
  /** Trunk stage 4, [N, S/32, S/32, 768]. */
  readonly stage4: Value
  /** Trunk stage 3, [N, S/16, S/16, 384]. */
  readonly stage3: Value
  /** [N, S/8, S/8, 64], as in `ImageFeatures`. */
  readonly highRes1: Value
  /** [N, S/4, S/4, 32], as in `ImageFeatures`. */
  readonly highRes0: Value
}

/** @param image [N, 3, S, S], ImageNet-normalised RGB; S a multiple of 32. */
export function frozenFeatures(image: Value, weights: Weights, parameters: ParameterSource): FrozenFeatures {
  const size = image.shape[2]! / 4
  const position = image.graph.constant(positionEmbedding(weights, size), [1, size, size, 96], 'position_embedding')
  const [stage1, stage2, stage3, stage4] = trunk(image, position, scoped(parameters, 'image_encoder.trunk'))
  const neck = scoped(parameters, 'image_encoder.neck')
  const decoder = scoped(parameters, 'sam_mask_decoder')
  return {
    stage4,
    stage3,
    highRes1: pointwise(pointwise(stage2, neck, 'convs.2.conv'), decoder, 'conv_s1'),
    highRes0: pointwise(pointwise(stage1, neck, 'convs.3.conv'), decoder, 'conv_s0'),
  }
}

/** The feature pyramid's top: stage 4 enlarged twice and added to stage 3, plus SAM 2's "no memory" embedding. */
export function imageEmbedding(
  { stage3, stage4 }: Pick<FrozenFeatures, 'stage3' | 'stage4'>,
  parameters: ParameterSource,
): Value {
  const neck = scoped(parameters, 'image_encoder.neck')
  const top = upsampleNearest(pointwise(stage4, neck, 'convs.0.conv'), 2)
  const fused = add(pointwise(stage3, neck, 'convs.1.conv'), top)
  return add(fused, reshape(parameters('no_mem_embed'), [1, 1, 1, 256]))
}

/** The whole image encoder. @param image [N, 3, S, S], ImageNet-normalised RGB; S a multiple of 32. */
export function imageEncoder(image: Value, weights: Weights, parameters: ParameterSource): ImageFeatures {
  const { stage3, stage4, highRes0, highRes1 } = frozenFeatures(image, weights, parameters)
  return { embedding: imageEmbedding({ stage3, stage4 }, parameters), highRes0, highRes1 }
}
