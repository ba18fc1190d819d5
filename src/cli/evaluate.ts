import path from 'node:path'
import { type Command, Option } from 'commander'
import type { EvaluateOptions } from '#app/evaluate.ts'
import { ScreeningError } from '#core/errors.ts'
import type { Modality } from '#core/modality.ts'
import { EXIT, type ExitCode } from './exit-codes.ts'
import { say } from './messages.ts'
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

type Split = EvaluateOptions['split']

interface EvaluateCommandOptions extends CommonOptions, ComputeOptions {
  readonly data: string[]
  readonly split: Split
  readonly modality?: Modality
  readonly model?: string
  readonly out?: string
}

const SPLITS: readonly Split[] = ['train', 'val', 'test', 'external-test']

const EXAMPLES = `  zaoshai evaluate --data busi/manifest.csv --modality US --split val
  zaoshai evaluate --model run/model.safetensors --data records/manifest.csv --split val --out evaluation
  zaoshai evaluate --data US:busi/manifest.csv MG:cesm/manifest.csv --split val --json

Dice and IoU are per image, at the image's own resolution, then averaged, with 95% bootstrap intervals. Lesion images,
all images (empty against empty counts as 1) and false positives on normal images are three separate figures. The
headline leaves out near-duplicates (near_duplicate_of); the figure over all rows stands beside it.

With --out it writes images.csv (a row per image), summary.json and summary.txt.`

export function addEvaluate(program: Command, run: Run): void {
  subcommand(program, 'evaluate', 'Judge a model on images whose lesions a doctor has outlined.', EXAMPLES)
    .addOption(dataOption())
    .addOption(new Option('--split <name>', 'the rows to judge on').choices(SPLITS).makeOptionMandatory())
    .addOption(modalityOption())
    .addOption(modelOption())
    .option('--out <folder>', 'where per-image figures and the summary go')
    .addOption(deviceOption())
    .addOption(threadsOption())
    .action((options: EvaluateCommandOptions) => run(options, (context) => evaluateFrom(options, context)))
}

async function evaluateFrom(options: EvaluateCommandOptions, context: Context): Promise<ExitCode> {
  const { data, split, modality, model, out, device, threads } = options
  const { evaluate } = await import('#app/evaluate.ts')
  const { progress, signal } = context
  progress.line(say(context.language, 'loading'))
  const { text, ...evaluation } = await evaluate({
    ...{ data, split, modality, model, out, device, threads, signal },
    onProgress: (step) => showWeights(step, context),
    onImage: (done, total) => context.count('evaluating', done, total, 'images'),
  })
  progress.stop()
  for (const { dataset, line, id, reason } of evaluation.badRows) {
    context.warn(new ScreeningError('MANIFEST_ROW_REFUSED', { dataset, line, id, reason }))
  }
  context.answer(evaluation)
  context.print(text)
  const refused = evaluation.badRows.length
  if (refused > 0) context.tell('rowsRefused', { refused })
  if (out !== undefined) context.tell('evaluated', { out: path.resolve(out) })
  return refused > 0 ? EXIT.someFailed : EXIT.ok
}
