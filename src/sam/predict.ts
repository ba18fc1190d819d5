import { type Absent, isAbsent } from '#core/absent.ts'
import { ScreeningError } from '#core/errors.ts'
import { GreyImage, type Size } from '#core/image.ts'
import { Modality } from '#core/modality.ts'
import type { Energy } from '#core/study.ts'
import type { TestView } from '#core/test-view.ts'
import { Graph } from '#engine/graph.ts'
import { toOnnx } from '#engine/onnx.ts'
import { sigmoid } from '#engine/operators/activation.ts'
import { reduceMean } from '#engine/operators/arithmetic.ts'
import type { SessionOptions } from '#engine/protocol.ts'
import { openSession, type Session } from '#engine/session.ts'
import type { Tensors } from '#engine/tensor.ts'
import { automaticDecoder, oneHot } from './automatic.ts'
import { PAIRED, readsPairs, readTogether } from './companion.ts'
import { imageEmbedding, trunkFeatures } from './image-encoder.ts'
import type { ModalitySettings, Model } from './model.ts'
import { normalise } from './normalise.ts'
import { parameterSource } from './parameters.ts'
import { laidBack, shownIn } from './test-views.ts'

/** P = f(I): what a model sees in one standardised image. */
export interface Prediction {
  /** Logit of each mask cell's probability, the mean over the views, row by row; a quarter of the image's side. */
  readonly maskLogits: Float32Array
  readonly maskSize: Size
  /** Presence score, 0..1: higher where a lesion is likelier. */
  readonly presence: number | Absent
  /** The model's own estimate of its mask's IoU, 0..1. */
  readonly iou: number
  /** Mean over the image of the trunk's fourth stage, in the first view, [768]: what kind of picture it is. */
  readonly impression: Float32Array
}

/** Standardised images of one view. */
export type ExposurePair = Readonly<Record<Energy, GreyImage>>

export interface Predictor extends AsyncDisposable {
  readonly model: Model
  /** What the model does with a modality. @throws MODALITY_NOT_VALIDATED */
  settings(modality: Modality): ModalitySettings
  /**
   * @param image standardised by the modality's preprocessing.
   * @throws MODALITY_NOT_VALIDATED, IMAGE_SIZE_UNSUPPORTED, ENGINE_FAILED
   */
  predict(image: GreyImage, modality: Modality): Promise<Prediction>
  /** Whether the model reads the two exposures of a view of contrast mammography together. */
  readonly readsPairs: boolean
  /**
   * Both exposures of one view, read together; a model that does not read pairs reads each by itself.
   * @throws as {@link Predictor.predict}
   */
  predictPair(pair: ExposurePair, modality: Modality): Promise<Readonly<Record<Energy, Prediction>>>
  close(): Promise<void>
}

/**
 * Loads a model into a worker.
 * @throws DEVICE_UNAVAILABLE, ENGINE_FAILED, MODEL_INVALID when the modalities' input sizes differ.
 */
export async function openPredictor(model: Model, options: SessionOptions = {}): Promise<Predictor> {
  const size = inputSize(model)
  const modalities = modalitiesOf(model)
  const session = await openSession(predictionGraph(model, size, modalities), options)
  let pairs: Promise<Session> | undefined
  const settings = (modality: Modality) => {
    const found = model.metadata.modalities[modality]
    if (!found) throw new ScreeningError('MODALITY_NOT_VALIDATED', { modality, model: model.metadata.name })
    return found
  }
  /** Every view of all images at once; the answers by image. */
  const ask = async (of: Session, images: readonly GreyImage[], modality: Modality): Promise<Prediction[]> => {
    const { presenceThreshold, testViews = ['plain'] } = settings(modality)
    for (const image of images) checkSize(image, size)
    const runs = testViews.map((view) => of.run(feedsOf(images, view, oneHot(modality, modalities))))
    const views = (await Promise.all(runs)).map((outputs, i) => answersOf(outputs, testViews[i]!, images.length, size))
    return images.map((_, image) =>
      meanOf(
        views.map((answers) => answers[image]!),
        presenceThreshold,
      ),
    )
  }
  const predict = async (image: GreyImage, modality: Modality) => (await ask(session, [image], modality))[0]!
  const close = async () => {
    await session.close()
    await (await pairs)?.close()
  }
  return {
    model,
    settings,
    predict,
    readsPairs: readsPairs(model.weights),
    predictPair: async (pair, modality) => {
      const images = PAIRED.map((energy) => pair[energy])
      if (!readsPairs(model.weights)) return ofPair(await Promise.all(images.map((image) => predict(image, modality))))
      // Opened when there is a pair: most screenings have none.
      pairs ??= openSession(predictionGraph(model, size, modalities, 'pairs'), options)
      return ofPair(await ask(await pairs, images, modality))
    },
    close,
    [Symbol.asyncDispose]: close,
  }
}

