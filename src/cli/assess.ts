import path from 'node:path'
import { type Command, InvalidArgumentError, Option } from 'commander'
import type { AssessedRow, Assessment } from '#app/assess.ts'
import type { Modality } from '#core/modality.ts'
import { EXIT, type ExitCode } from './exit-codes.ts'
import { say } from './messages.ts'
import { type CommonOptions, type ComputeOptions, deviceOption, modalityOption, threadsOption } from './options.ts'
import { type Context, type Run, subcommand } from './run.ts'
import { showWeights } from './weights.ts'

interface AssessOptions extends CommonOptions, ComputeOptions {
  readonly out: string
  readonly modality?: Modality
  readonly prevalence?: number
}

const EXAMPLES = `  zaoshai assess scan.png --modality US --out assess.csv
  zaoshai assess photos/ --modality US --out assess.csv --prevalence 0.05
  zaoshai assess manifest.csv --out assess.csv --json

Writes one table: file,lesion,score,band,pMalignant,birads,refused; a row for each region that the software marks, largest
first, at least one for each image.
  score       0 to 100: rank among the lesions of the training images, no probability. 0 with the band nothing-marked where
              nothing is marked: the lowest rank, and not a negative examination
  band        lower, moderate, higher (suspicion)
  pMalignant  only with --prevalence: probability of cancer at that share of cancers among the women in whom the software
              marks something (docs/adr/0020-score.md)
  birads      only with --prevalence: the category that the probability suggests, from 3 to 5; a doctor decides, and 3 needs
              a doctor's full work-up
  refused     why an image has no score; risk-not-validated on anything but ultrasound
Masks come from the model that comes with Zaoshai: the score was calibrated on its masks alone.`

export function addAssess(program: Command, run: Run): void {
  subcommand(program, 'assess', 'Score what is marked on ultrasound images, with suspicion bands.', EXAMPLES)
    .argument('<inputs...>', 'image files, folders (with their subfolders) or manifests (.csv)')
    .requiredOption('--out <file>', 'where the table goes')
    .addOption(modalityOption())
    .addOption(prevalenceOption())
    .addOption(deviceOption())
    .addOption(threadsOption())
    .action((inputs: string[], options: AssessOptions) =>
      run(options, (context) => assessInputs(inputs, options, context)),
    )
}

export function prevalenceOption(): Option {
  return new Option(
    '--prevalence <share>',
    'share of cancers where it is used, among women in whom something is marked, such as 0.05; none is assumed',
  ).argParser(share)
}

/** A share that a population can have: neither nobody nor everybody. */
function share(text: string): number {
  const value = text.trim() === '' ? Number.NaN : Number(text)
  if (!(value > 0 && value < 1))
    throw new InvalidArgumentError('It must be a share above 0 and below 1, such as 0.005.')
  return value
}

async function assessInputs(
  inputs: readonly string[],
  { out, modality, prevalence, device, threads }: AssessOptions,
  context: Context,
): Promise<ExitCode> {
  const { assess } = await import('#app/assess.ts')
  const { openAssessor } = await import('#app/assessor.ts')
  const { progress, signal } = context
  const result = await assess(
    {
      ...{ inputs, out, modality, signal },
      onProgress: ({ done, total }) => context.count('assessing', done, total, 'images'),
      onUnreadable: ({ error }) => context.warn(error),
    },
    () => {
      progress.line(say(context.language, 'loading'))
      const onProgress = (step: Parameters<typeof showWeights>[0]) => showWeights(step, context)
      return openAssessor({ prevalence, device, threads, signal, onProgress })
    },
  )
  progress.stop()
  if (result.interrupted) return EXIT.interrupted
  return report(result, path.resolve(out), context)
}

function report({ rows, images, refused }: Assessment, out: string, context: Context): ExitCode {
  context.answer({ out, rows: rows.map(asDocument) })
  context.tell('assessed', { done: images - refused, total: images, out })
  if (refused > 0) context.tell('notAssessed', { refused })
  const unfamiliar = unfamiliarOf(rows)
  if (unfamiliar.length > 0) context.tell('unfamiliar', { count: unfamiliar.length, files: unfamiliar.join(', ') })
  context.tell('assists')
  if (refused === images) return EXIT.nothingDone
  return refused > 0 ? EXIT.someFailed : EXIT.ok
}

/** Files that are judged with a notice; of several regions of one image the first tells. */
function unfamiliarOf(rows: readonly AssessedRow[]): string[] {
  return rows.flatMap((row) =>
    'judged' in row && row.judged === 'unfamiliar' && (row.lesion ?? 1) === 1 ? row.file : [],
  )
}

function asDocument(row: AssessedRow): object {
  if ('refused' in row) return row
  return row.lesion === null
    ? { ...row, band: 'nothing-marked' }
    : { file: row.file, judged: row.judged, lesion: row.lesion, ...row.scored }
}
