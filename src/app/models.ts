import { readdir, stat } from 'node:fs/promises'
import path from 'node:path'
import { ScreeningError } from '#core/errors.ts'
import type { Modality } from '#core/modality.ts'
import { MODALITY_WORDS } from '#core/notices.ts'
import type { Language } from '#core/words.ts'
import { printTable, type Table } from '#report/sections.ts'
import { DEFAULT_MODEL, readModelFile } from '#sam/model.ts'
import type { FigureSet } from '#training/summary.ts'
import type { RefusedInput } from './inputs.ts'
import { cardOf, type ModelCard } from './models-card.ts'
import { printMean } from './models-figures.ts'
import { cardPage } from './models-page.ts'
import { readResults } from './models-results.ts'
import { megabytes } from './models-sections.ts'
import { writeOutput } from './output.ts'

export { printCard } from './models-sections.ts'

/** One line of the list. */
export interface ListedModel {
  readonly name: string
  readonly sha256: string
  /** Path as it was given, or found below what was given. */
  readonly path: string
  readonly bytes: number
  readonly isDefault: boolean
  /** Day on which the file was written, ISO 8601; `null` for the model that came with the software. */
  readonly written: string | null
  readonly split: string | null
  /** For each modality the headline: near-duplicates left out, lesion images; `null` where the file has no figures. */
  readonly modalities: Readonly<Partial<Record<Modality, Headline | null>>>
}

export type Headline = Pick<FigureSet, 'lesionImages' | 'presenceAuc'>

export interface ModelList {
  readonly models: readonly ListedModel[]
  readonly refused: readonly RefusedInput[]
}

/**
 * The model that comes with the software, then those of the files and folders that are named. Of a run folder it is
 * `model.safetensors`; of any other folder every `.safetensors` file, and those of the run folders in it.
 */
export async function listModels(named: readonly string[]): Promise<ModelList> {
  const refused: RefusedInput[] = []
  const found = await Promise.all(named.map((name) => filesOf(name, refused)))
  const files = new Map([DEFAULT_MODEL, ...found.flat()].map((file) => [path.resolve(file), file]))
  const models: ListedModel[] = []
  for (const file of files.values()) {
    try {
      models.push(await listed(file))
    } catch (error) {
      if (!(error instanceof ScreeningError)) throw error
      refused.push({ file: path.basename(file), error })
    }
  }
  return { models, refused }
}

/** By this name people call the model that comes with the software. */
const DEFAULT_NAME = 'default'

/** The model file that people mean by a name: `default`, a run folder, or the file itself. */
export async function modelFile(name: string): Promise<string> {
  if (name === DEFAULT_NAME) return DEFAULT_MODEL
  return (await isFolder(name)) ? path.join(name, MODEL_OF_RUN) : name
}

const MODEL_OF_RUN = 'model.safetensors'

async function filesOf(name: string, refused: RefusedInput[]): Promise<string[]> {
  if (!(await isFolder(name))) return [name]
  const inRun = path.join(name, MODEL_OF_RUN)
  if (await isFile(inRun)) return [inRun]
  const file = path.basename(path.resolve(name))
  const entries = await readdir(name).catch((cause) => {
    refused.push({ file, error: new ScreeningError('FILE_UNREADABLE', { file }, { cause }) })
    return undefined
  })
  if (entries === undefined) return []
  const paths = entries.sort().map((entry) => path.join(name, entry))
  // an unfinished run holds checkpoints, which are no models
  const isRun = entries.includes('config.json')
  const files = isRun ? [] : paths.filter((entry) => entry.endsWith('.safetensors'))
  const inRuns = paths.map((entry) => path.join(entry, MODEL_OF_RUN))
  const areFiles = await Promise.all(inRuns.map(isFile))
  const models = [...files, ...inRuns.filter((_, i) => areFiles[i])]
  if (models.length === 0) refused.push({ file, error: new ScreeningError('MODEL_NOT_FOUND', { folder: file }) })
  return models
}

