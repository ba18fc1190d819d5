import os from 'node:os'
import path from 'node:path'
import { absent } from '#core/absent.ts'
import { ScreeningError } from '#core/errors.ts'
import type { Modality } from '#core/modality.ts'
import { DEFAULT_PREPROCESSING, type Preprocessing } from '#core/preprocessing.ts'
import type { Energy } from '#core/study.ts'
import type { Device } from '#engine/protocol.ts'
import { isCompanion } from '#sam/companion.ts'
import { checkTrunkFrom } from '#sam/image-encoder.ts'
import { holdFactors } from '#sam/lora.ts'
import { ModelMetadata, openModel, parseModel, readModelFile, writeModel } from '#sam/model.ts'
import { openPredictor } from '#sam/predict.ts'
import { TRUNK_BLOCKS } from '#sam/trunk.ts'
import { type BaseWeights, cacheFolder, loadBaseWeights, type StoreOptions, type Weights } from '#sam/weights.ts'
import { openFeatureCache } from '#training/cache.ts'
import { type DatasetImage, dataHash, examine, refuseTaught } from '#training/dataset.ts'
import { openExtractor } from '#training/frozen-features.ts'
import { type HeldOutSettings, learnFromHeldOut } from '#training/held-out.ts'
import type { BadRow } from '#training/manifest.ts'
import { openRunFolder, type RunConfig, runHash, writeRunFile } from '#training/run-folder.ts'
import { PLAIN_VIEWS } from '#training/sampler.ts'
import { divide, RECIPE, type TrainingProgress, type TrainingSettings, train } from '#training/train.ts'
import { foldAdapters } from '#training/training-graph.ts'
import { fromPixels } from '#training/view-layout.ts'
import { openViewStore, pixelViews } from '#training/views.ts'
import { type Evaluation, evaluateHeldOut, type HeldOutEvaluation, judge, predictionsCsv } from './evaluate.ts'
import { readManifests, readSources, type Source } from './manifests.ts'
import { softwareVersion } from './version.ts'

export interface TrainOptions extends StoreOptions {
  /** Manifests; `US:path` says what the images of one are of. Splits `train` and `val` are used. */
  readonly data: readonly string[]
  /** The run's folder. */
  readonly out: string
  readonly modality?: Modality | undefined
  /** Rows that cannot be used are left out and named, or nothing is trained; default `skip`. */
  readonly badRows?: 'skip' | 'refuse' | undefined
  /** Goes on with the run in `out` where its last checkpoint ends. */
  readonly resume?: boolean | undefined
  /** Settings that differ from the recipe. */
  readonly settings?: Partial<TrainingSettings> | undefined
  /** How images are standardised, where it differs from the default of their modality. */
  readonly preprocessing?: Partial<Preprocessing> | undefined
  /** A model file to go on from; default: the base weights. */
  readonly from?: string | undefined
  /** Name that the model carries on reports. */
  readonly name?: string | undefined
  /** What the feature cache may occupy, GiB; default 20. */
  readonly cacheGib?: number | undefined
  readonly device?: Device | undefined
  readonly threads?: number | undefined
  readonly onTraining?: ((progress: TrainProgress) => void) | undefined
}

/** What the examination of the data found. */
export interface DataFound {
  readonly stage: 'data'
  readonly badRows: readonly BadRow[]
  /** Ids of images that stay out of training because the software shows them as examples. */
  readonly leftOut: readonly string[]
  /** Modalities that no image without a lesion represents in training: their presence cannot be learned. */
  readonly withoutNormals: readonly Modality[]
}

export type TrainProgress = (
  | DataFound
  | TrainingProgress
  | { readonly stage: 'examined' | 'evaluated'; readonly done: number; readonly total: number }
) & {
  /** Of a cross-validation: which run this is of, counted from 1. */
  readonly fold?: { readonly number: number; readonly count: number }
}

export interface Trained {
  /** The model file in the run's folder. */
  readonly modelFile: string
  readonly learningCurveFile: string
  readonly epochs: number
  /** Counted from 0. */
  readonly bestEpoch: number
  readonly badRows: readonly BadRow[]
  /** Ids of images that stay out of training because the software shows them as examples. */
  readonly leftOut: readonly string[]
  /** Of the finished model on the validation images. */
  readonly evaluation: Evaluation
}

