import { isAbsent } from '#core/absent.ts'
import { ScreeningError } from '#core/errors.ts'
import type { RasterImage } from '#core/image.ts'
import type { Mask } from '#core/mask.ts'
import { PIXEL_GRID } from '#core/units.ts'
import { readBytes } from '#disk/read.ts'
import { type Component, components } from '#imaging/components.ts'
import { decodeImage } from '#imaging/decode.ts'
import type { Frame } from '#imaging/frame.ts'
import { meanBandWidth } from '#imaging/perimeter.ts'
import { logitSampler } from '#imaging/resample.ts'
import { standardise } from '#imaging/standardise.ts'
import { bandAreasPx, softDice } from '#sam/confidence.ts'
import type { ModalitySettings } from '#sam/model.ts'
import { outline } from '#sam/outline.ts'
import type { Prediction, Predictor } from '#sam/predict.ts'
import { type DatasetImage, type LoadedImage, loadImage } from './dataset.ts'
import { MASK_THRESHOLDS, type ThresholdCurve } from './mask-threshold.ts'
import { type Overlap, overlap, regionOverlap } from './metrics.ts'
import type { ImageFigure } from './summary.ts'
import { meanSurfaceDistancePx } from './surface-distance.ts'

/** What a model makes of one image, before its presence gate. */
export interface ImageEvaluation {
  readonly image: DatasetImage
  /** The mask as the decoder gives it, at the image's own resolution, against the doctor's. */
  readonly mask: Overlap
  readonly maskAreaPx: number
  readonly truthAreaPx: number
  /** Presence score, 0..1; `null` where the model declares none. */
  readonly presence: number | null
  /** The model's own estimate of its mask's IoU, 0..1. */
  readonly expectedIou: number
  /** Of that mask, 0..1: what the model's own probabilities say of it. */
  readonly softDice: number
  /** Each region of that mask, largest first. */
  readonly regions: readonly RegionEvaluation[]
  /** From decoded pixels to the mask. */
  readonly milliseconds: number
}

/** One region of a mask against what a doctor outlined there. */
export interface RegionEvaluation {
  readonly softDice: number
  /** Against the doctor's regions that it touches; 0 where it touches none. */
  readonly dice: number
  /** Mean width of the band in which the outline might as well run, as a share of the image's longer side. */
  readonly outlineUncertainty: number
  /** Mean distance of the two outlines, as a share of the image's longer side; `null` where it touches none. */
  readonly surfaceDistance: number | null
}

/** An image with the doctor's mask and a model's, both at the image's own resolution. */
export interface OutlinedImage extends LoadedImage {
  /** As the decoder gives it, whatever presence says. */
  readonly mask: Mask
  /** Presence score, 0..1; `null` where the model declares none. */
  readonly presence: number | null
  /** The model's own estimate of its mask's IoU, 0..1. */
  readonly expectedIou: number
  /** From decoded pixels to the mask. */
  readonly milliseconds: number
  readonly prediction: Prediction
  readonly frame: Frame
}

/** What a model says of one image. */
export interface PredictedImage {
  readonly image: DatasetImage
  readonly prediction: Prediction
  readonly frame: Frame
  /** From decoded pixels to the prediction. */
  readonly milliseconds: number
}

/**
 * Runs a model over one image; over a low-energy one with the subtracted one beside it where the model reads pairs.
 * @param alone leaves the other exposure out: it does not show what was done to this picture.
 * @throws as `decodeImage`; MODALITY_NOT_VALIDATED
 */
export async function predictImage(
  predictor: Predictor,
  image: DatasetImage,
  raster: RasterImage,
  alone = false,
): Promise<PredictedImage> {
  const { modality, energy } = image.row
  const isHelped = predictor.readsPairs && energy === 'low-energy' && !alone
  const companion = isHelped ? await companionOf(image) : undefined
  const began = performance.now()
  const standardised = (of: RasterImage) => standardise(of, predictor.settings(modality).preprocessing)
  const { image: standard, frame } = standardised(raster)
  const pair = companion && { 'low-energy': standard, subtracted: standardised(companion).image }
  const prediction = pair
    ? (await predictor.predictPair(pair, modality))['low-energy']
    : await predictor.predict(standard, modality)
  return { image, prediction, frame, milliseconds: performance.now() - began }
}

/** The other exposure; one that cannot be read is as one that is not there. */
async function companionOf({ row: { companionFile } }: DatasetImage): Promise<RasterImage | undefined> {
  if (companionFile === null) return undefined
  try {
    return await decodeImage(await readBytes(companionFile), companionFile)
  } catch (error) {
    if (error instanceof ScreeningError) return undefined
    throw error
  }
}

/**
 * Runs a model over one image and draws its mask as `zaoshai segment` does.
 * @param loaded the picture and the doctor's mask, where they are not those of the files; then it is read alone.
 * @throws as {@link predictImage}
 */
export async function outlineImage(
  predictor: Predictor,
  image: DatasetImage,
  loaded?: LoadedImage,
): Promise<OutlinedImage> {
  const { raster, truth } = loaded ?? (await loadImage(image.row))
  const predicted = await predictImage(predictor, image, raster, loaded !== undefined)
  return { raster, truth, ...outlined(predicted, predictor.settings(image.row.modality)) }
}

