import { isAbsent } from '#core/absent.ts'
import { standardise } from '#imaging/standardise.ts'
import type { ModalitySettings } from '#sam/model.ts'
import { outline } from '#sam/outline.ts'
import type { Predictor } from '#sam/predict.ts'
import { type DatasetImage, loadImage } from './dataset.ts'
import { clusterOf } from './manifest.ts'
import { type Overlap, overlap } from './metrics.ts'
import type { ImageFigure } from './summary.ts'

/** What a model makes of one image, before its presence gate. */
export interface ImageEvaluation {
  readonly image: DatasetImage
  /** The mask as the decoder gives it, at the image's own resolution, against the doctor's. */
  readonly mask: Overlap
  readonly maskAreaPx: number
  readonly truthAreaPx: number
  /** Chance of a lesion, 0..1; `null` where the model declares none. */
  readonly presence: number | null
  /** The model's own estimate of its mask's IoU, 0..1. */
  readonly expectedIou: number
  /** From decoded pixels to the mask. */
  readonly milliseconds: number
}

/**
 * Runs a model over one image as `zaoshai segment` does.
 * @throws as `decodeImage`; MODALITY_NOT_VALIDATED
 */
export async function evaluateImage(predictor: Predictor, image: DatasetImage): Promise<ImageEvaluation> {
  const { raster, truth } = await loadImage(image.row)
  const settings = predictor.settings(image.row.modality)
  const began = performance.now()
  const { image: standard, frame } = standardise(raster, settings.preprocessing)
  const prediction = await predictor.predict(standard, image.row.modality)
  const mask = outline(prediction, frame, settings)
  const milliseconds = performance.now() - began
  return {
    image,
    mask: overlap(mask, truth),
    maskAreaPx: mask.areaPx,
    truthAreaPx: truth.areaPx,
    presence: isAbsent(prediction.presence) ? null : prediction.presence,
    expectedIou: prediction.iou,
    milliseconds,
  }
}

/**
 * The figure of what a user gets: an empty mask where presence stays below its threshold.
 * @param threshold `null` judges the masks without the gate.
 */
export function toFigure(evaluation: ImageEvaluation, threshold: number | null): ImageFigure {
  const { image, mask, maskAreaPx, presence } = evaluation
  const gated = threshold !== null && presence !== null && presence < threshold
  const empty = image.lesion ? 0 : 1
  return {
    id: image.row.id,
    modality: image.row.modality,
    class: image.row.class,
    lesion: image.lesion,
    headline: image.row.nearDuplicateOf === null,
    cluster: clusterOf(image.row),
    presence,
    dice: gated ? empty : mask.dice,
    iou: gated ? empty : mask.iou,
    predictedAreaPx: gated ? 0 : maskAreaPx,
  }
}

/** The threshold that a model's settings declare, `null` where presence is absent. */
export function presenceThreshold({ presenceThreshold }: ModalitySettings): number | null {
  return isAbsent(presenceThreshold) ? null : presenceThreshold
}

/**
 * The highest presence threshold that keeps the share `kept` of the lesion images, counted on the evaluated ones; `null` where the model
 * declares no presence or there is no lesion.
 */
export function thresholdKeeping(kept: number, evaluations: readonly ImageEvaluation[]): number | null {
  const scores = evaluations.flatMap(({ image, presence }) => (image.lesion && presence !== null ? [presence] : []))
  const lowest = scores.sort((a, b) => a - b)[scores.length - Math.ceil(kept * scores.length - 1e-9)]
  return lowest ?? null
}
