import { ScreeningError } from '#core/errors.ts'
import type { Value } from '#engine/graph.ts'
import { add, reshape } from '#engine/operators/arithmetic.ts'
import { upsampleNearest } from '#engine/operators/resampling.ts'
import { pointwise } from './layers.ts'
import { type ParameterSource, scoped } from './parameters.ts'
import { patchTokens, positionEmbedding, runBlocks, STAGE_ENDS, TRUNK_BLOCKS } from './trunk.ts'
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

/** What the trunk gives of an image: where it is frozen, fine-tuning keeps this on disk; channels last. */
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

const [STAGE1_END, STAGE2_END, STAGE3_END, STAGE4_END] = STAGE_ENDS

/** @throws TRUNK_BLOCK_UNSUPPORTED unless the trunk can begin to train at this block: 0..12, and 12 trains none. */
export function checkTrunkFrom(trunkFrom: number): void {
  if (Number.isInteger(trunkFrom) && trunkFrom >= 0 && trunkFrom <= TRUNK_BLOCKS) return
  throw new ScreeningError('TRUNK_BLOCK_UNSUPPORTED', { trunkFrom, allowed: [0, TRUNK_BLOCKS] })
}

/**
 * The trunk, and the neck's levels that the decoder reads beside the embedding.
 * @param image [N, 3, S, S], ImageNet-normalised RGB; S a multiple of 32.
 * @throws IMAGE_SIZE_UNSUPPORTED
 */
export function trunkFeatures(image: Value, weights: Weights, parameters: ParameterSource): FrozenFeatures {
  const size = image.shape[2]! / 4
  const position = image.graph.constant(positionEmbedding(weights, size), [1, size, size, 96])
  const trunk = scoped(parameters, 'image_encoder.trunk')
  const neck = scoped(parameters, 'image_encoder.neck')
  const decoder = scoped(parameters, 'sam_mask_decoder')
  const outputs = runBlocks(patchTokens(image, position, trunk), trunk)
  return {
    stage4: outputs[STAGE4_END]!,
    stage3: outputs[STAGE3_END]!,
    highRes1: pointwise(pointwise(outputs[STAGE2_END]!, neck, 'convs.2.conv'), decoder, 'conv_s1'),
    highRes0: pointwise(pointwise(outputs[STAGE1_END]!, neck, 'convs.3.conv'), decoder, 'conv_s0'),
  }
}

/**
 * The feature pyramid's top: stage 4 enlarged twice and added to stage 3, plus SAM 2's "no memory" embedding.
 * @returns [N, S/16, S/16, 256]
 */
export function imageEmbedding(
  { stage4, stage3 }: Pick<FrozenFeatures, 'stage4' | 'stage3'>,
  parameters: ParameterSource,
): Value {
  const neck = scoped(parameters, 'image_encoder.neck')
  const top = upsampleNearest(pointwise(stage4, neck, 'convs.0.conv'), 2)
  const fused = add(pointwise(stage3, neck, 'convs.1.conv'), top)
  return add(fused, reshape(parameters('no_mem_embed'), [1, 1, 1, 256]))
}

/** The whole image encoder. @param image [N, 3, S, S], ImageNet-normalised RGB; S a multiple of 32. */
export function imageEncoder(image: Value, weights: Weights, parameters: ParameterSource): ImageFeatures {
  const { highRes0, highRes1, ...frozen } = trunkFeatures(image, weights, parameters)
  return { embedding: imageEmbedding(frozen, parameters), highRes0, highRes1 }
}
