import path from 'node:path'
import { stringify } from 'csv-stringify/sync'
import { type AbsenceReason, isAbsent } from '#core/absent.ts'
import { ScreeningError } from '#core/errors.ts'
import type { Modality } from '#core/modality.ts'
import type { Language } from '#core/words.ts'
import type { Device } from '#engine/protocol.ts'
import { expectedDice } from '#sam/confidence.ts'
import { type Model, openModel } from '#sam/model.ts'
import { openPredictor, type Predictor } from '#sam/predict.ts'
import type { StoreOptions } from '#sam/weights.ts'
import { type ConfidenceFigures, carriedConfidence, printConfidence } from '#training/confidence-figures.ts'
import { type Dataset, type DatasetImage, dataHash, examine, loadImage, loadTruth } from '#training/dataset.ts'
import {
  evaluateImage,
  evaluatePrediction,
  type ImageEvaluation,
  type PredictedImage,
  predictImage,
  presenceThreshold,
  thresholdCurve,
  toFigure,
} from '#training/evaluate.ts'
import { type ChosenThresholds, HeldOutFigures, printHeldOut } from '#training/held-out.ts'
import type { BadRow, Split } from '#training/manifest.ts'
import { chooseMaskThreshold, type MaskThresholdFigures, type ThresholdCurve } from '#training/mask-threshold.ts'
import { printSummary, type Summary, summarise } from '#training/summary.ts'
import { readManifests } from './manifests.ts'
import { prepareFolder, writeOutput } from './output.ts'
import { type Judged, worstOf, worstPage, worstPlates } from './worst-page.ts'

export interface EvaluateOptions extends StoreOptions {
  /** Manifests; `US:path` says what the images of one are of. */
  readonly data: readonly string[]
  readonly split: Split
  /** What the images are of where neither a manifest's column nor its prefix says. */
  readonly modality?: Modality | undefined
  /** A model file; default: the model that comes with this software. */
  readonly model?: string | undefined
  /** Folder for `images.csv`, `summary.json`, `summary.txt` and `worst.html`; nothing is written without it. */
  readonly out?: string | undefined
  /** The language in which `worst.html` opens; it holds both. */
  readonly language?: Language | undefined
  readonly device?: Device | undefined
  readonly threads?: number | undefined
  readonly onEvaluating?: ((progress: EvaluateProgress) => void) | undefined
}

/** How many images were looked at, evaluated, or drawn for a page. */
export interface EvaluateProgress {
  readonly stage: 'examined' | 'evaluated' | 'drawn'
  readonly done: number
  readonly total: number
}

export interface Evaluation {
  readonly model: { readonly name: string; readonly sha256: string }
  readonly split: Split
  readonly dataHash: string
  readonly images: number
  readonly badRows: readonly BadRow[]
  /** Of the masks that a user gets: empty where presence stays below the model's threshold. */
  readonly summary: Summary
  /** Of the decoder's masks, whatever presence says. */
  readonly withoutPresenceGate: Summary
  /** What the model file tells of its gate and confidence on held-out images; `null` where it tells nothing. */
  readonly heldOut: HeldOutFigures | null
  /** How the expected Dice that the model carries holds on these images, where they are others. */
  readonly confidence: ConfidenceFigures
  readonly meanMilliseconds: number
  /** The summary for a person. */
  readonly text: string
}

/** Draws the bootstrap; fixed, so that the same masks give the same intervals. */
const BOOTSTRAP_SEED = 20

/**
 * Judges a model on one split of some manifests: Dice and IoU at each image's own resolution, false positives on
 * normal images, AUC of presence, with 95% bootstrap intervals.
 * @throws MANIFEST_INVALID, MODALITY_UNKNOWN, SPLIT_LEAK, NO_IMAGES, MODALITY_NOT_VALIDATED, OUTPUT_UNWRITABLE; what
 *   `openModel` throws.
 */
export async function evaluate(options: EvaluateOptions): Promise<Evaluation> {
  const { split, out, device, threads, onEvaluating, signal } = options
  if (out !== undefined) await prepareFolder(out)
  const { images, badRows } = await readImages(options)
  const model = await openModel(options.model, options)
  await using predictor = await openPredictor(model, { ...(device && { device }), ...(threads && { threads }) })
  const onImage = (done: number, total: number) => onEvaluating?.({ stage: 'evaluated', done, total })
  const evaluations = await evaluateImages(predictor, images, { onImage, signal })
  const evaluation = judge(model, split, evaluations, badRows)
  if (out !== undefined) await writeEvaluation(options, out, evaluation, evaluations, predictor)
  return evaluation
}

