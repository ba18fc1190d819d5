import { readFile } from 'node:fs/promises'
import path from 'node:path'
import { parse } from 'csv-parse/sync'
import { ScoreModel } from '#assessment/score-model.ts'
import { ScreeningError } from '#core/errors.ts'
import { openModel } from '#sam/model.ts'
import { dataHash, examine } from '#training/dataset.ts'
import { type ManifestRow, readManifest } from '#training/manifest.ts'
import type { ScoredExample } from '#training/score-examples.ts'
import { collectExamples, rowsWithMarks } from './score-examples.ts'
import { openSegmenter } from './segmenter.ts'
import { SCORE_SEED, trainScore } from './train-score.ts'
import { softwareVersion } from './version.ts'

export interface MakeScoreOptions {
  /** Manifest of ultrasound images with classes, of splits train and val. */
  readonly data: string
  /** Manifest of another hospital's images. */
  readonly external: string
  /** Folder of a cross-validation over `data` (`zaoshai train --folds`). */
  readonly folds: string
  /** Folder that keeps what was measured, so that a stopped run goes on. */
  readonly cache: string
  readonly threads?: number | undefined
  readonly onProgress?: ((set: string, done: number, total: number) => void) | undefined
}

/**
 * Makes the score of the model that comes with this software: training images with the masks of the fold that held them out,
 * validation and external images with the masks of the model itself.
 * @throws TRAINING_DATA_UNFIT where a training image was held out by no fold, or by two.
 */
export async function makeScore(options: MakeScoreOptions): Promise<ScoreModel> {
  const data = await readManifest(options.data, 'US')
  const external = await readManifest(options.external, 'US')
  const usable = data.rows.filter(({ classConflict }) => !classConflict)
  const of = (split: string) => usable.filter((row) => row.split === split)
  const marks = await rowsWithMarks(options.data)
  const collect = async (set: string, rows: readonly ManifestRow[], model?: string): Promise<Collected> => {
    const { sha256 } = await openModel(model)
    const examples = await collectExamples(rows, () => openSegmenter({ model, threads: options.threads }), {
      cacheFile: path.join(options.cache, `${sha256.slice(0, 12)}-${set}.jsonl`),
      marks: set === 'external' ? undefined : marks,
      onExample: (done, total) => options.onProgress?.(set, done, total),
    })
    return { sha256, examples }
  }
  const folds: Collected[] = []
  for (const { model, rows } of await heldOutBy(options.folds, of('train'))) {
    folds.push(await collect(`train-${folds.length + 1}`, rows, model))
  }
  const val = await collect('val', of('val'))
  const others = await collect('external', external.rows)
  const { lambda, trainLesions, ...trained } = trainScore({
    train: folds.flatMap(({ examples }) => examples),
    val: val.examples,
    external: others.examples,
  })
  const { images } = await examine([...usable, ...external.rows], 'evaluate')
  return ScoreModel.parse({
    format: 'zaoshai-score-1',
    name: 'zaoshai-score-us',
    modality: 'US',
    ...trained,
    provenance: {
      maskModelSha256: val.sha256,
      foldModelsSha256: folds.map(({ sha256 }) => sha256),
      dataSha256: dataHash(images),
      trainLesions,
      lambda,
      seed: SCORE_SEED,
      zaoshai: softwareVersion,
    },
  } satisfies ScoreModel)
}

interface Collected {
  readonly sha256: string
  readonly examples: readonly ScoredExample[]
}

/** Each fold's model with the rows that it did not learn from. */
async function heldOutBy(folder: string, rows: readonly ManifestRow[]) {
  const { folds: count } = JSON.parse(await readFile(path.join(folder, 'config.json'), 'utf8')) as { folds: number }
  const folds: { model: string; rows: ManifestRow[] }[] = []
  for (let number = 1; number <= count; number++) {
    const at = path.join(folder, `fold-${number}`)
    const listed: { id: string }[] = parse(await readFile(path.join(at, 'predictions.csv')), { columns: true })
    const held = new Set(listed.map(({ id }) => id))
    folds.push({ model: path.join(at, 'model.safetensors'), rows: rows.filter(({ id }) => held.has(id)) })
  }
  const found = folds.flatMap((fold) => fold.rows.map(({ id }) => id))
  if (found.length !== rows.length || new Set(found).size !== rows.length) {
    throw new ScreeningError('TRAINING_DATA_UNFIT', { images: rows.length, heldOut: found.length })
  }
  return folds
}
