import { createHash } from 'node:crypto'
import os from 'node:os'
import path from 'node:path'
import { absent } from '#core/absent.ts'
import { ScreeningError } from '#core/errors.ts'
import type { Modality } from '#core/modality.ts'
import { DEFAULT_PREPROCESSING, type Preprocessing } from '#core/preprocessing.ts'
import type { Energy } from '#core/study.ts'
import type { Device } from '#engine/protocol.ts'
import { checkTrunkFrom } from '#sam/image-encoder.ts'
import { type ModalitySettings, ModelMetadata, openModel, parseModel, writeModel } from '#sam/model.ts'
import { openPredictor } from '#sam/predict.ts'
import { type BaseWeights, cacheFolder, loadBaseWeights, type StoreOptions, type Weights } from '#sam/weights.ts'
import { openFeatureCache } from '#training/cache.ts'
import { type DatasetImage, dataHash, examine } from '#training/dataset.ts'
import { writeWhole } from '#training/durable.ts'
import { type ImageEvaluation, thresholdKeeping } from '#training/evaluate.ts'
import { openExtractor } from '#training/frozen-features.ts'
import type { BadRow } from '#training/manifest.ts'
import { openRunFolder } from '#training/run-folder.ts'
import { divide, RECIPE, type TrainingProgress, type TrainingSettings, train } from '#training/train.ts'
import { foldAdapters } from '#training/training-graph.ts'
import { openViewStore } from '#training/views.ts'
import { type Evaluation, evaluateImages, judge } from './evaluate.ts'
import { readManifests } from './manifests.ts'
import { softwareVersion } from './version.ts'

export interface TrainOptions extends StoreOptions {
  /** Manifests; `US:path` says what the images of one are of. Splits `train` and `val` are used. */
  readonly data: readonly string[]
  /** The run's folder. */
  readonly out: string
  readonly modality?: Modality | undefined
  /** Goes on with the run in `out` where its last checkpoint ends. */
  readonly resume?: boolean | undefined
  /** Settings that differ from the recipe. */
  readonly settings?: Partial<TrainingSettings> | undefined
  /** How images are standardised, where it differs from the default of their modality. */
  readonly preprocessing?: Partial<Omit<Preprocessing, 'size'>> | undefined
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

export type TrainProgress =
  | TrainingProgress
  | { readonly stage: 'examined' | 'evaluated'; readonly done: number; readonly total: number }

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
}

async function startFrom({ from, ...store }: TrainOptions, base: BaseWeights): Promise<Start> {
  if (from === undefined) return { id: base.id, weights: base, changed: new Map() }
  const { sha256, weights, changed } = await openModel(from, store)
  return { id: sha256, weights, changed }
}

/** Share of validation lesions that the presence gate keeps. */
const LESIONS_KEPT = 0.95
const DEFAULT_CACHE_GIB = 20

/**
 * Fine-tunes a model on some manifests and leaves in `out`: the model, its evaluation on the validation images, the
 * learning curve, `metrics.jsonl`, checkpoints and the configuration.
 * @throws MANIFEST_INVALID, MODALITY_UNKNOWN, SPLIT_LEAK, TRAINING_DATA_UNFIT, CACHE_FULL, RUN_FOLDER_BUSY,
 *   RUN_FOLDER_TAKEN, RUN_FOLDER_DIFFERS, CHECKPOINT_INVALID, TRAINING_DIVERGED, TRUNK_BLOCK_UNSUPPORTED; what `loadBaseWeights` and `openModel` throw.
 */
export async function trainModel(options: TrainOptions): Promise<Trained> {
  const { onTraining = () => {}, signal } = options
  const settings = { ...RECIPE, ...options.settings }
  checkTrunkFrom(settings.trunkFrom)
  const manifest = await readManifests(options.data, options.modality)
  const rows = manifest.rows.filter(({ split }) => split === 'train' || split === 'val')
  let examined = 0
  const data = await examine(rows, 'train', () => {
    signal?.throwIfAborted()
    onTraining({ stage: 'examined', done: ++examined, total: rows.length })
  })
  const base = await loadBaseWeights(options)
  const start = await startFrom(options, base)
  const preprocessing = preprocessingOf(options)
  const config = configuration(settings, data.images, start, preprocessing)
  const runHash = createHash('sha256').update(JSON.stringify(config)).digest('hex')
  const run = await openRunFolder(options.out, config, options.resume ?? false)
  try {
    const engine = {
      ...(options.device && { device: options.device }),
      ...(options.threads && { threads: options.threads }),
    }
    const cache = await openFeatureCache(
      path.join(options.cache ?? cacheFolder(), 'features'),
      (options.cacheGib ?? DEFAULT_CACHE_GIB) * 2 ** 30,
    )
    const size = inputSize(data.images, preprocessing)
    await using extractor = await openExtractor(start.weights, { size, trunkFrom: settings.trunkFrom }, engine)
    const ofImage = (image: DatasetImage) => preprocessing(image.row.modality)
    const { seed, trunkFrom } = settings
    const viewSettings = { seed, trunkFrom, weightsId: start.id, preprocessing: ofImage }
    const views = openViewStore(cache, extractor, viewSettings)
    const common = { settings, size, preprocessing: ofImage, images: data.images, views, run, runHash, engine }
    const result = await train({ ...common, base: start.weights, onProgress: onTraining, ...(signal && { signal }) })
    const finished = await finish(options, settings, config, {
      base,
      start,
      images: data.images,
      weights: result.weights,
      preprocessing,
    })
    const modelFile = run.file('model.safetensors')
    await writeWhole(modelFile, finished.bytes)
    await writeWhole(run.file('evaluation.txt'), finished.evaluation.text)
    await writeWhole(run.file('evaluation.json'), `${JSON.stringify(finished.evaluation, null, 2)}\n`)
    return {
      modelFile,
      learningCurveFile: run.file('learning-curve.html'),
      epochs: result.epochs,
      bestEpoch: result.best.epoch,
      badRows: [...manifest.badRows, ...data.badRows],
      leftOut: data.leftOut,
      evaluation: finished.evaluation,
    }
  } finally {
    await run.close()
  }
}