/** The images of one split of some manifests, each looked at once. @throws NO_IMAGES; as {@link evaluate} */
export async function readImages({
  data,
  modality,
  split,
  onEvaluating,
  signal,
}: Pick<EvaluateOptions, 'data' | 'modality' | 'split' | 'onEvaluating' | 'signal'>): Promise<
  Pick<Dataset, 'images' | 'badRows'>
> {
  const manifest = await readManifests(data, modality)
  const rows = manifest.rows.filter((row) => row.split === split)
  let examined = 0
  const { images, badRows } = await examine(rows, 'evaluate', () => {
    signal?.throwIfAborted()
    onEvaluating?.({ stage: 'examined', done: ++examined, total: rows.length })
  })
  if (images.length === 0) throw new ScreeningError('NO_IMAGES', { split })
  return { images, badRows: [...manifest.badRows, ...badRows] }
}

interface ImageLoop {
  readonly onImage?: ((done: number, total: number) => void) | undefined
  readonly signal?: AbortSignal | undefined
}

/** Runs a model over images, one after the other. */
export async function evaluateImages(
  predictor: Predictor,
  images: readonly DatasetImage[],
  { onImage, signal }: ImageLoop = {},
): Promise<ImageEvaluation[]> {
  const evaluations: ImageEvaluation[] = []
  for (const image of images) {
    signal?.throwIfAborted()
    evaluations.push(await evaluateImage(predictor, image))
    onImage?.(evaluations.length, images.length)
  }
  return evaluations
}

/** Validation images, judged by the mask thresholds that were chosen on them. */
export interface HeldOutEvaluation {
  readonly evaluations: readonly ImageEvaluation[]
  readonly thresholds: ChosenThresholds
}

/**
 * Runs a model over images that it did not learn from, chooses mask thresholds by them and judges its masks under those;
 * where there are too few, under the model's own.
 */
export async function evaluateHeldOut(
  predictor: Predictor,
  images: readonly DatasetImage[],
  seed: number,
  { onImage, signal }: ImageLoop = {},
): Promise<HeldOutEvaluation> {
  const predictions: PredictedImage[] = []
  const curves: { modality: Modality; curve: ThresholdCurve }[] = []
  for (const image of images) {
    signal?.throwIfAborted()
    const { modality } = image.row
    const { raster, truth } = await loadImage(image.row)
    const predicted = await predictImage(predictor, image, raster)
    predictions.push(predicted)
    if (image.lesion) curves.push({ modality, curve: thresholdCurve(predicted, truth) })
    onImage?.(predictions.length, images.length)
  }
  const thresholds = new Map<Modality, MaskThresholdFigures>()
  for (const [modality, of] of Map.groupBy(curves, ({ modality }) => modality)) {
    const chosen = chooseMaskThreshold(
      of.map(({ curve }) => curve),
      seed,
    )
    if (chosen !== null) thresholds.set(modality, chosen)
  }
  const evaluations: ImageEvaluation[] = []
  for (const predicted of predictions) {
    const { row } = predicted.image
    const own = predictor.settings(row.modality)
    const maskThreshold = thresholds.get(row.modality)?.threshold ?? own.maskThreshold
    evaluations.push(evaluatePrediction(predicted, await loadTruth(row), { ...own, maskThreshold }))
  }
  return { evaluations, thresholds }
}

/** Sums evaluated images up under a model's thresholds. */
export function judge(
  { metadata, sha256 }: Pick<Model, 'metadata' | 'sha256'>,
  split: Split,
  evaluations: readonly ImageEvaluation[],
  badRows: readonly BadRow[] = [],
): Evaluation {
  const gated = evaluations.map((evaluation) => judgedBy({ metadata }, evaluation).figure)
  const bare = evaluations.map((evaluation) => toFigure(evaluation, null))
  const summary = summarise(gated, BOOTSTRAP_SEED)
  const withoutPresenceGate = summarise(bare, BOOTSTRAP_SEED)
  const milliseconds = evaluations.reduce((sum, evaluation) => sum + evaluation.milliseconds, 0)
  const heldOut = HeldOutFigures.safeParse(metadata.figures).data ?? null
  const hash = dataHash(evaluations.map(({ image }) => image))
  const confidence = heldOut?.dataHash === hash ? {} : carriedFigures({ metadata }, evaluations)
  const text = `model ${metadata.name} ${sha256.slice(0, 12)}, split ${split}, ${evaluations.length} images

Masks that a user gets (empty where presence stays below its threshold)
${printSummary(summary)}
Masks without the presence gate
${printSummary(withoutPresenceGate)}${heldOut === null ? '' : `\n${HELD_OUT}\n${printHeldOut(heldOut)}`}${
  Object.keys(confidence).length === 0 ? '' : `\n${carriedTitle(split)}\n${printConfidence(confidence)}`
}`
  return {
    model: { name: metadata.name, sha256 },
    split,
    dataHash: hash,
    images: evaluations.length,
    badRows,
    summary,
    withoutPresenceGate,
    heldOut,
    confidence,
    meanMilliseconds: milliseconds / evaluations.length,
    text,
  }
}