function ofPair(predictions: readonly Prediction[]): Record<Energy, Prediction> {
  return Object.fromEntries(PAIRED.map((energy, i) => [energy, predictions[i]!])) as Record<Energy, Prediction>
}

function checkSize({ width, height }: GreyImage, size: number): void {
  if (width === size && height === size) return
  throw new ScreeningError('SHAPE_MISMATCH', { image: [width, height], expected: [size, size] })
}

function feedsOf(images: readonly GreyImage[], view: TestView, choice: Float32Array): Tensors {
  const { width, height } = images[0]!
  const [seen, chosen] = [images.map((image) => normalise(shownIn(view, image))), images.map(() => choice)]
  return {
    image: { data: joined(seen), shape: [images.length, 3, height, width] },
    modality: { data: joined(chosen), shape: [images.length, choice.length] },
  }
}

function joined(parts: readonly Float32Array[]): Float32Array {
  const all = new Float32Array(parts.reduce((sum, part) => sum + part.length, 0))
  let at = 0
  for (const part of parts) {
    all.set(part, at)
    at += part.length
  }
  return all
}

function answersOf(
  { probability, presence, iou, impression }: Tensors,
  view: TestView,
  count: number,
  size: number,
): Answer[] {
  const maskSize = { width: size / 4, height: size / 4 }
  const cells = maskSize.width * maskSize.height
  const numbers = impression!.data.length / count
  return Array.from({ length: count }, (_, i) => {
    const own = (probability!.data as Float32Array).slice(i * cells, (i + 1) * cells)
    return {
      probability: laidBack(view, GreyImage.from(own, maskSize)),
      presence: Number(presence!.data[i]),
      iou: Number(iou!.data[i]),
      impression: (impression!.data as Float32Array).slice(i * numbers, (i + 1) * numbers),
    }
  })
}

/** What the views of an image say together. */
function meanOf(answers: readonly Answer[], presenceThreshold: ModalitySettings['presenceThreshold']): Prediction {
  const { width, height } = answers[0]!.probability
  return {
    maskLogits: logits(answers.map(({ probability }) => probability.data)),
    maskSize: { width, height },
    presence: isAbsent(presenceThreshold) ? presenceThreshold : mean(answers.map(({ presence }) => presence)),
    iou: mean(answers.map(({ iou }) => iou)),
    impression: answers[0]!.impression,
  }
}

/** From one image [1, 3, size, size], or the two of a pair, to mask, presence, confidence and impression. */
export function predictionGraph(
  model: Model,
  size: number,
  modalities: readonly Modality[],
  of: 'images' | 'pairs' = 'images',
): Uint8Array {
  const graph = new Graph()
  const parameters = parameterSource(graph, model.weights)
  const count = of === 'pairs' ? PAIRED.length : 1
  const image = graph.input('image', [count, 3, size, size])
  const { highRes0, highRes1, ...trunk } = trunkFeatures(image, model.weights, parameters)
  const seen = { embedding: imageEmbedding(trunk, parameters), highRes0, highRes1 }
  const features = of === 'pairs' ? readTogether(seen, parameters) : seen
  const choice = graph.input('modality', [count, modalities.length])
  const { maskLogits, presenceLogit, iou } = automaticDecoder(features, choice, modalities, parameters)
  const impression = reduceMean(trunk.stage4, [1, 2])
  return toOnnx({ probability: sigmoid(maskLogits), presence: sigmoid(presenceLogit), iou, impression })
}

/** What the model says of one view, laid back over the image. */
interface Answer {
  readonly probability: GreyImage
  readonly presence: number
  readonly iou: number
  readonly impression: Float32Array
}

/** Of the mean of several probabilities, cell by cell; finite. */
function logits(probabilities: readonly Float32Array[]): Float32Array {
  return Float32Array.from(probabilities[0]!, (_, i) => {
    const p = Math.min(Math.max(mean(probabilities.map((of) => of[i]!)), FARTHEST), 1 - FARTHEST)
    return Math.log(p / (1 - p))
  })
}

/** The smallest probability that is told from 0. */
const FARTHEST = 1e-7

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length
}

/** The modalities that a model marks, in the order of its one-hot input. */
export function modalitiesOf({ metadata }: Model): Modality[] {
  return Modality.options.filter((modality) => metadata.modalities[modality])
}

/** Side of the square that a model sees, pixels. @throws MODEL_INVALID when the modalities' sizes differ. */
export function inputSize({ metadata }: Model): number {
  const sizes = new Set(Object.values(metadata.modalities).map(({ preprocessing }) => preprocessing.size))
  const [size] = sizes
  if (size === undefined || sizes.size > 1)
    throw new ScreeningError('MODEL_INVALID', { file: metadata.name, sizes: [...sizes] })
  return size
}
