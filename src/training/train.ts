import { ScreeningError } from '#core/errors.ts'
import type { Modality } from '#core/modality.ts'
import type { Preprocessing } from '#core/preprocessing.ts'
import { seededRandom } from '#core/random.ts'
import type { TestView } from '#core/test-view.ts'
import type { SessionOptions, TrainerState } from '#engine/protocol.ts'
import { scheduleFactor } from '#engine/schedule.ts'
import { openSession, openTrainer, type Trainer } from '#engine/session.ts'
import type { Tensor } from '#engine/tensor.ts'
import { isFactor } from '#sam/lora.ts'
import { trunkBlock } from '#sam/trunk.ts'
import type { NamedTensor, Weights } from '#sam/weights.ts'
import { type BatchSettings, trainingFeeds } from './batch.ts'
import { type Checkpoint, readCheckpoint, readWeights, writeCheckpoint, writeWeights } from './checkpoint.ts'
import type { DatasetImage } from './dataset.ts'
import { learningCurvePage } from './learning-curve.ts'
import { pairsOf } from './pairs.ts'
import { type EpochRecord, type RunFolder, writeRunFile } from './run-folder.ts'
import { type Draw, drawEpoch, EVERY_TIME_ANEW, PLAIN_VIEWS, type SamplingPlan, strataOf } from './sampler.ts'
import {
  evaluationModel,
  isNew,
  type LossName,
  pieceSize,
  startingWeights,
  type TrunkSettings,
  trainingModel,
} from './training-graph.ts'
import { openValidator, type Validator } from './validate.ts'
import { fromPixels } from './view-layout.ts'
import type { ViewStore } from './views.ts'

/** What a training run does, besides its data. */
export interface TrainingSettings extends TrunkSettings {
  readonly seed: number
  readonly epochs: number
  /** An epoch is as long for a thousand images as for a hundred: a run takes the same time, and is judged as often. */
  readonly stepsPerEpoch: number
  /** Epochs without a better score after which the run stops. */
  readonly patience: number
  readonly batch: number
  /** Where the trunk is frozen, cached views of every training image: itself, mirrored, then random ones. */
  readonly views: number
  readonly learningRate: number
  /** For parameters that begin from nothing: prompt tokens and presence head. */
  readonly newLearningRate: number
  /** For the trunk's corrections, or its blocks. */
  readonly trunkLearningRate: number
  readonly weightDecay: number
  readonly clipNorm: number
  readonly warmUpSteps: number
  /** Decay of the weights' moving average, which is what is evaluated and kept. */
  readonly averageDecay: number
  /** A pixel belongs to a lesion when its probability reaches this. */
  readonly maskThreshold: number
  /** The views of an image that the finished model averages; validation between epochs takes the plain one. */
  readonly testViews: readonly TestView[]
  /** Training images whose Dice is told after every epoch beside validation's. */
  readonly trainSample: number
}

/** What is trained where nothing else is asked for: chosen by experiments (docs/experiments.md, "From pixels"). */
export const RECIPE: TrainingSettings = {
  seed: 1,
  epochs: 6,
  stepsPerEpoch: 106,
  patience: 8,
  batch: 8,
  views: 4,
  learningRate: 2e-4,
  newLearningRate: 6e-4,
  trunkLearningRate: 4e-4,
  trunkFrom: 7,
  trunk: 'lora',
  loraRank: 16,
  loraTargets: 'all',
  together: false,
  weightDecay: 0.02,
  clipNorm: 1,
  warmUpSteps: 30,
  averageDecay: 0.99,
  maskThreshold: 0.4,
  testViews: ['plain', 'smaller'],
  trainSample: 48,
}

export interface TrainingInput {
  readonly settings: TrainingSettings
  /** Side of the standardised images, pixels. */
  readonly size: number
  /** All usable images; those of split `train` teach, those of `val` choose the best epoch, others are not looked at. */
  readonly images: readonly DatasetImage[]
  readonly base: Weights
  readonly preprocessing: (image: DatasetImage) => Preprocessing
  readonly views: ViewStore
  readonly run: RunFolder
  /** Of the run's configuration; checkpoints carry it. */
  readonly runHash: string
  readonly engine: SessionOptions
  readonly onProgress: (progress: TrainingProgress) => void
  /** Stops between two steps; the last checkpoint stays. */
  readonly signal?: AbortSignal
}

export type TrainingProgress =
  | { readonly stage: 'features'; readonly done: number; readonly total: number }
  | { readonly stage: 'steps'; readonly epoch: number; readonly done: number; readonly total: number }
  | { readonly stage: 'epoch'; readonly record: EpochRecord }

export interface TrainingResult {
  /** The parameters that trained, as the best epoch's moving average. */
  readonly weights: Weights
  readonly best: Checkpoint['best']
  readonly epochs: number
}

/**
 * Fine-tunes SAM 2 to segment without a prompt: load, cache, step, evaluate, save.
 * @throws TRAINING_DATA_UNFIT, TRAINING_DIVERGED (the last checkpoint stays), CACHE_FULL, CHECKPOINT_INVALID,
 *   RUN_FOLDER_UNWRITABLE
 */