const HELD_OUT =
  "Mask threshold, presence gate and confidence, on the model's validation images. Each is judged out-of-fold: by a choice or fit without the image; confidence on masks whose thresholds all images chose"

function carriedTitle(split: Split): string {
  const caution = split === 'val' ? '; in so far as they are its validation images, it was fitted on them' : ''
  return `Expected against observed Dice on these images, as the model carries it${caution}`
}

function carriedFigures({ metadata }: Pick<Model, 'metadata'>, evaluations: readonly ImageEvaluation[]) {
  const figures: ConfidenceFigures = {}
  for (const [modality, of] of Map.groupBy(evaluations, ({ image }) => image.row.modality)) {
    const settings = metadata.modalities[modality]
    const carried = settings && carriedConfidence(of, settings, presenceThreshold(settings), BOOTSTRAP_SEED)
    if (carried) figures[modality] = carried
  }
  return figures
}

async function writeEvaluation(
  { language = 'zh', onEvaluating, signal }: EvaluateOptions,
  out: string,
  { text, ...evaluation }: Evaluation,
  evaluations: readonly ImageEvaluation[],
  predictor: Predictor,
): Promise<void> {
  const judged = evaluations.map((one) => judgedBy(predictor.model, one))
  await writeOutput(path.join(out, 'images.csv'), predictionsCsv(predictor.model, evaluations))
  await writeOutput(path.join(out, 'summary.json'), `${JSON.stringify(evaluation, null, 2)}\n`)
  await writeOutput(path.join(out, 'summary.txt'), text)
  const worst = worstOf(judged)
  const plates = await worstPlates(predictor, worst, (done) => {
    signal?.throwIfAborted()
    onEvaluating?.({ stage: 'drawn', done, total: worst.length })
  })
  const page = worstPage({ ...evaluation, model: predictor.model, plates, language })
  await writeOutput(path.join(out, 'worst.html'), page)
}

/** A row per image: `images.csv` of an evaluation, `predictions.csv` of a training run. */
export function predictionsCsv(model: Pick<Model, 'metadata'>, evaluations: readonly ImageEvaluation[]): string {
  const rows = evaluations.map((evaluation) => csvRow(evaluation, judgedBy(model, evaluation).figure, model))
  return stringify(rows, { header: true })
}

/** An evaluated image as a user of the model meets it. */
export function judgedBy(model: Pick<Model, 'metadata'>, evaluation: ImageEvaluation): Judged {
  const threshold = thresholdFor(model, evaluation)
  return { evaluation, figure: toFigure(evaluation, threshold), threshold }
}

function csvRow(
  evaluation: ImageEvaluation,
  figure: ReturnType<typeof toFigure>,
  { metadata }: Pick<Model, 'metadata'>,
) {
  const { image, mask, maskAreaPx, truthAreaPx, presence, expectedIou, softDice, milliseconds } = evaluation
  const map = metadata.modalities[image.row.modality]?.confidence?.mask
  const carried = map === undefined ? null : expectedDice(map, softDice)
  return {
    dataset: image.row.dataset,
    id: image.row.id,
    modality: image.row.modality,
    class: image.row.class,
    nearDuplicateOf: image.row.nearDuplicateOf ?? '',
    dice: figure.dice.toFixed(4),
    iou: figure.iou.toFixed(4),
    predictedAreaPx: figure.predictedAreaPx,
    truthAreaPx,
    presence: presence?.toFixed(6) ?? whyNoPresence({ metadata }, image.row.modality),
    expectedIou: expectedIou.toFixed(4),
    softDice: softDice.toFixed(4),
    expectedDice: carried === null ? 'confidence-not-calibrated' : carried.toFixed(4),
    diceWithoutGate: mask.dice.toFixed(4),
    iouWithoutGate: mask.iou.toFixed(4),
    areaWithoutGatePx: maskAreaPx,
    milliseconds: milliseconds.toFixed(0),
  }
}

/** Why a model gives no presence for images of a modality. */
export function whyNoPresence({ metadata }: Pick<Model, 'metadata'>, modality: Modality): AbsenceReason {
  const threshold = metadata.modalities[modality]?.presenceThreshold
  return isAbsent(threshold) ? threshold.absent : 'modality-not-validated'
}

function thresholdFor({ metadata }: Pick<Model, 'metadata'>, { image }: ImageEvaluation): number | null {
  const settings = metadata.modalities[image.row.modality]
  return settings === undefined ? null : presenceThreshold(settings)
}
