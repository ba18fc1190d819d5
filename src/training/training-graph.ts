/** The part of the model that trains, as graphs: from cached features to losses, and to masks for evaluation. */
import type { Modality } from '#core/modality.ts'
import type { Random } from '#core/random.ts'
import { gradients } from '#engine/gradient.ts'
import { Graph, type Value } from '#engine/graph.ts'
import { toOnnx } from '#engine/onnx.ts'
import { add, detach, mul } from '#engine/operators/arithmetic.ts'
import type { Device } from '#engine/protocol.ts'
import { type AutomaticAnswer, automaticDecoder, initialAutomaticWeights, type MaskAnswer } from '#sam/automatic.ts'
import { initialCompanions, isCompanion, readTogether } from '#sam/companion.ts'
import { type FrozenFeatures, type ImageFeatures, imageEmbedding, trunkFeatures } from '#sam/image-encoder.ts'
import { pointwise } from '#sam/layers.ts'
import { adapted, initialFactors, isFactor, type LoraSettings } from '#sam/lora.ts'
import { normalised } from '#sam/normalise.ts'
import { type ParameterSource, parameterSource } from '#sam/parameters.ts'
import { promptedDecoder } from '#sam/prompted.ts'
import { trunkBlock } from '#sam/trunk.ts'
import type { NamedTensor, Weights } from '#sam/weights.ts'
import { promptsOf } from './correction.ts'
import { iouLoss, maskLosses, objectnessLoss, presenceLoss } from './losses.ts'
import { type FeatureName, featureShapes, fromPixels, maskSide, type ViewLayout } from './view-layout.ts'

/** What of the trunk trains. */
export interface TrunkSettings extends LoraSettings {
  /** Low-rank corrections of the matrices, or the whole blocks. */
  readonly trunk: 'lora' | 'full'
  /**
   * Only what reads the two exposures of a view together trains, on images that have both, low-energy and subtracted one
   * behind the other; all else stays as it is, bit for bit.
   */
  readonly together: boolean
}

export interface GraphSettings extends ViewLayout, TrunkSettings {
  readonly batch: number
  /** Those that have prompt tokens, in the order of the one-hot input. */
  readonly modalities: readonly Modality[]
}