export async function train(input: TrainingInput): Promise<TrainingResult> {
  const { settings, run, runHash, views, onProgress } = input
  const data = divide(input.images, settings)
  const wanted = [
    ...data.train.flat().map((image) => ({ image, views: settings.views })),
    ...data.val.map((image) => ({ image, views: 1 })),
  ]
  await views.fill(wanted, (done, total) => onProgress({ stage: 'features', done, total }))

  const start = startingWeights(input.base, { ...settings, ...data }, seededRandom(settings.seed, 'weights'))
  const { trainer, parameters } = await openTraining(input, start, data)
  await using _trainer = trainer
  await using validator = await openValidation(input, start, data)
  const plan: SamplingPlan = {
    ...settings,
    ...(settings.together
      ? { batch: settings.batch / 2, strata: strataOf(data.train.map((of) => of.filter((_, i) => i % 2 === 0))) }
      : { strata: strataOf(data.train) }),
    views: fromPixels(settings) ? EVERY_TIME_ANEW : settings.views,
  }

  let { epochs, best } = { epochs: 0, best: { score: Number.NEGATIVE_INFINITY, epoch: -1 } }
  if (run.resumed && run.has('last.safetensors')) {
    const checkpoint = await readCheckpoint(run.file('last.safetensors'), runHash)
    ;({ epochs, best } = checkpoint)
    await trainer.restore(checkpoint.trainer)
  }
  await run.rewind(epochs)

  while (epochs < settings.epochs && epochs - best.epoch <= settings.patience) {
    const began = performance.now()
    const losses = await trainEpoch(input, trainer, data, plan, epochs)
    const state = await trainer.state()
    const average = averageWeights(state, parameters, start)
    const { score, ...figures } = await validator.validate(average)
    const isBest = score > best.score
    if (isBest) {
      best = { score, epoch: epochs }
      await writeWeights(run.file('best.safetensors'), average, runHash)
    }
    const record: EpochRecord = {
      epoch: epochs,
      steps: state.step,
      seconds: (performance.now() - began) / 1000,
      learningRateScale: rateAt(settings, state.step - 1),
      losses,
      ...figures,
      score,
      best: isBest,
    }
    epochs++
    await run.record(record)
    await writeCheckpoint(run.file('last.safetensors'), { run: runHash, epochs, best, trainer: state })
    await writeRunFile(run.file('learning-curve.html'), learningCurvePage(await run.history()))
    onProgress({ stage: 'epoch', record })
  }
  return { weights: await readWeights(run.file('best.safetensors'), runHash), best, epochs }
}

interface Division {
  /** Training images by data set. */
  readonly train: readonly (readonly DatasetImage[])[]
  readonly val: readonly DatasetImage[]
  readonly modalities: readonly Modality[]
  readonly presenceModalities: ReadonlySet<Modality>
}

/**
 * Training and validation images; a normal image whose near-duplicate shows a lesion teaches nothing true.
 * @throws TRAINING_DATA_UNFIT without lesions in either, or where a modality has lesions in one of them alone: a model is
 *   declared validated on all that it learns.
 */
export function divide(
  images: readonly DatasetImage[],
  { together }: Pick<TrainingSettings, 'together'> = RECIPE,
): Division {
  const teaches = ({ row, lesion }: DatasetImage) => row.split === 'train' && (lesion || !row.classConflict)
  const useful = images.filter((image) => image.row.split !== 'train' || teaches(image))
  const usable = together ? pairsOf(useful).flat() : useful
  const train = usable.filter(teaches)
  const val = usable.filter(({ row }) => row.split === 'val')
  const count = (of: readonly DatasetImage[]) => of.filter(({ lesion }) => lesion).length
  if (count(train) === 0 || count(val) === 0) {
    throw new ScreeningError('TRAINING_DATA_UNFIT', { trainLesions: count(train), valLesions: count(val) })
  }
  const modalities = [...new Set(train.map(({ row }) => row.modality))].sort()
  const ofLesions = (of: readonly DatasetImage[]) =>
    new Set(of.filter(({ lesion }) => lesion).map(({ row }) => row.modality))
  const [taught, validated] = [ofLesions(train), ofLesions(val)]
  const onlyInOne = [...taught.symmetricDifference(validated)].sort()
  if (onlyInOne.length > 0) {
    throw new ScreeningError('TRAINING_DATA_UNFIT', { modalitiesWithLesionsInOneSplitOnly: onlyInOne })
  }
  return {
    train: [...Map.groupBy(train, ({ row }) => row.dataset).values()],
    val,
    modalities,
    presenceModalities: new Set(train.filter(({ lesion }) => !lesion).map(({ row }) => row.modality)),
  }
}

