import { absent, isAbsent } from '#core/absent.ts'
import { Mask } from '#core/mask.ts'
import type { Modality } from '#core/modality.ts'
import type { Energy } from '#core/study.ts'
import type { Device } from '#engine/protocol.ts'
import { components } from '#imaging/components.ts'
import type { Frame } from '#imaging/frame.ts'
import { judgeability } from '#imaging/judgeable.ts'
import { standardise } from '#imaging/standardise.ts'
import { bandAreasPx, expectedDice, softDice } from '#sam/confidence.ts'
import { type ConfidenceMap, type ModalitySettings, type Model, openModel } from '#sam/model.ts'
import { outline } from '#sam/outline.ts'
import { openPredictor, type Prediction } from '#sam/predict.ts'
import type { StoreOptions } from '#sam/weights.ts'
import { openWitness } from './judgement.ts'
import { displayable } from './picture.ts'
import type { Segmented, Segmenter } from './segment.ts'

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
  const witness = openWitness(model.sha256)
  const predictor = await openPredictor(model, { ...(device && { device }), ...(threads && { threads }) })
  return {
    model,
    isValidatedOn: (modality, energy) => isValidatedOn(model, modality, energy),
    // temperatures use a part of their range
    judge: (raster, modality) => judgeability(modality === 'TG' ? displayable(raster) : raster, modality),
    standardise: (raster, modality) => standardise(raster, predictor.settings(modality).preprocessing),
    segment: async ({ image, frame }, modality) => {
      const prediction = await predictor.predict(image, modality)
      const found = segmented(prediction, frame, predictor.settings(modality))
      return { ...found, secondLook: witness(modality, prediction.impression) }
    },
    ...(predictor.readsPairs && {
      segmentPair: async (pair, modality) => {
        const images = { 'low-energy': pair['low-energy'].image, subtracted: pair.subtracted.image }
        const predictions = await predictor.predictPair(images, modality)
        const settings = predictor.settings(modality)
        const of = (energy: Energy) => segmented(predictions[energy], pair[energy].frame, settings)
        return { 'low-energy': of('low-energy'), subtracted: of('subtracted') }
      },
    }),
    [Symbol.asyncDispose]: () => predictor.close(),
  }
}

/** A prediction as a user gets it: the mask with what can be said of its regions. */
export function segmented(prediction: Prediction, frame: Frame, settings: ModalitySettings): Segmented {
  const mask = gatedOutline(prediction, frame, settings)
  const regions = components(mask)
  const soft = softDice(prediction, frame, regions)
  const bands = bandAreasPx(prediction, frame, regions, settings.maskThreshold)
  const { confidence } = settings
  const expected = (map: ConfidenceMap | undefined, value: number) =>
    map === undefined ? absent('confidence-not-calibrated') : expectedDice(map, value)
  return {
    mask,
    presence: prediction.presence,
    expectedDice: regions.length === 0 ? absent('no-lesion-marked') : expected(confidence?.mask, soft.mask),
    regions: regions.map((region, i) => ({
      region,
      expectedDice: expected(confidence?.region, soft.regions[i]!),
      bandAreaPx: bands[i]!,
    })),
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
