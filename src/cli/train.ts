import path from 'node:path'
import { type Command, InvalidArgumentError, Option } from 'commander'
import type { CrossValidated } from '#app/cross-validate.ts'
import type { DataFound, Trained, TrainOptions, TrainProgress } from '#app/train.ts'
import { ScreeningError } from '#core/errors.ts'
import type { Modality } from '#core/modality.ts'
import { Preprocessing } from '#core/preprocessing.ts'
import type { TestView } from '#core/test-view.ts'
import { EXIT, type ExitCode } from './exit-codes.ts'
import { say } from './messages.ts'
import {
  type CommonOptions,
  type ComputeOptions,
  dataOption,
  deviceOption,
  inputSide,
  modalityOption,
  nonNegativeInteger,
  notEmpty,
  positiveInteger,
  positiveNumber,
  testViewsOption,
  threadsOption,
} from './options.ts'
import { type Context, type Run, subcommand } from './run.ts'
import { showWeights } from './weights.ts'

const [FIT, DENOISE, CONTRAST] = [
  Preprocessing.shape.fit.options,
  Preprocessing.shape.denoise.options,
  Preprocessing.shape.contrast.options,
]

interface TrainCommandOptions extends CommonOptions, ComputeOptions {
  readonly data: string[]
  readonly out: string
  readonly modality?: Modality
  readonly badRows?: 'skip' | 'refuse'
  readonly resume?: boolean
  readonly folds?: number
  readonly name?: string
  readonly epochs?: number
  readonly stepsPerEpoch?: number
  readonly patience?: number
  readonly batch?: number
  readonly views?: number
  readonly size?: number
  readonly fit?: Preprocessing['fit']
  readonly denoise?: Preprocessing['denoise']
  readonly contrast?: Preprocessing['contrast']
  readonly learningRate?: number
  readonly seed?: number
  readonly newLearningRate?: number
  readonly from?: string
  readonly together?: boolean
  readonly trunkFrom?: number
  readonly trunk?: 'lora' | 'full'
  readonly loraRank?: number
  readonly loraTargets?: 'attention' | 'mlp' | 'all'
  readonly trunkLearningRate?: number
  readonly testViews?: TestView[]
  readonly cacheGib?: number
}

const EXAMPLES = `  zaoshai train --data records/manifest.csv --modality US --out run
  zaoshai train --data US:busi/manifest.csv MG:cesm/manifest.csv --out run --name clinic-1
  zaoshai train --data records/manifest.csv --out folds --folds 5  five runs, each validated on a fifth of the images
  zaoshai train --data records/manifest.csv --out run --resume     goes on, bit for bit, where the last epoch ended
  zaoshai evaluate --model run/model.safetensors --data records/manifest.csv --split val

A manifest is a CSV file with a row per image and the columns id, image, mask, class (benign, malignant, normal), split
(train, val), and where known patient, group, modality, side, view; paths are relative to it. Images of one patient or
group stay in one split. Masks are black and white at the size of their image.
Images without a lesion teach the presence value: give them too. A dataset.json beside the
manifest ({"title": "...", "licence": "...", "citation": "..."}) goes into the model's card.

Writes into the run folder: model.safetensors, learning-curve.html, metrics.jsonl, config.json, evaluation.txt,
predictions.csv and the checkpoints. Dice and IoU on training and validation images come after every epoch; it stops early when validation no
longer gets better.

With --together a model (--from) learns to read a low-energy mammogram with the subtracted one beside it, from manifests whose
columns patient, side, view and energy say which belong together; nothing else of it changes.

With --folds the images of train and val are dealt anew, patients and groups kept together, classes spread evenly: every
image is validated once. Each fold is such a run in fold-1, fold-2, ...; cross-validation.txt, .json and .html say what all
come to. --resume goes on in the fold that was stopped.`

export function addTrain(program: Command, run: Run): void {
  subcommand(program, 'train', 'Fine-tune SAM 2 on your own records.', EXAMPLES)
    .addOption(dataOption())
    .requiredOption('--out <folder>', "the run's folder")
    .addOption(modalityOption())
    .addOption(new Option('--bad-rows <what>', 'rows that cannot be used').choices(['skip', 'refuse']).default('skip'))
    .option('--resume', 'go on with the run in that folder')
    .option('--folds <count>', 'cross-validate: one run for each part of the images, trained on the others', foldCount)
    .option('--name <name>', 'what reports call the model', notEmpty)
    .option('--epochs <count>', 'epochs at most', positiveInteger)
    .option('--steps-per-epoch <count>', 'steps between two validations', positiveInteger)
    .option('--patience <count>', 'epochs without a better validation before it stops', positiveInteger)
    .option('--batch <count>', 'images a step', positiveInteger)
    .option('--views <count>', 'views cached of every training image where the trunk is frozen', positiveInteger)
    .option('--size <pixels>', 'side of the square that the model sees, a multiple of 32', inputSide)
    .addOption(new Option('--fit <how>', 'how an image fills the square').choices(FIT))
    .addOption(new Option('--denoise <filter>', 'noise filter; lee is for speckle').choices(DENOISE))
    .addOption(new Option('--contrast <step>', 'brightness and contrast').choices(CONTRAST))
    .option('--learning-rate <rate>', 'the highest, after warm-up', positiveNumber)
    .option('--new-learning-rate <rate>', 'the same for parameters that begin from nothing', positiveNumber)
    .option('--from <model>', 'a model file to go on from')
    .option('--together', 'only what reads both exposures of a contrast mammogram together; needs --from')
    .option('--trunk-from <block>', 'first block of the trunk that trains, 0 to 11; 12 trains none', nonNegativeInteger)
    .addOption(new Option('--trunk <how>', 'what of it trains: low-rank corrections, or all').choices(['lora', 'full']))
    .option('--lora-rank <rank>', 'rank of the corrections', positiveInteger)
    .addOption(new Option('--lora-targets <matrices>', 'what is corrected').choices(['attention', 'mlp', 'all']))
    .option('--trunk-learning-rate <rate>', 'the same for the trunk', positiveNumber)
    .addOption(testViewsOption())
    .option('--seed <number>', 'the same seed gives the same run', nonNegativeInteger)
    .option('--cache-gib <size>', 'room for the feature cache on disk', positiveNumber)
    .addOption(deviceOption())
    .addOption(threadsOption())
    .action((options: TrainCommandOptions) => run(options, (context) => trainFrom(options, context)))
}

