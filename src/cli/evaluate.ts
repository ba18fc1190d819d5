import path from 'node:path'
import { type Command, Option } from 'commander'
import type { EvaluateOptions, EvaluateProgress, Evaluation } from '#app/evaluate.ts'
import { ScreeningError } from '#core/errors.ts'
import type { Modality } from '#core/modality.ts'
import { EXIT, type ExitCode } from './exit-codes.ts'
import {
  type CommonOptions,
  type ComputeOptions,
  dataOption,
  deviceOption,
  modalityOption,
  modelOption,
  threadsOption,
} from './options.ts'
import { type Context, type Run, subcommand } from './run.ts'
import { showWeights } from './weights.ts'

export type Split = EvaluateOptions['split']

interface EvaluateCommandOptions extends CommonOptions, ComputeOptions {
  readonly data: string[]
  readonly split: Split
  readonly modality?: Modality
  readonly model?: string
  readonly out?: string
  readonly robustness?: boolean
  readonly prompts?: boolean
}

export const SPLITS: readonly Split[] = ['train', 'val', 'test', 'external-test']

const EXAMPLES = `  zaoshai evaluate --data busi/manifest.csv --modality US --split val
  zaoshai evaluate --model run/model.safetensors --data records/manifest.csv --split val --out evaluation
  zaoshai evaluate --data US:busi/manifest.csv MG:cesm/manifest.csv --split val --json

Dice and IoU are per image, at the image's own resolution, then averaged, with 95% bootstrap intervals. Lesion images,
all images (empty against empty counts as 1) and false positives on normal images are three separate figures. The
headline leaves out near-duplicates (near_duplicate_of); the figure over all rows stands beside it.

With --out it writes images.csv (a row per image), summary.json, summary.txt and worst.html: the 20 images on which the
model agrees least with the doctors, with both outlines.

  zaoshai evaluate --data busi/manifest.csv --modality US --split val --robustness --out robustness

With --robustness every image is judged once more for each of a table of perturbations (gain, gamma, noise, speckle,
blur, scale, crop, rotation, JPEG), against itself unperturbed, with paired 95% intervals: robustness.json, .csv, .txt.
That takes as many times as long.

With --prompts lesion images are answered with the box, the clicks and the corrections that a doctor with the truth in
mind would give, by the model and by SAM 2 as it was published: prompts.json, .txt.`

export function addEvaluate(program: Command, run: Run): void {
  subcommand(program, 'evaluate', 'Judge a model on images whose lesions a doctor has outlined.', EXAMPLES)
    .addOption(dataOption())
    .addOption(new Option('--split <name>', 'the rows to judge on').choices(SPLITS).makeOptionMandatory())
    .addOption(modalityOption())
    .addOption(modelOption())
    .option('--out <folder>', 'where per-image figures and the summary go')
    .option('--robustness', 'judge perturbed copies of the images against the images themselves')
    .addOption(new Option('--prompts', "judge the answers to a doctor's clicks and box").conflicts('robustness'))
    .addOption(deviceOption())
    .addOption(threadsOption())
    .action((options: EvaluateCommandOptions) => run(options, (context) => evaluateFrom(options, context)))
}

async function evaluateFrom(options: EvaluateCommandOptions, context: Context): Promise<ExitCode> {
  const { data, split, modality, model, out, device, threads } = options
  const { language, progress, signal } = context
  const judge = await judgeOf(options)
  const { text, ...evaluation } = await judge({
    ...{ data, split, modality, model, out, device, threads, language, signal },
    onProgress: (step) => showWeights(step, context),
    onEvaluating: (step) => showEvaluating(step, context),
  })
  progress.stop()
  context.answer(evaluation)
  warnOfRows(evaluation.badRows, context)
  context.print(text)
  if (out !== undefined) context.tell('evaluated', { out: path.resolve(out) })
  return evaluation.badRows.length > 0 ? EXIT.someFailed : EXIT.ok
}

async function judgeOf({ robustness, prompts }: EvaluateCommandOptions) {
  if (robustness) return (await import('#app/robustness.ts')).examineRobustness
  if (prompts) return (await import('#app/prompts.ts')).examinePrompts
  return (await import('#app/evaluate.ts')).evaluate
}

/** Names the rows of the manifests that could not be used, and says how many they are. */
export function warnOfRows(badRows: Evaluation['badRows'], context: Context): void {
  for (const { dataset, line, id, reason } of badRows) {
    context.warn(new ScreeningError('MANIFEST_ROW_REFUSED', { dataset, line, id, reason }))
  }
  if (badRows.length > 0) context.tell('rowsRefused', { refused: badRows.length })
}

/** What is done at each stage. */
const STAGES = { examined: 'examining', evaluated: 'evaluating', drawn: 'drawing' } as const

/** The bar of an evaluation, for every command that makes one. */
export function showEvaluating({ stage, done, total }: EvaluateProgress, context: Context): void {
  context.count(STAGES[stage], done, total, 'images')
}