/** What a run begins with. */
interface Start {
  /** SHA-256 of the model file, or of the base weights. */
  readonly id: string
  readonly weights: Weights
  /** What differs from the base weights already. */
  readonly changed: Weights
  /** What the model that it goes on from does with images of each modality. */
  readonly modalities: ModelMetadata['modalities']
  /** Where that model comes from. */
  readonly provenance: ModelMetadata['provenance']
}

/** Corrections of the trunk that a model holds train on where they are those that the settings ask for, else they are multiplied out. */
async function startFrom(
  { from, ...store }: TrainOptions,
  base: BaseWeights,
  settings: TrainingSettings,
): Promise<Start> {
  if (from === undefined) return { id: base.id, weights: base, changed: new Map(), modalities: {}, provenance: {} }
  const opened = await openModel(from, store)
  const { modalities, provenance } = opened.metadata
  // What reads exposures together stands on the very weights that it was learned with.
  const keep = (of: Weights): Weights =>
    settings.together ? of : new Map([...of].filter(([name]) => !isCompanion(name)))
  const [weights, changed] = [keep(opened.weights), keep(opened.changed)]
  const tensors = keep((await readModelFile(from)).tensors)
  const id = opened.sha256
  // What stays as it is stays as the file holds it, corrections of the trunk unmultiplied.
  if (settings.together) return { id, weights, changed: tensors, modalities, provenance }
  const goOn = settings.trunk === 'lora' && holdFactors(tensors, base, settings)
  return goOn
    ? { id, weights: new Map([...base, ...tensors]), changed: tensors, modalities, provenance }
    : { id, weights, changed, modalities, provenance }
}

const DEFAULT_CACHE_GIB = 20

/**
 * Fine-tunes a model on some manifests and leaves in `out`: the model, its evaluation on the validation images with
 * the figures of each, the learning curve, `metrics.jsonl`, checkpoints and the configuration.
 * @throws MANIFEST_INVALID, MODALITY_UNKNOWN, SPLIT_LEAK, BAD_ROWS, TRAINING_DATA_UNFIT, CACHE_FULL, RUN_FOLDER_BUSY,
 *   RUN_FOLDER_TAKEN, RUN_FOLDER_DIFFERS, RUN_FOLDER_UNWRITABLE, CHECKPOINT_INVALID, TRAINING_DIVERGED, TRUNK_BLOCK_UNSUPPORTED; what `loadBaseWeights` and `openModel` throw.
 */
export async function trainModel(options: TrainOptions): Promise<Trained> {
  const prepared = await prepareTraining(options, ({ row }) => row.split === 'train')
  return { ...(await runTraining(options, prepared)), badRows: prepared.badRows, leftOut: prepared.leftOut }
}

/** What the runs on some data have in common. */
export interface Prepared {
  readonly settings: TrainingSettings
  /** All usable images of splits `train` and `val`. */
  readonly images: readonly DatasetImage[]
  readonly badRows: readonly BadRow[]
  readonly leftOut: readonly string[]
  /** Where the data sets come from. */
  readonly sources: readonly Source[]
  readonly base: BaseWeights
  readonly start: Start
  readonly device: Device
  readonly preprocessing: PreprocessingOf
}

/**
 * Reads and examines the data and loads the weights.
 * @param teaching whether an image will train in some run.
 * @throws as {@link trainModel}
 */
export async function prepareTraining(
  options: TrainOptions,
  teaching: (image: DatasetImage) => boolean,
): Promise<Prepared> {
  const { onTraining = () => {}, signal } = options
  const settings = settingsOf(options)
  checkTrunkFrom(settings.trunkFrom)
  const manifest = await readManifests(options.data, options.modality)
  const sources = await readSources(options.data)
  const rows = manifest.rows.filter(({ split }) => split === 'train' || split === 'val')
  let examined = 0
  const data = await examine(rows, 'train', () => {
    signal?.throwIfAborted()
    onTraining({ stage: 'examined', done: ++examined, total: rows.length })
  })
  const { images, leftOut } = data
  await refuseTaught(
    images,
    manifest.rows.filter((row) => !rows.includes(row)),
  )
  const badRows = [...manifest.badRows, ...data.badRows]
  if (options.badRows === 'refuse' && badRows.length > 0) {
    throw new ScreeningError('BAD_ROWS', { count: badRows.length, rows: badRows.map(nameOfRow) })
  }
  onTraining({ stage: 'data', badRows, leftOut, withoutNormals: withoutNormals(images.filter(teaching)) })
  signal?.throwIfAborted()
  const base = await loadBaseWeights(options)
  const start = await startFrom(options, base, settings)
  const preprocessing = preprocessingOf(options)
  const { device = 'cpu' } = options
  return { settings, images, badRows, leftOut, sources, base, start, device, preprocessing }
}

