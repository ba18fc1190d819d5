import path from 'node:path'
import { stringify } from 'csv-stringify/sync'
import { ScreeningError } from '#core/errors.ts'
import type { Modality } from '#core/modality.ts'
import type { Device } from '#engine/protocol.ts'
import { type Model, openModel } from '#sam/model.ts'
import { openPredictor, type Predictor } from '#sam/predict.ts'
import type { StoreOptions } from '#sam/weights.ts'
import { type DatasetImage, dataHash, examine } from '#training/dataset.ts'
import { writeWhole } from '#training/durable.ts'
import { evaluateImage, type ImageEvaluation, presenceThreshold, toFigure } from '#training/evaluate.ts'
import type { BadRow, Split } from '#training/manifest.ts'
import { printSummary, type Summary, summarise } from '#training/summary.ts'
import { readManifests } from './manifests.ts'

export interface EvaluateOptions extends StoreOptions {
  /** Manifests; `US:path` says what the images of one are of. */
  readonly data: readonly string[]
  readonly split: Split
  /** What the images are of where neither a manifest's column nor its prefix says. */
  readonly modality?: Modality | undefined
  /** A model file; default: the model that comes with this software. */
  readonly model?: string | undefined
  /** Folder for `images.csv`, `summary.json` and `summary.txt`; nothing is written without it. */
  readonly out?: string | undefined
  readonly device?: Device | undefined
  readonly threads?: number | undefined
  readonly onImage?: ((done: number, total: number) => void) | undefined
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
  readonly meanMilliseconds: number
  /** The summary for a person. */
  readonly text: string
}

/** Draws the bootstrap; fixed, so that the same masks give the same intervals. */
const BOOTSTRAP_SEED = 20

/**
 * Judges a model on one split of some manifests: Dice and IoU at each image's own resolution, false positives on
 * normal images, AUC of presence, with 95% bootstrap intervals.
 * @throws MANIFEST_INVALID, MODALITY_UNKNOWN, SPLIT_LEAK, NO_IMAGES, MODALITY_NOT_VALIDATED; what `openModel` throws.
 */
export async function evaluate(options: EvaluateOptions): Promise<Evaluation> {
  const { split, out, device, threads, onImage, signal } = options
  const manifest = await readManifests(options.data, options.modality)
  const rows = manifest.rows.filter((row) => row.split === split)
  const { images, badRows } = await examine(rows, 'evaluate')
  if (images.length === 0) throw new ScreeningError('NO_IMAGES', { split })
  const model = await openModel(options.model, options)
  await using predictor = await openPredictor(model, { ...(device && { device }), ...(threads && { threads }) })
  const evaluations = await evaluateImages(predictor, images, { onImage, signal })
  const evaluation = judge(model, split, evaluations, [...manifest.badRows, ...badRows])
  if (out !== undefined) await writeEvaluation(out, evaluation, evaluations, model)
  return evaluation
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

/** Sums evaluated images up under a model's thresholds. */
export function judge(
  { metadata, sha256 }: Pick<Model, 'metadata' | 'sha256'>,
  split: Split,
  evaluations: readonly ImageEvaluation[],
  badRows: readonly BadRow[] = [],
): Evaluation {
  const gated = evaluations.map((evaluation) => toFigure(evaluation, thresholdFor({ metadata }, evaluation)))
  const bare = evaluations.map((evaluation) => toFigure(evaluation, null))
  const summary = summarise(gated, BOOTSTRAP_SEED)
  const withoutPresenceGate = summarise(bare, BOOTSTRAP_SEED)
  const milliseconds = evaluations.reduce((sum, evaluation) => sum + evaluation.milliseconds, 0)
  const text = `model ${metadata.name} ${sha256.slice(0, 12)}, split ${split}, ${evaluations.length} images

Masks that a user gets (empty where presence stays below its threshold)
${printSummary(summary)}
Masks without the presence gate
${printSummary(withoutPresenceGate)}`
  return {
    model: { name: metadata.name, sha256 },
    split,
    dataHash: dataHash(evaluations.map(({ image }) => image)),
    images: evaluations.length,
    badRows,
    summary,
    withoutPresenceGate,
    meanMilliseconds: milliseconds / evaluations.length,
    text,
  }
}

async function writeEvaluation(
  out: string,
  { text, ...evaluation }: Evaluation,
  evaluations: readonly ImageEvaluation[],
  model: Model,
): Promise<void> {
  const rows = evaluations.map((one) => csvRow(one, toFigure(one, thresholdFor(model, one))))
  await writeWhole(path.join(out, 'images.csv'), stringify(rows, { header: true }))
  await writeWhole(path.join(out, 'summary.json'), `${JSON.stringify(evaluation, null, 2)}\n`)
  await writeWhole(path.join(out, 'summary.txt'), text)
}

function csvRow(evaluation: ImageEvaluation, figure: ReturnType<typeof toFigure>) {
  const { image, mask, maskAreaPx, truthAreaPx, presence, expectedIou, milliseconds } = evaluation
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
    presence: presence?.toFixed(4) ?? 'no-normal-training-data',
    expectedIou: expectedIou.toFixed(4),
    diceWithoutGate: mask.dice.toFixed(4),
    iouWithoutGate: mask.iou.toFixed(4),
    areaWithoutGatePx: maskAreaPx,
    milliseconds: milliseconds.toFixed(0),
  }
}

function thresholdFor({ metadata }: Pick<Model, 'metadata'>, { image }: ImageEvaluation): number | null {
  const settings = metadata.modalities[image.row.modality]
  return settings === undefined ? null : presenceThreshold(settings)
}