type PreprocessingOf = (modality: Modality) => Preprocessing
type Configuration = ReturnType<typeof configuration>

/** All that decides a run's result, as `config.json` holds it. */
function configuration(
  settings: TrainingSettings,
  images: readonly DatasetImage[],
  start: Start,
  preprocessing: PreprocessingOf,
) {
  const { modalities } = divide(images)
  return {
    settings,
    data: { sha256: dataHash(images), images: images.length, counts: counts(images) },
    startSha256: start.id,
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

interface Learned {
  readonly base: BaseWeights
  readonly start: Start
  readonly images: readonly DatasetImage[]
  readonly weights: Weights
  readonly preprocessing: PreprocessingOf
}

/** Evaluates the model as users will run it, sets its presence thresholds by that, and writes its file. */
async function finish(
  options: TrainOptions,
  settings: TrainingSettings,
  config: Configuration,
  { base, start, images, weights, preprocessing }: Learned,
) {
  const { modalities, presenceModalities, val } = divide(images)
  const { maskThreshold } = settings
  const changed = new Map([...start.changed, ...foldAdapters(weights, start.weights)])
  const metadata = (thresholds: (modality: Modality) => ModalitySettings['presenceThreshold'], figures: object) => {
    const perModality = modalities.map((modality) => {
      const presenceThreshold = thresholds(modality)
      const energies = energiesOf(images, modality)
      const settings = { preprocessing: preprocessing(modality), maskThreshold, presenceThreshold }
      return [modality, { ...settings, ...(energies && { energies }) }]
    })
    const named = { format: 1, name: options.name ?? 'unnamed', baseSha256: base.id, provenance: config, figures }
    return ModelMetadata.parse({ ...named, modalities: Object.fromEntries(perModality) })
  }
  const none = absent('no-normal-training-data')
  const open = metadata((modality) => (presenceModalities.has(modality) ? 0 : none), {})
  const evaluations = await evaluateModel(options, writeModel(changed, open), base, val)
  const thresholdOf = (modality: Modality) => {
    if (!presenceModalities.has(modality)) return none
    const of = evaluations.filter(({ image }) => image.row.modality === modality)
    return thresholdKeeping(LESIONS_KEPT, of) ?? none
  }
  const draft = metadata(thresholdOf, {})
  const { summary, withoutPresenceGate } = judge({ metadata: draft, sha256: '' }, 'val', evaluations)
  const bytes = writeModel(changed, metadata(thresholdOf, { split: 'val', ...summary, withoutPresenceGate }))
  return { bytes, evaluation: judge(parseModel(bytes, base, 'model.safetensors'), 'val', evaluations) }
}

/** The exposures of contrast mammography that a modality was learned from, where it was learned from nothing else. */
function energiesOf(images: readonly DatasetImage[], modality: Modality): Energy[] | undefined {
  const found = new Set(images.filter(({ row }) => row.modality === modality).map(({ row }) => row.energy))
  const energies = [...found].filter((energy) => energy !== null)
  return energies.length === found.size ? energies.sort() : undefined
}

async function evaluateModel(
  { device, threads, onTraining, signal }: TrainOptions,
  bytes: Uint8Array,
  base: BaseWeights,
  val: readonly DatasetImage[],
): Promise<ImageEvaluation[]> {
  const model = parseModel(bytes, base, 'model.safetensors')
  await using predictor = await openPredictor(model, { ...(device && { device }), ...(threads && { threads }) })
  const onImage = (done: number, total: number) => onTraining?.({ stage: 'evaluated', done, total })
  // Awaited here: the predictor is closed when this function returns.
  return await evaluateImages(predictor, val, { onImage, signal })
}