/** What each loss of a mask counts in that mask's total. */
export const MASK_LOSS_WEIGHTS = { dice: 1, crossEntropy: 1, focal: 5, iou: 0.05 } as const
/** What each mask's total, the presence and the coarse map count in the whole. */
export const LOSS_WEIGHTS = { mask: 1, firstLook: 0.5, prompted: 0.5, objectness: 0.5, presence: 0.2 } as const
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
  settings: Pick<GraphSettings, 'modalities'> & TrunkSettings,
  random: Random,
): Weights {
  const weights = new Map<string, NamedTensor>([
    ...initialAutomaticWeights(base, settings.modalities, random),
    ...(settings.trunk === 'lora' ? initialFactors(base, settings, random) : []),
    ...(settings.together ? initialCompanions() : []),
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
 * Whether a parameter trains: neck levels 0 and 1, the decoder as far as mask 0 uses it, the embedding of a previous
 * mask, all that is new, and of the trunk's blocks from `trunkFrom` on either everything, or the norms and the factors
 * that correct their matrices; where exposures are read together, nothing but what does that.
 */
export function trains(
  name: string,
  { trunkFrom, trunk, together }: Pick<TrunkSettings, 'trunkFrom' | 'trunk' | 'together'>,
): boolean {
  if (together) return isCompanion(name)
  if (isFactor(name)) return true
  const place = trunkBlock(name)
  if (place) return place.block >= trunkFrom && (trunk === 'full' || place.rest.startsWith('norm'))
  if (/^sam_mask_decoder\.(conv_s\d|output_hypernetworks_mlps\.[123])\./.test(name)) return false
  return /^(sam_mask_decoder|sam_prompt_encoder\.mask_downscaling|image_encoder\.neck\.convs\.[01]\.conv|prompt_tokens|presence_head|objectness_(head|embedding)|high_res_adapters)(\.|$)/.test(
    name,
  )
}

/** Parameters that begin from nothing and learn faster: those that the start lacks, but the adapters, which begin as the identity. */
export function isNew(name: string, start: Weights): boolean {
  return !start.has(name) && !name.startsWith('high_res_adapters.')
}

/** Images whose numbers a processor's caches hold; with more of them every product of matrices is slower. */
const IMAGES_IN_CACHE = { fromPixels: 2, fromFeatures: 4 } as const

/** How many images of a batch the graph takes at a time; the trainer sums over the pieces. */
export function pieceSize({ batch, trunkFrom }: Pick<GraphSettings, 'batch' | 'trunkFrom'>, device: Device = 'cpu') {
  if (device !== 'cpu') return batch
  return greatestCommonDivisor(batch, IMAGES_IN_CACHE[fromPixels({ trunkFrom }) ? 'fromPixels' : 'fromFeatures'])
}

function greatestCommonDivisor(a: number, b: number): number {
  return b === 0 ? a : greatestCommonDivisor(b, a % b)
}

/**
 * One training step's forward and backward pass as an ONNX model: every image is answered without a prompt, and once
 * more with one. Inputs: the parameters that train, the views of a batch, `target` [B, m, m], `modality` (one-hot,
 * [B, modalities]), per image `lesion` (0 or 1), `maskWeight` and `presenceWeight` (each summing to 1 over the batch, or
 * all 0), and the prompts' (see `promptsOf`). Outputs: `total`, each loss by name, and `gradient/<parameter>`.
 */
export function trainingModel(weights: Weights, settings: GraphSettings): { model: Uint8Array; parameters: string[] } {
  const graph = new Graph()
  const source = parameterSource(graph, weights, (name) => trains(name, settings))
  const features = imageFeatures(graph, source, weights, settings)
  const answer = automatic(graph, features, source, settings)
  const { batch, size } = settings
  const target = graph.input('target', [batch, maskSide(size), maskSide(size)])
  const lesion = graph.input('lesion', [batch])
  const maskWeight = graph.input('maskWeight', [batch])
  const presenceWeight = graph.input('presenceWeight', [batch])
  const prompts = promptsOf(graph, detach(answer.maskLogits), target)
  const maskTotal = ({ maskLogits, iou }: MaskAnswer) => {
    const parts = { ...maskLosses(maskLogits, target, maskWeight), iou: iouLoss(iou, maskLogits, target, maskWeight) }
    return weighted(parts, MASK_LOSS_WEIGHTS)
  }
  const losses: Record<LossName, Value> = {
    mask: maskTotal(answer),
    firstLook: maskTotal(answer.firstLook),
    prompted: maskTotal(promptedDecoder(features, prompts, source)),
    objectness: objectnessLoss(answer.objectness, target, maskWeight),
    presence: presenceLoss(answer.presenceLogit, lesion, presenceWeight),
  }
  const total = weighted(losses, LOSS_WEIGHTS)
  const parameters = [...graph.inputs.keys()].filter((name) => trains(name, settings))
  const derived = gradients(
    total,
    parameters.map((name) => source(name)),
  )
  const named = Object.fromEntries(parameters.map((name, i) => [`gradient/${name}`, derived[i]!]))
  return { model: toOnnx({ total, ...losses, ...named }), parameters }
}

function weighted<Name extends string>(losses: Record<Name, Value>, weights: Record<Name, number>): Value {
  const terms = Object.entries<Value>(losses).map(([name, loss]) => mul(loss, weights[name as Name]))
  return terms.reduce((sum, term) => add(sum, term))
}

/**
 * The same pass without prompts and losses. Outputs: `maskLogits` and `firstLook` [B, m, m], `presenceLogit` and `iou`
 * [B].
 */
export function evaluationModel(weights: Weights, settings: GraphSettings): Uint8Array {
  const graph = new Graph()
  const source = parameterSource(graph, weights, (name) => trains(name, settings))
  const features = imageFeatures(graph, source, weights, settings)
  const { maskLogits, presenceLogit, iou, firstLook } = automatic(graph, features, source, settings)
  return toOnnx({ maskLogits, presenceLogit, iou, firstLook: firstLook.maskLogits })
}

function automatic(
  graph: Graph,
  features: ImageFeatures,
  source: ParameterSource,
  { batch, modalities }: GraphSettings,
): AutomaticAnswer {
  return automaticDecoder(features, graph.input('modality', [batch, modalities.length]), modalities, source)
}

/** From the cached features of the frozen trunk, or from the pixels where the trunk trains. */
function imageFeatures(
  graph: Graph,
  source: ParameterSource,
  weights: Weights,
  settings: GraphSettings,
): ImageFeatures {
  const shapes = featureShapes(settings)
  const view = (name: FeatureName) => graph.input(name, [settings.batch, ...shapes[name]!])
  const ofTrunk: FrozenFeatures = fromPixels(settings)
    ? trunkFeatures(normalised(view('image')), weights, adapted(source, weights))
    : { stage4: view('stage4'), stage3: view('stage3'), highRes1: view('highRes1'), highRes0: view('highRes0') }
  const features = {
    embedding: imageEmbedding(ofTrunk, source),
    highRes0: pointwise(ofTrunk.highRes0, source, ADAPTERS[0].name),
    highRes1: pointwise(ofTrunk.highRes1, source, ADAPTERS[1].name),
  }
  return settings.together ? readTogether(features, source) : features
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