async function openTraining(input: TrainingInput, start: Weights, data: Division) {
  const { settings, size, engine } = input
  const batch = pieceSize(settings, engine.device)
  const { model, parameters } = trainingModel(start, { ...settings, ...data, size, batch })
  const trained = parameters.map((name) => ({
    name,
    ...tensor(start, name),
    learningRate: rateOf(name, input),
    decay: settings.weightDecay,
  }))
  const trainer = await openTrainer(
    model,
    {
      parameters: trained.map(({ data: value, ...rest }) => ({ ...rest, value })),
      clipNorm: settings.clipNorm,
      averageDecay: settings.averageDecay,
    },
    input.engine,
  )
  return { trainer, parameters }
}

/** The learning rate of a parameter, before the schedule. */
export function rateOf(name: string, { settings, base }: Pick<TrainingInput, 'settings' | 'base'>): number {
  if (isFactor(name) || (settings.trunk === 'full' && trunkBlock(name))) return settings.trunkLearningRate
  return isNew(name, base) ? settings.newLearningRate : settings.learningRate
}

async function openValidation(input: TrainingInput, start: Weights, data: Division): Promise<Validator> {
  const { settings, size, views } = input
  const graph = { ...settings, ...data, size, batch: pieceSize(settings, input.engine.device) }
  const session = await openSession(evaluationModel(start, graph), input.engine)
  const lesions = data.train.flat().filter(({ lesion }) => lesion)
  const random = seededRandom(settings.seed, 'train sample')
  const drawn = settings.together ? random.shuffled(pairsOf(lesions)).flat() : random.shuffled(lesions)
  const sample = drawn.slice(0, settings.trainSample)
  const { maskThreshold } = settings
  return openValidator(session, views, { ...graph, ...input, trainSample: sample, maskThreshold })
}

/** The steps of one epoch; returns the mean of every loss. */
async function trainEpoch(
  { settings, size, views, onProgress, signal }: TrainingInput,
  trainer: Trainer,
  data: Division,
  plan: SamplingPlan,
  epoch: number,
): Promise<Record<string, number>> {
  const batches = drawEpoch(plan, epoch)
  const batchSettings: BatchSettings = { size, trunkFrom: settings.trunkFrom, ...data }
  const load = async (index: number) => {
    const entries = (batches[index] ?? [])
      .flatMap(settings.together ? bothOf : (draw) => [draw])
      .map(async ({ dataset, image: at, view }) => {
        const image = data.train[dataset]![at]!
        return { image, view: await views.read(image, view), plain: view < PLAIN_VIEWS }
      })
    return trainingFeeds(
      await Promise.all(entries),
      batchSettings,
      seededRandom(settings.seed, 'prompts', epoch, index),
    )
  }
  const sums: Record<string, number> = {}
  let feeds = await load(0)
  for (let i = 0; i < batches.length; i++) {
    signal?.throwIfAborted()
    const stepping = trainer.step(feeds, rateAt(settings, epoch * batches.length + i))
    // The next batch is read while the worker computes.
    const ahead = i + 1 < batches.length ? load(i + 1) : feeds
    try {
      const outputs = Object.entries(await stepping)
      for (const [name, output] of outputs) sums[name] = (sums[name] ?? 0) + scalar(output, name)
    } catch (error) {
      const images = batches[i]!.flatMap(settings.together ? bothOf : (draw) => [draw]).map(
        ({ dataset, image }) => data.train[dataset]![image]!.row.id,
      )
      throw diverged(error, { epoch, images })
    }
    feeds = await ahead
    onProgress({ stage: 'steps', epoch, done: i + 1, total: batches.length })
  }
  return Object.fromEntries(Object.entries(sums).map(([name, sum]) => [name, sum / batches.length]))
}

/** Of a draw among views: the low-energy and the subtracted image, which stand behind each other. */
function bothOf({ image, ...draw }: Draw): Draw[] {
  return [2 * image, 2 * image + 1].map((exposure) => ({ ...draw, image: exposure }))
}

/** A divergence with the images of its step; another error as it is. */
function diverged(error: unknown, at: { readonly epoch: number; readonly images: readonly string[] }): unknown {
  if (!(error instanceof ScreeningError) || error.code !== 'TRAINING_DIVERGED') return error
  return new ScreeningError('TRAINING_DIVERGED', { ...error.facts, ...at }, { cause: error })
}

function scalar({ data }: Tensor, name: LossName | string): number {
  const value = Number(data[0])
  if (!Number.isFinite(value)) throw new ScreeningError('TRAINING_DIVERGED', { loss: name })
  return value
}

function rateAt({ warmUpSteps, epochs, stepsPerEpoch }: TrainingSettings, step: number): number {
  return scheduleFactor({ warmUpSteps, totalSteps: epochs * stepsPerEpoch }, step)
}

function averageWeights(state: TrainerState, parameters: readonly string[], start: Weights): Weights {
  return new Map(
    parameters.map((name): [string, NamedTensor] => {
      const average = state.parameters.get(name)?.average
      if (average === undefined) throw new ScreeningError('INTERNAL', { parameter: name })
      return [name, { shape: tensor(start, name).shape, data: average }]
    }),
  )
}

function tensor(weights: Weights, name: string): NamedTensor {
  const found = weights.get(name)
  if (found === undefined) throw new ScreeningError('INTERNAL', { parameter: name })
  return found
}
