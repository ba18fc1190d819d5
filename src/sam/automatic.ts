/** SAM 2 without a prompt: learned tokens per modality stand where clicks and boxes would. */
import { Modality } from '#core/modality.ts'
import type { Random } from '#core/random.ts'
import type { Graph, Value } from '#engine/graph.ts'
import { relu } from '#engine/operators/activation.ts'
import { reshape } from '#engine/operators/arithmetic.ts'
import { gather, slice } from '#engine/operators/shape.ts'
import type { ImageFeatures } from './image-encoder.ts'
import { dense } from './layers.ts'
import { maskDecoder } from './mask-decoder.ts'
import type { ParameterSource } from './parameters.ts'
import { noMaskEmbedding } from './prompt-encoder.ts'
import type { NamedTensor, Weights } from './weights.ts'

const CHANNELS = 256
const TOKENS = 4

/** Learned tokens in place of a prompt, [modalities, 4, 256] in the order of `Modality.options`. */
export const PROMPT_TOKENS = 'automatic.prompt_tokens'
/** Prefix of the head that says lesion or none. */
export const PRESENCE_HEAD = 'automatic.presence_head'

export interface AutomaticAnswer {
  /** [N, S/4, S/4] */
  readonly maskLogits: Value
  /** The decoder's own estimate of its mask's IoU, [N], 0..1. */
  readonly iou: Value
  /** Logit that the image shows a lesion, [N]. */
  readonly presenceLogit: Value
}

/** @param modality one index per image (`modalityIndex`), int64 [N]. */
export function automaticDecoder(
  features: ImageFeatures,
  modality: Value,
  parameters: ParameterSource,
): AutomaticAnswer {
  const [n, size] = features.embedding.shape as [number, number, number, number]
  const tokens = gather(parameters(PROMPT_TOKENS), modality)
  const { maskLogits, iou, objectToken } = maskDecoder(features, tokens, noMaskEmbedding(parameters), parameters)
  const hidden = relu(dense(objectToken, parameters, `${PRESENCE_HEAD}.layers.0`))
  return {
    maskLogits: reshape(slice(maskLogits, 1, 0, 1), [n, 4 * size, 4 * size]),
    iou: reshape(slice(iou, 1, 0, 1), [n]),
    presenceLogit: reshape(dense(hidden, parameters, `${PRESENCE_HEAD}.layers.1`), [n]),
  }
}

/** The graph input that tells the automatic decoder each image's modality. */
export function modalityInput(graph: Graph, batch: number): Value {
  return graph.input('modality', [batch], 'int64')
}

export function modalityIndex(modality: Modality): bigint {
  return BigInt(Modality.options.indexOf(modality))
}

/** The parameters that SAM 2 lacks, before any training: tokens begin as the prompt encoder's own labels. */
export function initialAutomaticWeights(base: Weights, random: Random): Weights {
  const labels = ['point_embeddings.2', 'point_embeddings.3', 'point_embeddings.1', 'not_a_point_embed']
  const tokens = new Float32Array(Modality.options.length * TOKENS * CHANNELS)
  for (let i = 0; i < Modality.options.length * TOKENS; i++) {
    tokens.set(base.get(`sam_prompt_encoder.${labels[i % TOKENS]}.weight`)!.data, i * CHANNELS)
  }
  const deviation = Math.sqrt(2 / CHANNELS)
  const hidden = Float32Array.from({ length: CHANNELS * CHANNELS }, () => deviation * random.normal())
  return new Map<string, NamedTensor>([
    [PROMPT_TOKENS, { data: tokens, shape: [Modality.options.length, TOKENS, CHANNELS] }],
    [`${PRESENCE_HEAD}.layers.0.weight`, { data: hidden, shape: [CHANNELS, CHANNELS] }],
    [`${PRESENCE_HEAD}.layers.0.bias`, { data: new Float32Array(CHANNELS), shape: [CHANNELS] }],
    [`${PRESENCE_HEAD}.layers.1.weight`, { data: new Float32Array(CHANNELS), shape: [1, CHANNELS] }],
    [`${PRESENCE_HEAD}.layers.1.bias`, { data: new Float32Array(1), shape: [1] }],
  ])
}