async function trainFrom(options: TrainCommandOptions, context: Context): Promise<ExitCode> {
  const { data, out, modality, badRows, resume, folds, name, cacheGib, device, threads } = options
  const { epochs, stepsPerEpoch, patience, batch, views, seed, from, size, fit, denoise, contrast } = options
  const { together } = options
  const { learningRate, newLearningRate, trunkFrom, trunk, loraRank, loraTargets, trunkLearningRate, testViews } =
    options
  const trunkSettings = { trunkFrom, trunk, loraRank, loraTargets, trunkLearningRate }
  const { progress, signal } = context
  const stopped = () => progress.line(say(context.language, 'resume'))
  signal.addEventListener('abort', stopped, { once: true })
  const training: TrainOptions = {
    ...{ data, out, modality, badRows, resume, from, name, cacheGib, device, threads, signal },
    settings: named({
      epochs,
      stepsPerEpoch,
      patience,
      batch,
      views,
      together,
      learningRate,
      newLearningRate,
      testViews,
      seed,
      ...trunkSettings,
    }),
    preprocessing: named({ size, fit, denoise, contrast }),
    onProgress: (step) => showWeights(step, context),
    onTraining: (step) => show(step, context),
  }
  const trained = folds === undefined ? await trainOne(training, context) : await trainFolds(training, folds, context)
  return trained.badRows.length > 0 ? EXIT.someFailed : EXIT.ok
}

async function trainOne(training: TrainOptions, context: Context): Promise<Trained> {
  const { trainModel } = await import('#app/train.ts')
  const trained = await trainModel(training)
  context.progress.stop()
  reportTraining(trained, context)
  return trained
}

async function trainFolds(training: TrainOptions, folds: number, context: Context): Promise<CrossValidated> {
  const { crossValidate } = await import('#app/cross-validate.ts')
  const validated = await crossValidate({ ...training, folds, language: context.language })
  context.progress.stop()
  reportFolds(validated, context)
  return validated
}

/** An `argParser` for the number of folds. */
function foldCount(text: string): number {
  const count = positiveInteger(text)
  if (count < 2) throw new InvalidArgumentError('It must be 2 or more.')
  return count
}

/** The settings that the command line names; the recipe has the others. */
function named<T extends object>(settings: T): Partial<T> {
  return Object.fromEntries(Object.entries(settings).filter(([, value]) => value !== undefined)) as Partial<T>
}

/** What is done between two epochs, and what is counted. */
const STAGES = {
  examined: ['examining', 'images'],
  features: ['caching', 'views'],
  steps: ['training', 'steps'],
  evaluated: ['evaluating', 'images'],
} as const

function show(step: TrainProgress, context: Context): void {
  const { progress, language } = context
  if (step.stage === 'data') {
    showData(step, context)
    return
  }
  const where = step.fold === undefined ? '' : say(language, 'fold', step.fold)
  if (step.stage !== 'epoch') {
    const [label, unit] = STAGES[step.stage]
    const told = say(language, label, step.stage === 'steps' ? { epoch: step.epoch + 1 } : {})
    progress.update(`${where}${told}`, step.done, step.total, say(language, unit))
    return
  }
  const { epoch, losses, train, val, best } = step.record
  const loss = (losses.total ?? losses.loss ?? Number.NaN).toFixed(4)
  const figures = { train: train.dice.toFixed(3), val: val.dice.toFixed(3), iou: val.iou.toFixed(3) }
  const note = best ? say(language, 'epochBest') : ''
  progress.line(`${where}${say(language, 'epoch', { epoch: epoch + 1, loss, ...figures, best: note })}`)
}

/** What cannot be used is said before hours of training, not after. */
function showData({ badRows, leftOut, withoutNormals }: DataFound, { progress, language, warn }: Context): void {
  for (const { dataset, line, id, reason } of badRows) {
    warn(new ScreeningError('MANIFEST_ROW_REFUSED', { dataset, line, id, reason }))
  }
  if (badRows.length > 0) progress.line(say(language, 'rowsRefused', { refused: badRows.length }))
  if (leftOut.length > 0) progress.line(say(language, 'leftOut', { count: leftOut.length }))
  for (const modality of withoutNormals) progress.line(say(language, 'noNormals', { modality }))
}

function reportTraining(trained: Trained, { answer, print, tell }: Context): void {
  const { evaluation, ...rest } = trained
  const { modelFile, learningCurveFile, epochs, bestEpoch } = trained
  const { text, ...figures } = evaluation
  answer({ ...rest, evaluation: figures })
  print(text)
  const [file, curve] = [path.resolve(modelFile), path.resolve(learningCurveFile)]
  tell('trained', { file, curve, best: bestEpoch + 1, epochs })
}

function reportFolds({ text, ...validated }: CrossValidated, { answer, print, tell }: Context): void {
  answer(validated)
  print(text)
  tell('crossValidated', { page: path.resolve(validated.files.page) })
}
