import { isAbsent } from '#core/absent.ts'
import { Mask } from '#core/mask.ts'
import type { Modality } from '#core/modality.ts'
import type { Energy } from '#core/study.ts'
import type { Device } from '#engine/protocol.ts'
import type { Frame } from '#imaging/frame.ts'
import { standardise } from '#imaging/standardise.ts'
import { type ModalitySettings, type Model, openModel } from '#sam/model.ts'
import { outline } from '#sam/outline.ts'
import { openPredictor, type Prediction } from '#sam/predict.ts'
import type { StoreOptions } from '#sam/weights.ts'
import type { Segmenter } from './segment.ts'

export interface SegmenterOptions extends StoreOptions {
  /** A model file; default: the model that comes with this software. */
  readonly model?: string | undefined
  readonly device?: Device | undefined
  readonly threads?: number | undefined
}

/** A segmenter that knows which model it runs. */
export interface ModelSegmenter extends Segmenter, AsyncDisposable {
  readonly model: Model
}

/**
 * Loads a model so that it can segment images of every modality it was validated on.
 * @throws what `openModel` and `openPredictor` throw.
 */
export async function openSegmenter({
  model: file,
  device,
  threads,
  ...store
}: SegmenterOptions): Promise<ModelSegmenter> {
  const model = await openModel(file, store)
  const predictor = await openPredictor(model, { ...(device && { device }), ...(threads && { threads }) })
  return {
    model,
    isValidatedOn: (modality, energy) => isValidatedOn(model, modality, energy),
    standardise: (raster, modality) => standardise(raster, predictor.settings(modality).preprocessing),
    segment: async ({ image, frame }, modality) => {
      const prediction = await predictor.predict(image, modality)
      return { mask: gatedOutline(prediction, frame, predictor.settings(modality)), presence: prediction.presence }
    },
    [Symbol.asyncDispose]: () => predictor.close(),
  }
}

/** Whether a model was validated on images of a modality; without `energy` a mammogram is one without contrast agent. */
export function isValidatedOn(
  { metadata }: Pick<Model, 'metadata'>,
  modality: Modality,
  energy: Energy | undefined,
): boolean {
  const settings = metadata.modalities[modality]
  if (settings?.energies === undefined) return settings !== undefined
  return energy !== undefined && settings.energies.includes(energy)
}

/** The mask that a user gets: empty where the model takes the image for one without a lesion. */
export function gatedOutline(prediction: Prediction, frame: Frame, settings: ModalitySettings): Mask {
  const { presence } = prediction
  const { presenceThreshold } = settings
  const isGated = !isAbsent(presence) && !isAbsent(presenceThreshold) && presence < presenceThreshold
  return isGated ? Mask.empty(frame.original) : outline(prediction, frame, settings)
}
