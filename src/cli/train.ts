import path from 'node:path'
import { type Command, Option } from 'commander'
import type { Trained, TrainProgress } from '#app/train.ts'
import { ScreeningError } from '#core/errors.ts'
import type { Modality } from '#core/modality.ts'
import { Preprocessing } from '#core/preprocessing.ts'
import { EXIT, type ExitCode } from './exit-codes.ts'
import { say } from './messages.ts'
import {
  type CommonOptions,
  type ComputeOptions,
  dataOption,
  deviceOption,
  modalityOption,
  nonNegativeInteger,
  positiveInteger,
  positiveNumber,
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
  readonly resume?: boolean
  readonly name?: string
  readonly epochs?: number
  readonly patience?: number
  readonly batch?: number
  readonly views?: number
  readonly fit?: Preprocessing['fit']
  readonly denoise?: Preprocessing['denoise']
  readonly contrast?: Preprocessing['contrast']
  readonly learningRate?: number
  readonly seed?: number
  readonly newLearningRate?: number
  readonly from?: string
  readonly trunkFrom?: number
  readonly loraRank?: number
  readonly cacheGib?: number
}

const EXAMPLES = `  zaoshai train --data records/manifest.csv --modality US --out run
  zaoshai train --data US:busi/manifest.csv MG:cesm/manifest.csv --out run --name clinic-1
  zaoshai train --data records/manifest.csv --out run --resume     goes on, bit for bit, where the last epoch ended
  zaoshai evaluate --model run/model.safetensors --data records/manifest.csv --split val

A manifest is a CSV file with a row per image and the columns id, image, mask, class (benign, malignant, normal), split
(train, val), and where known patient, group, modality, side, view; paths are relative to it. Images of one patient or
group stay in one split. Images without a lesion teach the presence value: give them too.

Writes into the run folder: model.safetensors, learning-curve.html, metrics.jsonl, config.json, evaluation.txt and the
checkpoints. Dice and IoU on training and validation images come after every epoch; it stops early when validation no
longer gets better.`

export function addTrain(program: Command, run: Run): void {
  subcommand(program, 'train', 'Fine-tune SAM 2 on your own records.', EXAMPLES)
    .addOption(dataOption())
    .requiredOption('--out <folder>', "the run's folder")
    .addOption(modalityOption())
    .option('--resume', 'go on with the run in that folder')
    .option('--name <name>', 'what reports call the model')
    .option('--epochs <count>', 'epochs at most', positiveInteger)
    .option('--patience <count>', 'epochs without a better validation before it stops', positiveInteger)
    .option('--batch <count>', 'images a step', positiveInteger)
    .option('--views <count>', 'augmented views cached of every training image', positiveInteger)
    .addOption(new Option('--fit <how>', 'how an image fills the square').choices(FIT))
    .addOption(new Option('--denoise <filter>', 'noise filter; lee is for speckle').choices(DENOISE))
    .addOption(new Option('--contrast <step>', 'brightness and contrast').choices(CONTRAST))
    .option('--learning-rate <rate>', 'the highest, after warm-up', positiveNumber)
    .option('--new-learning-rate <rate>', 'the same for parameters that begin from nothing', positiveNumber)
    .option('--from <model>', 'a model file to go on from')
    .option('--trunk-from <block>', 'first block of the trunk that trains, 4 to 11; 12 trains none', positiveInteger)
    .option('--lora-rank <rank>', 'rank of the corrections of its attention', positiveInteger)
    .option('--seed <number>', 'the same seed gives the same run', nonNegativeInteger)
    .option('--cache-gib <size>', 'room for the feature cache on disk', positiveNumber)
    .addOption(deviceOption())
    .addOption(threadsOption())
    .action((options: TrainCommandOptions) => run(options, (context) => trainFrom(options, context)))
}

async function trainFrom(options: TrainCommandOptions, context: Context): Promise<ExitCode> {
  const { data, out, modality, resume, name, cacheGib, device, threads } = options
  const { epochs, patience, batch, views, seed, from, fit, denoise, contrast } = options
  const { learningRate, newLearningRate, trunkFrom, loraRank } = options
  const { trainModel } = await import('#app/train.ts')
  const { progress, signal } = context
  const stopped = () => progress.line(say(context.language, 'resume'))
  signal.addEventListener('abort', stopped, { once: true })
  const trained = await trainModel({
    ...{ data, out, modality, resume, from, name, cacheGib, device, threads, signal },
    settings: named({ epochs, patience, batch, views, learningRate, newLearningRate, trunkFrom, loraRank, seed }),
    preprocessing: named({ fit, denoise, contrast }),
    onProgress: (step) => showWeights(step, context),
    onTraining: (step) => show(step, context),
  })
  progress.stop()
  return report(trained, context)
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

function show(step: TrainProgress, { count, progress, language }: Context): void {
  if (step.stage !== 'epoch') {
    const [label, unit] = STAGES[step.stage]
    count(label, step.done, step.total, unit, step.stage === 'steps' ? { epoch: step.epoch + 1 } : {})
    return
  }
  const { epoch, losses, train, val, best } = step.record
  const loss = (losses.total ?? losses.loss ?? Number.NaN).toFixed(4)
  const figures = { train: train.dice.toFixed(3), val: val.dice.toFixed(3), iou: val.iou.toFixed(3) }
  const note = best ? say(language, 'epochBest') : ''
  progress.line(say(language, 'epoch', { epoch: epoch + 1, loss, ...figures, best: note }))
}

function report(trained: Trained, context: Context): ExitCode {
  const { modelFile, learningCurveFile, epochs, bestEpoch, badRows, leftOut, evaluation } = trained
  const { text, ...figures } = evaluation
  for (const { dataset, line, id, reason } of badRows) {
    context.warn(new ScreeningError('MANIFEST_ROW_REFUSED', { dataset, line, id, reason }))
  }
  context.answer({ modelFile, learningCurveFile, epochs, bestEpoch, badRows, leftOut, evaluation: figures })
  context.print(text)
  if (leftOut.length > 0) context.tell('leftOut', { count: leftOut.length })
  if (badRows.length > 0) context.tell('rowsRefused', { refused: badRows.length })
  const [file, curve] = [path.resolve(modelFile), path.resolve(learningCurveFile)]
  context.tell('trained', { file, curve, best: bestEpoch + 1, epochs })
  return badRows.length > 0 ? EXIT.someFailed : EXIT.ok
}
