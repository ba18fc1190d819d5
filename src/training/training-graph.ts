/** The part of the model that trains, as graphs: from cached features to losses, and to masks for evaluation. */
import type { Modality } from '#core/modality.ts'
import type { Random } from '#core/random.ts'
import { gradients } from '#engine/gradient.ts'
import { Graph, type Value } from '#engine/graph.ts'
import { toOnnx } from '#engine/onnx.ts'
import { add, mul } from '#engine/operators/arithmetic.ts'
import { type AutomaticAnswer, automaticDecoder, initialAutomaticWeights } from '#sam/automatic.ts'
import { imageEmbedding } from '#sam/image-encoder.ts'
import { pointwise } from '#sam/layers.ts'
import { adapted, initialFactors, isFactor } from '#sam/lora.ts'
import { type ParameterSource, parameterSource } from '#sam/parameters.ts'
import type { NamedTensor, Weights } from '#sam/weights.ts'
import { iouLoss, maskLosses, presenceLoss } from './losses.ts'
import { type FeatureName, featureShapes, maskSide, type ViewLayout } from './view-layout.ts'

export interface GraphSettings extends ViewLayout {
  readonly batch: number
  /** Those that have prompt tokens, in the order of the one-hot input. */
  readonly modalities: readonly Modality[]
}

/** What each loss counts in the total. */
export const LOSS_WEIGHTS = { dice: 1, crossEntropy: 1, focal: 5, presence: 0.2, iou: 0.05 } as const
export type LossName = keyof typeof LOSS_WEIGHTS

/**
 * 1x1 convolutions on the two high-resolution feature maps, which are cached behind the frozen `conv_s0` and `conv_s1`;
 * `foldAdapters` multiplies them into those.
 */
const ADAPTERS = [
  { name: 'high_res_adapters.0', onto: 'sam_mask_decoder.conv_s0', channels: 32 },
  { name: 'high_res_adapters.1', onto: 'sam_mask_decoder.conv_s1', channels: 64 },
] as const

/**
 * The base weights with the parameters that training adds at their start; adapters start as the identity, the trunk's
 * corrections as nothing. What a model has learned already (prompt tokens, presence head) stays.
 */
export function startingWeights(
  base: Weights,
  { modalities, trunkFrom, loraRank }: Pick<GraphSettings, 'modalities' | 'trunkFrom'> & { readonly loraRank: number },
  random: Random,
): Weights {
  const weights = new Map<string, NamedTensor>([
    ...initialAutomaticWeights(base, modalities, random),
    ...initialFactors(base, trunkFrom, loraRank, random),
    ...base,
  ])
  for (const { name, channels } of ADAPTERS) {
    const identity = new Float32Array(channels * channels)
    for (let c = 0; c < channels; c++) identity[c * channels + c] = 1
    weights.set(`${name}.weight`, { shape: [channels, channels, 1, 1], data: identity })
    weights.set(`${name}.bias`, { shape: [channels], data: new Float32Array(channels) })
  }
  return weights
}

/**
 * Whether a parameter trains: neck levels 0 and 1, the decoder as far as mask 0 uses it, all that is new, and of the
 * trunk's blocks from `trunkFrom` on the norms and the factors that correct their attention.
 */
export function trains(name: string, trunkFrom: number): boolean {
  const block = /^image_encoder\.trunk\.blocks\.(\d+)\.norm\d\./.exec(name)?.[1]
  if (block !== undefined) return Number(block) >= trunkFrom
  if (isFactor(name)) return true
  if (/^sam_mask_decoder\.(conv_s\d|output_hypernetworks_mlps\.[123])\./.test(name)) return false
  return /^(sam_mask_decoder|image_encoder\.neck\.convs\.[01]\.conv|prompt_tokens|presence_head|high_res_adapters)\./.test(
    name,
  )
}

/** Parameters that begin from nothing and learn faster: those that the start lacks, but the adapters, which begin as the identity. */
export function isNew(name: string, start: Weights): boolean {
  return !start.has(name) && !name.startsWith('high_res_adapters.')
}

/**
 * One training step's forward and backward pass as an ONNX model. Inputs: the parameters that train, the features of a
 * batch, `target` [B, m, m], `modality` (one-hot, [B, modalities]), and per image `lesion` (0 or 1), `maskWeight` and
 * `presenceWeight` (each summing to 1 over the batch, or all 0). Outputs: `total`, each loss by name, and
 * `gradient/<parameter>`.
 */