/** @throws PAIRS_UNFIT when exposures are to be read together without a model to add that to, or in an odd batch. */
function settingsOf({ settings: given, from }: TrainOptions): TrainingSettings {
  const settings = { ...RECIPE, ...given }
  if (!settings.together) return settings
  if (from === undefined || settings.batch % 2 !== 0) {
    throw new ScreeningError('PAIRS_UNFIT', { from: from !== undefined, batch: settings.batch })
  }
  // The trunk stays as it is, and of the cached views the random ones would differ between the exposures.
  return { ...settings, trunkFrom: TRUNK_BLOCKS, views: PLAIN_VIEWS }
}

/** Where a row stands and what is wrong with it: of an error with a code only the code. */
function nameOfRow({ dataset, line, id, reason }: BadRow): string {
  return `${dataset} line ${line} (${id}): ${/^[A-Z_]+(?=:)/.exec(reason)?.[0] ?? reason}`
}

function withoutNormals(images: readonly DatasetImage[]): Modality[] {
  const modalities = (of: readonly DatasetImage[]) => new Set(of.map(({ row }) => row.modality))
  const normals = images.filter(({ row, lesion }) => !lesion && !row.classConflict)
  return [...modalities(images).difference(modalities(normals))]
}

/** One run on data that is at hand: trains, evaluates and writes the model. @throws as {@link trainModel} */
export async function runTraining(
  options: TrainOptions,
  prepared: Prepared,
): Promise<Omit<Trained, 'badRows' | 'leftOut'>> {
  const { onTraining = () => {}, signal } = options
  const { settings, images, start, preprocessing } = prepared
  // refused before there is a folder
  divide(images, settings)
  const size = inputSize(images, preprocessing)
  const config = configuration(prepared)
  const run = await openRunFolder(options.out, config, options.resume ?? false)
  try {
    const engine = {
      ...(options.device && { device: options.device }),
      ...(options.threads && { threads: options.threads }),
    }
    const ofImage = (image: DatasetImage) => preprocessing(image.row.modality)
    await using extractor = fromPixels(settings) ? undefined : await openExtractor(start.weights, size, engine)
    const viewSettings = { ...settings, weightsId: start.id, preprocessing: ofImage }
    const views = extractor
      ? openViewStore(await featureCache(options), extractor, viewSettings)
      : pixelViews(viewSettings)
    const common = { settings, size, preprocessing: ofImage, images, views, run, runHash: runHash(config), engine }
    const result = await train({ ...common, base: start.weights, onProgress: onTraining, ...(signal && { signal }) })
    const finished = await finish(options, settings, run.config, { ...prepared, weights: result.weights })
    const modelFile = run.file('model.safetensors')
    await writeRunFile(modelFile, finished.bytes)
    await writeRunFile(run.file('predictions.csv'), predictionsCsv(finished.model, finished.evaluations))
    await writeRunFile(run.file('evaluation.txt'), finished.evaluation.text)
    // the last file: a folder that holds it is that of a finished run
    await writeRunFile(run.file('evaluation.json'), `${JSON.stringify(finished.evaluation, null, 2)}\n`)
    return {
      modelFile,
      learningCurveFile: run.file('learning-curve.html'),
      epochs: result.epochs,
      bestEpoch: result.best.epoch,
      evaluation: finished.evaluation,
    }
  } finally {
    await run.close()
  }
}

function featureCache({ cache, cacheGib }: TrainOptions) {
  const folder = path.join(cache ?? cacheFolder(), 'features')
  return openFeatureCache(folder, (cacheGib ?? DEFAULT_CACHE_GIB) * 2 ** 30)
}

type PreprocessingOf = (modality: Modality) => Preprocessing

/** All that decides a run's result, as `config.json` holds it. */
export function configuration({ settings, images, start, preprocessing, device }: Prepared) {
  const modalities = [...new Set(images.map(({ row }) => row.modality))].sort()
  return {
    settings,
    data: { sha256: dataHash(images), images: images.length, counts: counts(images) },
    startSha256: start.id,
    // Between devices bits differ.
    device,
    preprocessing: Object.fromEntries(modalities.map((modality) => [modality, preprocessing(modality)])),
    zaoshai: softwareVersion,
    node: process.versions.node,
    platform: `${os.platform()} ${os.arch()}`,
  }
}