async function listed(file: string): Promise<ListedModel> {
  const { name, sha256, bytes, isDefault, figures, modalities } = cardOf(await readModelFile(file), file)
  const headlines = (Object.keys(modalities) as Modality[]).map((modality) => {
    const headline = figures?.summary.perModality[modality]?.headline
    const { lesionImages, presenceAuc } = headline ?? {}
    return [modality, headline && { lesionImages, presenceAuc }] as const
  })
  return {
    name,
    sha256,
    path: file,
    bytes,
    isDefault,
    written: isDefault ? null : (await stat(file)).mtime.toISOString().slice(0, 10),
    split: figures?.split ?? null,
    modalities: Object.fromEntries(headlines.map(([modality, headline]) => [modality, headline ?? null])),
  }
}

async function isFolder(name: string): Promise<boolean> {
  return stat(name).then(
    (found) => found.isDirectory(),
    () => false,
  )
}

async function isFile(name: string): Promise<boolean> {
  return stat(name).then(
    (found) => found.isFile(),
    () => false,
  )
}

/** The list as a table for people: a line for each modality of each model. */
export function printModels(models: readonly ListedModel[], language: Language): string {
  const table: Table = {
    columns: [
      { name: { zh: '模型', en: 'Model' } },
      { name: { zh: 'SHA-256', en: 'SHA-256' } },
      { name: { zh: 'MB', en: 'MB' }, numeric: true },
      { name: { zh: '影像类型', en: 'Modality' } },
      { name: { zh: '数量', en: 'n' }, numeric: true },
      { name: { zh: '平均 Dice', en: 'Mean Dice' } },
      { name: { zh: '平均 IoU', en: 'Mean IoU' } },
      { name: { zh: 'AUC', en: 'AUC' }, numeric: true },
      { name: { zh: '写入日期', en: 'Written' } },
      { name: { zh: '文件', en: 'File' } },
    ],
    rows: models.flatMap((model) => rowsOf(model, language)),
  }
  return printTable(table, language).join('\n')
}

const DEFAULT_WORDS = { zh: '（随软件提供）', en: '(comes with the software)' } as const

function rowsOf({ name, sha256, bytes, isDefault, written, modalities, ...model }: ListedModel, language: Language) {
  const file = isDefault ? DEFAULT_WORDS[language] : model.path
  const entries = Object.entries(modalities) as [Modality, Headline | null][]
  return entries.map(([modality, headline], i) => {
    const [lesions, auc] = [headline?.lesionImages, headline?.presenceAuc]
    return [
      ...(i === 0 ? [name, sha256.slice(0, 12), megabytes(bytes)] : ['', '', '']),
      MODALITY_WORDS[modality],
      lesions ? String(lesions.images) : '–',
      lesions ? printMean(lesions.dice) : '–',
      lesions ? lesions.iou.mean.toFixed(3) : '–',
      auc ? auc.auc.toFixed(3) : '–',
      ...(i === 0 ? [written ?? '–', file] : ['', '']),
    ]
  })
}

export interface ShowOptions {
  /** A model file or a run folder; default: the model that comes with this software. */
  readonly file?: string | undefined
  /** What `zaoshai evaluate` measured with this model since: `summary.json`, `robustness.json`. */
  readonly results?: readonly string[] | undefined
  /** File for the card as a page; none is written without it. */
  readonly out?: string | undefined
  /** The language in which the page opens; it holds both. */
  readonly language: Language
}

/**
 * The model card of a model file, from what the file itself tells.
 * @throws MODEL_NOT_FOUND, MODEL_INVALID, WEIGHTS_CORRUPT, RESULTS_UNFIT, OUTPUT_UNWRITABLE
 */
export async function showModel({ file = DEFAULT_NAME, results = [], out, language }: ShowOptions): Promise<ModelCard> {
  const model = await modelFile(file)
  const read = await readModelFile(model)
  const card = cardOf(read, model, await readResults(results, read.sha256))
  if (out !== undefined) await writeOutput(out, cardPage(card, language))
  return card
}