export function trainingModel(weights: Weights, settings: GraphSettings): { model: Uint8Array; parameters: string[] } {
  const graph = new Graph()
  const source = parameterSource(graph, weights, (name) => trains(name, settings.trunkFrom))
  const { maskLogits, presenceLogit, iou } = forward(graph, source, settings)
  const { batch, size } = settings
  const target = graph.input('target', [batch, maskSide(size), maskSide(size)])
  const lesion = graph.input('lesion', [batch])
  const maskWeight = graph.input('maskWeight', [batch])
  const presenceWeight = graph.input('presenceWeight', [batch])
  const losses: Record<LossName, Value> = {
    ...maskLosses(maskLogits, target, maskWeight),
    presence: presenceLoss(presenceLogit, lesion, presenceWeight),
    iou: iouLoss(iou, maskLogits, target, maskWeight),
  }
  const terms = Object.entries(losses).map(([name, loss]) => mul(loss, LOSS_WEIGHTS[name as LossName]))
  const total = terms.reduce((sum, term) => add(sum, term))
  const parameters = [...graph.inputs.keys()].filter((name) => trains(name, settings.trunkFrom))
  const derived = gradients(
    total,
    parameters.map((name) => source(name)),
  )
  const named = Object.fromEntries(parameters.map((name, i) => [`gradient/${name}`, derived[i]!]))
  return { model: toOnnx({ total, ...losses, ...named }), parameters }
}

/** The same forward pass without losses. Outputs: `maskLogits` [B, m, m], `presenceLogit` [B], `iou` [B]. */
export function evaluationModel(weights: Weights, settings: GraphSettings): Uint8Array {
  const graph = new Graph()
  return toOnnx({
    ...forward(
      graph,
      parameterSource(graph, weights, (name) => trains(name, settings.trunkFrom)),
      settings,
    ),
  })
}

function forward(graph: Graph, source: ParameterSource, settings: GraphSettings): AutomaticAnswer {
  const { batch, modalities, trunkFrom } = settings
  const shapes = featureShapes(settings)
  const feature = (name: FeatureName) => graph.input(name, [batch, ...shapes[name]!])
  const frozen = { tap: feature('tap'), ...(shapes.stage3 && { stage3: feature('stage3') }) }
  const features = {
    embedding: imageEmbedding(frozen, adapted(source, trunkFrom), trunkFrom),
    highRes0: pointwise(feature('highRes0'), source, ADAPTERS[0].name),
    highRes1: pointwise(feature('highRes1'), source, ADAPTERS[1].name),
  }
  return automaticDecoder(features, graph.input('modality', [batch, modalities.length]), modalities, source)
}

/**
 * What training changed, as the plain model names it: adapters A, a over a frozen convolution W, b become
 * the convolution A·W, A·b + a.
 * @param trained the parameters that train, adapters among them.
 */
export function foldAdapters(trained: Weights, base: Weights): Weights {
  const changed = new Map([...trained].filter(([name]) => !name.startsWith('high_res_adapters.')))
  for (const { name, onto } of ADAPTERS) {
    const [a, shift] = [trained.get(`${name}.weight`), trained.get(`${name}.bias`)]
    const [w, b] = [base.get(`${onto}.weight`), base.get(`${onto}.bias`)]
    if (a === undefined || shift === undefined || w === undefined || b === undefined) continue
    const [out, into] = w.shape as [number, number, number, number]
    const weight = new Float32Array(w.data.length)
    const bias = new Float32Array(out)
    for (let i = 0; i < out; i++) {
      for (let k = 0; k < into; k++) {
        let sum = 0
        for (let j = 0; j < out; j++) sum += a.data[i * out + j]! * w.data[j * into + k]!
        weight[i * into + k] = sum
      }
      let sum = shift.data[i]!
      for (let j = 0; j < out; j++) sum += a.data[i * out + j]! * b.data[j]!
      bias[i] = sum
    }
    changed.set(`${onto}.weight`, { shape: w.shape, data: weight })
    changed.set(`${onto}.bias`, { shape: b.shape, data: bias })
  }
  return changed
}