function outlined(predicted: PredictedImage, settings: ModalitySettings): Omit<OutlinedImage, keyof LoadedImage> {
  const began = performance.now()
  const { prediction, frame } = predicted
  const mask = outline(prediction, frame, settings)
  const milliseconds = predicted.milliseconds + performance.now() - began
  const presence = isAbsent(prediction.presence) ? null : prediction.presence
  return { mask, presence, expectedIou: prediction.iou, milliseconds, prediction, frame }
}

/** Judges a model's mask of one image against the doctor's. @throws as {@link outlineImage} */
export async function evaluateImage(predictor: Predictor, image: DatasetImage): Promise<ImageEvaluation> {
  const { raster, truth } = await loadImage(image.row)
  return evaluatePrediction(await predictImage(predictor, image, raster), truth, predictor.settings(image.row.modality))
}

/** Judges the mask that settings make of a prediction against the doctor's. */
export function evaluatePrediction(
  predicted: PredictedImage,
  truth: Mask,
  settings: ModalitySettings,
): ImageEvaluation {
  const { mask, prediction, frame, ...said } = outlined(predicted, settings)
  const regions = components(mask)
  const soft = softDice(prediction, frame, regions)
  return {
    ...said,
    image: predicted.image,
    mask: overlap(mask, truth),
    maskAreaPx: mask.areaPx,
    truthAreaPx: truth.areaPx,
    softDice: soft.mask,
    regions: evaluateRegions(
      regions,
      soft.regions,
      bandAreasPx(prediction, frame, regions, settings.maskThreshold),
      truth,
    ),
  }
}

/** Dice of the masks that the thresholds to choose from make of a prediction, specks left in; of a lesion image. */
export function thresholdCurve({ image, prediction, frame }: PredictedImage, truth: Mask): ThresholdCurve {
  const logit = logitSampler(prediction.maskLogits, prediction.maskSize, frame)
  const bars = MASK_THRESHOLDS.map((threshold) => Math.log(threshold / (1 - threshold)))
  // Pixels by how many thresholds they pass, in all and within the doctor's mask.
  const [marked, shared] = [new Float64Array(bars.length + 1), new Float64Array(bars.length + 1)]
  for (let y = 0, i = 0; y < truth.height; y++) {
    for (let x = 0; x < truth.width; x++, i++) {
      const value = logit(x, y)
      let passed = 0
      while (passed < bars.length && value > bars[passed]!) passed++
      marked[passed]!++
      shared[passed]! += truth.data[i]!
    }
  }
  const passing = (counts: Float64Array, least: number) => counts.subarray(least).reduce((sum, count) => sum + count, 0)
  const dice = bars.map((_, at) => (2 * passing(shared, at + 1)) / (passing(marked, at + 1) + truth.areaPx))
  return { cluster: image.row.cluster, dice }
}

function evaluateRegions(
  regions: readonly Component[],
  softDice: readonly number[],
  bandsPx: readonly number[],
  truth: Mask,
): RegionEvaluation[] {
  const outlined = components(truth)
  const longerSide = Math.max(truth.width, truth.height)
  return regions.map((region, i) => {
    const { dice, touched } = regionOverlap(region, outlined)
    const distancePx = touched.length === 0 ? null : meanSurfaceDistancePx(region.mask, union(touched))
    return {
      softDice: softDice[i]!,
      dice,
      outlineUncertainty: meanBandWidth(bandsPx[i]!, region, PIXEL_GRID) / longerSide,
      surfaceDistance: distancePx === null ? null : distancePx / longerSide,
    }
  })
}

function union([first, ...others]: readonly Component[]): Mask {
  const all = first!.mask
  for (const { mask } of others) for (let i = 0; i < all.data.length; i++) all.data[i]! |= mask.data[i]!
  return all
}

/**
 * The figure of what a user gets: an empty mask where presence stays below its threshold.
 * @param threshold `null` judges the masks without the gate.
 */
export function toFigure(
  evaluation: Pick<ImageEvaluation, 'image' | 'mask' | 'maskAreaPx' | 'presence'>,
  threshold: number | null,
): ImageFigure {
  const { image, mask, maskAreaPx, presence } = evaluation
  const gated = isGated(presence, threshold)
  const empty = image.lesion ? 0 : 1
  return {
    id: image.row.id,
    modality: image.row.modality,
    class: image.row.class,
    lesion: image.lesion,
    headline: image.row.nearDuplicateOf === null,
    cluster: image.row.cluster,
    presence,
    dice: gated ? empty : mask.dice,
    iou: gated ? empty : mask.iou,
    predictedAreaPx: gated ? 0 : maskAreaPx,
  }
}

/** Whether a user gets an outline: there is one, and presence reaches its threshold. */
export function isShown(evaluation: ImageEvaluation, threshold: number | null): boolean {
  return evaluation.maskAreaPx > 0 && !isGated(evaluation.presence, threshold)
}

/** Whether presence stays below its threshold, so that the user gets an empty mask; `null` knows no gate. */
export function isGated(presence: number | null, threshold: number | null): boolean {
  return threshold !== null && presence !== null && presence < threshold
}

/** The threshold that a model's settings declare, `null` where presence is absent. */
export function presenceThreshold({ presenceThreshold }: ModalitySettings): number | null {
  return isAbsent(presenceThreshold) ? null : presenceThreshold
}
