import { existsSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import path from 'node:path'
import { parse } from 'csv-parse/sync'
import { z } from 'zod'
import { ScreeningError } from '#core/errors.ts'
import type { Language } from '#core/words.ts'
import { writeWhole } from '#disk/durable.ts'
import {
  type CrossValidation,
  dependencies,
  type Fold,
  type FoldResult,
  foldsOf,
  printCrossValidation,
  sumUpFolds,
} from '#training/cross-validation.ts'
import type { DatasetImage } from '#training/dataset.ts'
import type { BadRow } from '#training/manifest.ts'
import { openRunFolder, type RunConfig, readHistory, runHash } from '#training/run-folder.ts'
import type { ImageFigure } from '#training/summary.ts'
import { divide } from '#training/train.ts'
import { crossValidationPage } from './cross-validation-page.ts'
import { configuration, type Prepared, prepareTraining, runTraining, type TrainOptions } from './train.ts'

export interface CrossValidateOptions extends TrainOptions {
  /** How many runs, from 2 up. The images of splits `train` and `val` are dealt anew. */
  readonly folds: number
  /** The language in which the page opens; it holds both. */
  readonly language?: Language | undefined
}

export interface CrossValidated {
  readonly crossValidation: CrossValidation
  /** `cross-validation.json`, `.txt` and `.html` in the run's folder. */
  readonly files: { readonly json: string; readonly text: string; readonly page: string }
  readonly badRows: readonly BadRow[]
  /** Ids of images that stay out of training because the software shows them as examples. */
  readonly leftOut: readonly string[]
  /** The cross-validation for a person. */
  readonly text: string
}

/** Draws the bootstrap; fixed, so that the same masks give the same intervals. */
const BOOTSTRAP_SEED = 20

/**
 * Trains one model a fold into `out/fold-1` and so on, each a run of its own, and sums up what each makes of the images
 * that it did not see. With `resume` finished folds are read, the one that was stopped goes on where it stood.
 * @throws FOLDS_FROM_MODEL; as `trainModel`
 */
export async function crossValidate(options: CrossValidateOptions): Promise<CrossValidated> {
  const { out, folds: count, resume = false, language = 'zh' } = options
  if (options.from !== undefined) throw new ScreeningError('FOLDS_FROM_MODEL', { folds: count })
  const prepared = await prepareTraining(options, () => true)
  const { images, settings, badRows, leftOut } = prepared
  const folds = foldsOf(images, count, settings.seed)
  // refused before there is a folder
  for (const fold of folds) divide(fold.images)
  const config = { folds: count, ...configuration(prepared) }
  const run = await openRunFolder(out, config, resume)
  try {
    const clusters = new Map([...dependencies(images)].map(([{ row }, name]) => [nameOf(row.dataset, row.id), name]))
    const results: FoldResult[] = []
    for (const fold of folds) {
      const folder = run.file(`fold-${fold.number}`)
      await runFold(options, prepared, fold, folder)
      results.push(await readFold(folder, fold, clusters))
    }
    const crossValidation = sumUpFolds(results, BOOTSTRAP_SEED)
    const text = printCrossValidation(crossValidation)
    const of = (kind: string) => run.file(`cross-validation.${kind}`)
    const files = { json: of('json'), text: of('txt'), page: of('html') }
    await writeWhole(files.json, `${JSON.stringify({ ...config, ...crossValidation }, null, 2)}\n`)
    await writeWhole(files.text, text)
    await writeWhole(files.page, crossValidationPage({ crossValidation, dataHash: config.data.sha256, language }))
    return { crossValidation, files, badRows, leftOut, text }
  } finally {
    await run.close()
  }
}

/** Trains a fold unless it is finished. @throws RUN_FOLDER_DIFFERS when it was finished otherwise; as `trainModel` */
async function runFold(options: CrossValidateOptions, prepared: Prepared, fold: Fold, out: string): Promise<void> {
  const ofFold = { ...prepared, images: fold.images }
  if (existsSync(path.join(out, 'evaluation.json'))) return checkFinished(out, fold, configuration(ofFold))
  const { name = 'unnamed', folds: count, onTraining } = options
  const resume = existsSync(path.join(out, 'config.json'))
  const mark = { number: fold.number, count }
  await runTraining(
    {
      ...options,
      ...{ out, resume, name: `${name}-fold-${fold.number}` },
      onTraining: (step) => onTraining?.({ ...step, fold: mark }),
    },
    ofFold,
  )
}

const FinishedConfig = z.looseObject({ settings: z.looseObject({}).optional() })

/** A finished fold counts if its run was this one, whatever its changeable settings were. @throws RUN_FOLDER_DIFFERS */
async function checkFinished(folder: string, fold: Fold, config: RunConfig): Promise<void> {
  const found = await finishedConfig(path.join(folder, 'config.json'), fold)
  const parts = new Set([...Object.keys(found), ...Object.keys(config)])
  const differing = [...parts].filter((part) => runHash({ [part]: found[part] }) !== runHash({ [part]: config[part] }))
  if (differing.length > 0) throw new ScreeningError('RUN_FOLDER_DIFFERS', { fold: fold.number, settings: differing })
}

async function finishedConfig(file: string, fold: Fold): Promise<z.infer<typeof FinishedConfig>> {
  try {
    return FinishedConfig.parse(JSON.parse(await readFile(file, 'utf8')))
  } catch (cause) {
    const found = 'config.json is missing or damaged'
    throw new ScreeningError('RUN_FOLDER_DIFFERS', { fold: fold.number, found }, { cause })
  }
}

const PredictionRow = z.object({
  dataset: z.string(),
  id: z.string(),
  /** A number, or the reason why there is none. */
  presence: z.string(),
  diceWithoutGate: z.coerce.number(),
  iouWithoutGate: z.coerce.number(),
  areaWithoutGatePx: z.coerce.number(),
})
const EvaluationFile = z.object({ model: z.object({ sha256: z.string() }) })

/** Reads what a finished fold left, so that folds of before and of now are treated alike. */
async function readFold(folder: string, fold: Fold, clusters: ReadonlyMap<string, string>): Promise<FoldResult> {
  const file = (name: string) => path.join(folder, name)
  const history = await readHistory(file('metrics.jsonl'))
  const { model } = EvaluationFile.parse(JSON.parse(await readFile(file('evaluation.json'), 'utf8')))
  const rows = z.array(PredictionRow).parse(parse(await readFile(file('predictions.csv')), { columns: true }))
  const rowOf = new Map(rows.map((row) => [nameOf(row.dataset, row.id), row]))
  const validated = fold.images.filter(({ row }) => row.split === 'val')
  const figures = validated.map((image) => {
    const name = nameOf(image.row.dataset, image.row.id)
    const row = rowOf.get(name)
    if (row === undefined) {
      throw new ScreeningError('CHECKPOINT_INVALID', { file: 'predictions.csv', fold: fold.number, missing: name })
    }
    return figureOf(image, row, clusters.get(name) ?? name)
  })
  const bestEpoch = history.findLast(({ best }) => best)?.epoch ?? 0
  return { fold: fold.number, modelSha256: model.sha256, epochs: history.length, bestEpoch, figures }
}

function figureOf(
  { row, lesion }: DatasetImage,
  prediction: z.infer<typeof PredictionRow>,
  cluster: string,
): ImageFigure {
  const presence = Number(prediction.presence)
  return {
    id: row.id,
    modality: row.modality,
    class: row.class,
    lesion,
    headline: row.nearDuplicateOf === null,
    cluster,
    dice: prediction.diceWithoutGate,
    iou: prediction.iouWithoutGate,
    presence: Number.isNaN(presence) ? null : presence,
    predictedAreaPx: prediction.areaWithoutGatePx,
  }
}

function nameOf(dataset: string, id: string): string {
  return `${dataset}/${id}`
}
