/** SAM 2 without a prompt: learned tokens, a set for each modality, stand where clicks and boxes would. */
import type { Modality } from '#core/modality.ts'
import type { Random } from '#core/random.ts'
import type { Value } from '#engine/graph.ts'
import { sigmoid } from '#engine/operators/activation.ts'
import { add, detach, mul, reshape } from '#engine/operators/arithmetic.ts'
import { matmul } from '#engine/operators/products.ts'
import { concat, slice } from '#engine/operators/shape.ts'
import type { ImageFeatures } from './image-encoder.ts'
import { perceptron, pointwise } from './layers.ts'
import { type DecodedMasks, maskDecoder } from './mask-decoder.ts'
import type { ParameterSource } from './parameters.ts'
import { maskEmbedding, noMaskEmbedding } from './prompt-encoder.ts'
import type { NamedTensor, Weights } from './weights.ts'

const CHANNELS = 256
const TOKENS = 4
/** The prompt encoder's own vocabulary, with which the tokens begin: a box, a click, no further point. */
const FIRST_TOKENS = ['point_embeddings.2', 'point_embeddings.3', 'point_embeddings.1', 'not_a_point_embed']

/** Prefix of the head that says lesion or none. */
export const PRESENCE_HEAD = 'presence_head'
/** Prefix of the 1x1 convolution that says of each cell of the image embedding how much of it is lesion. */
const OBJECTNESS_HEAD = 'objectness_head'
/** What the decoder is told where the objectness is 1, [256]; added to the image embedding. */
const OBJECTNESS_EMBEDDING = 'objectness_embedding'

/** Name of a modality's learned tokens, [4, 256]. */
export function promptTokens(modality: Modality): string {
  return `prompt_tokens.${modality}`
}

export interface MaskAnswer {
  /** [N, S/4, S/4] */
  readonly maskLogits: Value
  /** The decoder's own estimate of its mask's IoU, [N], 0..1. */
  readonly iou: Value
}

export interface AutomaticAnswer extends MaskAnswer {
  /** Logit that the image shows a lesion, [N]. */
  readonly presenceLogit: Value
  /** The answer before the decoder had looked a second time. */
  readonly firstLook: MaskAnswer
  /** Logit of each cell's share of lesion, [N, S/16, S/16]. */
  readonly objectness: Value
}

/**
 * A coarse map of where lesions are is added to the image embedding; the decoder looks once, and once more with its
 * first mask as the previous one.
 * @param choice each image's modality, one-hot in the order of `modalities`, [N, modalities].
 * @param modalities those that the parameters have prompt tokens for.
 */
export function automaticDecoder(
  features: ImageFeatures,
  choice: Value,
  modalities: readonly Modality[],
  parameters: ParameterSource,
): AutomaticAnswer {
  const [n, size] = features.embedding.shape as [number, number, number, number]
  const vocabulary = modalities.map((modality) => reshape(parameters(promptTokens(modality)), [1, TOKENS * CHANNELS]))
  const tokens = reshape(matmul(choice, concat(vocabulary, 0)), [n, TOKENS, CHANNELS])
  const objectness = pointwise(features.embedding, parameters, OBJECTNESS_HEAD)
  const located = mul(sigmoid(objectness), reshape(parameters(OBJECTNESS_EMBEDDING), [1, 1, 1, CHANNELS]))
  const look = (densePrompt: Value) => maskDecoder(features, tokens, add(densePrompt, located), parameters)
  const first = look(noMaskEmbedding(parameters))
  const firstLook = singleMask(first)
  const previous = reshape(detach(firstLook.maskLogits), [n, 1, 4 * size, 4 * size])
  return {
    ...singleMask(look(maskEmbedding(previous, parameters))),
    presenceLogit: reshape(perceptron(first.objectToken, parameters, PRESENCE_HEAD, 2), [n]),
    firstLook,
    objectness: reshape(objectness, [n, size, size]),
  }
}

/** The decoder's answer to a clear prompt: mask 0. */
export function singleMask({ maskLogits, iou }: Pick<DecodedMasks, 'maskLogits' | 'iou'>): MaskAnswer {
  const [n, , height, width] = maskLogits.shape as [number, number, number, number]
  return {
    maskLogits: reshape(slice(maskLogits, 1, 0, 1), [n, height, width]),
    iou: reshape(slice(iou, 1, 0, 1), [n]),
  }
}

/** One row of `choice`. */
export function oneHot(modality: Modality, modalities: readonly Modality[]): Float32Array {
  return Float32Array.from(modalities, (candidate) => (candidate === modality ? 1 : 0))
}

/** The parameters that SAM 2 lacks, before any training. */
export function initialAutomaticWeights(base: Weights, modalities: readonly Modality[], random: Random): Weights {
  const noise = (count: number, scale: number) => Float32Array.from({ length: count }, () => scale * random.normal())
  const first = FIRST_TOKENS.flatMap((name) => [...base.get(`sam_prompt_encoder.${name}.weight`)!.data])
  const tokens = modalities.map((modality): [string, NamedTensor] => {
    const data = noise(TOKENS * CHANNELS, 0.02).map((value, i) => value + first[i]!)
    return [promptTokens(modality), { data, shape: [TOKENS, CHANNELS] }]
  })
  return new Map<string, NamedTensor>([
    ...tokens,
    [`${PRESENCE_HEAD}.layers.0.weight`, { data: noise(CHANNELS ** 2, 1 / 16), shape: [CHANNELS, CHANNELS] }],
    [`${PRESENCE_HEAD}.layers.0.bias`, { data: new Float32Array(CHANNELS), shape: [CHANNELS] }],
    [`${PRESENCE_HEAD}.layers.1.weight`, { data: noise(CHANNELS, 1 / 16), shape: [1, CHANNELS] }],
    [`${PRESENCE_HEAD}.layers.1.bias`, { data: new Float32Array(1), shape: [1] }],
    [`${OBJECTNESS_HEAD}.weight`, { data: noise(CHANNELS, 1 / 64), shape: [1, CHANNELS, 1, 1] }],
    [`${OBJECTNESS_HEAD}.bias`, { data: new Float32Array(1), shape: [1] }],
    [OBJECTNESS_EMBEDDING, { data: new Float32Array(CHANNELS), shape: [CHANNELS] }],
  ])
}