/** The default of each modality with what the options change in it. */
function preprocessingOf({ preprocessing }: TrainOptions): PreprocessingOf {
  return (modality) => ({ ...DEFAULT_PREPROCESSING[modality], ...preprocessing })
}

function counts(images: readonly DatasetImage[]): Record<string, number> {
  const groups = Map.groupBy(images, ({ row, lesion }) => `${row.dataset} ${row.split} ${lesion ? 'lesion' : 'normal'}`)
  return Object.fromEntries([...groups].map(([name, of]) => [name, of.length]).sort())
}

function inputSize(images: readonly DatasetImage[], preprocessing: PreprocessingOf): number {
  const sizes = new Set(images.map(({ row }) => preprocessing(row.modality).size))
  const [size] = sizes
  if (size === undefined || sizes.size > 1) throw new ScreeningError('TRAINING_DATA_UNFIT', { inputSizes: [...sizes] })
  return size
}

interface Learned extends Omit<Prepared, 'settings'> {
  readonly weights: Weights
}

/** Evaluates the model as users will run it, sets its mask thresholds, presence gate and confidence by that, and writes its file. */
async function finish(
  options: TrainOptions,
  settings: TrainingSettings,
  config: RunConfig,
  { base, start, images, sources, weights, preprocessing }: Learned,
) {
  const { modalities, presenceModalities, val } = divide(images, settings)
  const { maskThreshold, testViews } = settings
  const changed = new Map([...start.changed, ...foldAdapters(weights, start.weights)])
  const metadata = (learned: (modality: Modality) => HeldOutSettings, figures: object) => {
    const perModality = modalities.map((modality) => {
      const energies = energiesOf(val, modality)
      const settings = { preprocessing: preprocessing(modality), maskThreshold, testViews, ...learned(modality) }
      return [modality, { ...settings, ...(energies && { energies }) }]
    })
    const own = { ...config, ...(sources.length > 0 && { sources }) }
    // Most of such a model is what it goes on from.
    const provenance = settings.together ? { ...start.provenance, together: own } : own
    const named = { format: 1, name: options.name ?? 'unnamed', baseSha256: base.id, provenance, figures }
    // What was not touched does as it did.
    const untouched = settings.together ? start.modalities : {}
    return ModelMetadata.parse({ ...named, modalities: { ...untouched, ...Object.fromEntries(perModality) } })
  }
  const none = absent('no-normal-training-data')
  const open = metadata((modality) => ({ presenceThreshold: presenceModalities.has(modality) ? 0 : none }), {})
  const { evaluations, thresholds } = await evaluateModel(options, writeModel(changed, open), base, {
    val,
    ...settings,
  })
  const heldOut = learnFromHeldOut(evaluations, thresholds, presenceModalities, settings.seed)
  const learned = (modality: Modality) => heldOut.settings.get(modality) ?? { presenceThreshold: none }
  const draft = metadata(learned, {})
  const { summary, withoutPresenceGate } = judge({ metadata: draft, sha256: '' }, 'val', evaluations)
  const bytes = writeModel(
    changed,
    metadata(learned, { split: 'val', ...summary, withoutPresenceGate, ...heldOut.figures }),
  )
  const model = parseModel(bytes, base, 'model.safetensors')
  return { bytes, model, evaluations, evaluation: judge(model, 'val', evaluations) }
}

/** The exposures of contrast mammography that a modality was validated on, where it was validated on nothing else. */
function energiesOf(images: readonly DatasetImage[], modality: Modality): Energy[] | undefined {
  const found = new Set(images.filter(({ row }) => row.modality === modality).map(({ row }) => row.energy))
  const energies = [...found].filter((energy) => energy !== null)
  return energies.length === found.size ? energies.sort() : undefined
}

async function evaluateModel(
  { device, threads, onTraining, signal }: TrainOptions,
  bytes: Uint8Array,
  base: BaseWeights,
  { val, seed }: { readonly val: readonly DatasetImage[]; readonly seed: number },
): Promise<HeldOutEvaluation> {
  const model = parseModel(bytes, base, 'model.safetensors')
  await using predictor = await openPredictor(model, { ...(device && { device }), ...(threads && { threads }) })
  const onImage = (done: number, total: number) => onTraining?.({ stage: 'evaluated', done, total })
  // Awaited here: the predictor is closed when this function returns.
  return await evaluateHeldOut(predictor, val, seed, { onImage, signal })
}
