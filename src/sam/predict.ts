import { type Absent, isAbsent } from '#core/absent.ts'
import { ScreeningError } from '#core/errors.ts'
import { GreyImage, type Size } from '#core/image.ts'
import { Modality } from '#core/modality.ts'
import { Graph } from '#engine/graph.ts'
import { toOnnx } from '#engine/onnx.ts'
import { sigmoid } from '#engine/operators/activation.ts'
import type { SessionOptions } from '#engine/protocol.ts'
import { openSession } from '#engine/session.ts'
import { automaticDecoder, oneHot } from './automatic.ts'
import { imageEncoder } from './image-encoder.ts'
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
}

export interface Predictor extends AsyncDisposable {
  readonly model: Model
  /** What the model does with a modality. @throws MODALITY_NOT_VALIDATED */
  settings(modality: Modality): ModalitySettings
  /**
   * @param image standardised by the modality's preprocessing.
   * @throws MODALITY_NOT_VALIDATED, IMAGE_SIZE_UNSUPPORTED, ENGINE_FAILED
   */
  predict(image: GreyImage, modality: Modality): Promise<Prediction>
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
  const settings = (modality: Modality) => {
    const found = model.metadata.modalities[modality]
    if (!found) throw new ScreeningError('MODALITY_NOT_VALIDATED', { modality, model: model.metadata.name })
    return found
  }
  return {
    model,
    settings,
    predict: async (image, modality) => {
      const { presenceThreshold, testViews = ['plain'] } = settings(modality)
      if (image.width !== size || image.height !== size) {
        throw new ScreeningError('SHAPE_MISMATCH', { image: [image.width, image.height], expected: [size, size] })
      }
      const choice = { data: oneHot(modality, modalities), shape: [1, modalities.length] }
      const maskSize = { width: size / 4, height: size / 4 }
      const runs = testViews.map((view) => {
        const seen = { data: normalise(shownIn(view, image)), shape: [1, 3, size, size] }
        return session.run({ image: seen, modality: choice })
      })
      const answers = (await Promise.all(runs)).map(({ probability, presence, iou }, i): Answer => {
        const answer = GreyImage.from(probability!.data as Float32Array, maskSize)
        const laid = laidBack(testViews[i]!, answer)
        return { probability: laid, presence: Number(presence!.data[0]), iou: Number(iou!.data[0]) }
      })
      return {
        maskLogits: logits(answers.map(({ probability }) => probability.data)),
        maskSize,
        presence: isAbsent(presenceThreshold) ? presenceThreshold : mean(answers.map(({ presence }) => presence)),
        iou: mean(answers.map(({ iou }) => iou)),
      }
    },
    close: () => session.close(),
    [Symbol.asyncDispose]: () => session.close(),
  }
}

/** From one image [1, 3, size, size] to mask, presence and confidence. */
export function predictionGraph(model: Model, size: number, modalities: readonly Modality[]): Uint8Array {
  const graph = new Graph()
  const parameters = parameterSource(graph, model.weights)
  const features = imageEncoder(graph.input('image', [1, 3, size, size]), model.weights, parameters)
  const choice = graph.input('modality', [1, modalities.length])
  const { maskLogits, presenceLogit, iou } = automaticDecoder(features, choice, modalities, parameters)
  return toOnnx({ probability: sigmoid(maskLogits), presence: sigmoid(presenceLogit), iou })
}

/** What the model says of one view, laid back over the image. */
interface Answer {
  readonly probability: GreyImage
  readonly presence: number
  readonly iou: number
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
