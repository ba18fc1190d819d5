import path from 'node:path'
import type { Command } from 'commander'
import type { Segmentation } from '#app/segment.ts'
import type { Modality } from '#core/modality.ts'
import { EXIT, type ExitCode } from './exit-codes.ts'
import { say } from './messages.ts'
import {
  type CommonOptions,
  type ComputeOptions,
  deviceOption,
  modalityOption,
  modelOption,
  threadsOption,
} from './options.ts'
import { asDocument, type Context, type Run, subcommand } from './run.ts'
import { showWeights } from './weights.ts'

interface SegmentOptions extends CommonOptions, ComputeOptions {
  readonly out: string
  readonly modality?: Modality
  readonly model?: string
}

const EXAMPLES = `  zaoshai segment scan.png --modality US --out masks
  zaoshai segment photos/ more/*.jpg --modality US --out masks
  zaoshai segment manifest.csv --out masks         (with a column modality; image is the only one that must be there)
  zaoshai segment photos/ --modality US --out masks --json > result.json

A mammogram counts as contrast mammography where a column energy (low-energy, subtracted) or its name says so, as in
L_CM_CC.png (docs/study.md). The model that comes with Zaoshai was not validated on other mammograms: they get a mask
here, with a warning, and none in a screening. So do images that are blank, noise or of something else
(docs/judgeable.md): their expectedDice is the reason.

Writes into the output folder:
  <name>.png       one mask per image, 255 inside the outlines and 0 outside, at the image's own size
  predictions.csv  file,presence,lesions,areaPx,milliseconds,expectedDice,outlineExpectedDice,outlineUncertaintyPx
  errors.csv       the inputs that were refused, each with its code; only where there are any
Masks that an earlier run listed in that folder's predictions.csv are removed first; nothing else in it is touched.

milliseconds is how long the batch took for the image. presence is a score, not a probability. expectedDice is the mean
Dice that validation masks like this one had; outlineExpectedDice and outlineUncertaintyPx say for each outline, largest
first, its own expected Dice and how wide the band is in which it might as well run (docs/confidence.md).`

export function addSegment(program: Command, run: Run): void {
  subcommand(program, 'segment', 'Outline suspicious lesions: one mask per image, and a table.', EXAMPLES)
    .argument('<inputs...>', 'image files, folders (with their subfolders) or manifests (.csv)')
    .requiredOption('--out <folder>', 'where the masks and tables go')
    .addOption(modalityOption())
    .addOption(modelOption())
    .addOption(deviceOption())
    .addOption(threadsOption())
    .action((inputs: string[], options: SegmentOptions) =>
      run(options, (context) => segmentInputs(inputs, options, context)),
    )
}

async function segmentInputs(
  inputs: readonly string[],
  { out, modality, model, device, threads }: SegmentOptions,
  context: Context,
): Promise<ExitCode> {
  const { segment } = await import('#app/segment.ts')
  const { openSegmenter } = await import('#app/segmenter.ts')
  const { progress, signal } = context
  const result = await segment(
    {
      inputs,
      out,
      modality,
      signal,
      onProgress: ({ done, total }) => context.count('segmenting', done, total, 'images'),
      onRefused: ({ error }) => context.warn(error),
    },
    () => {
      progress.line(say(context.language, 'loading'))
      return openSegmenter({ model, device, threads, signal, onProgress: (step) => showWeights(step, context) })
    },
  )
  report(result, path.resolve(out), context)
  if (result.predictions.length === 0) return EXIT.nothingDone
  return result.refused.length > 0 ? EXIT.someFailed : EXIT.ok
}

function report(
  { predictions, refused, notValidated, unjudgeable, unfamiliar, replaced, named }: Segmentation,
  out: string,
  context: Context,
): void {
  context.progress.stop()
  context.answer({
    out,
    predictions,
    notValidated,
    unjudgeable,
    unfamiliar,
    refused: refused.map(({ file, error }) => ({ file, ...asDocument(error) })),
  })
  const marked = predictions.filter(({ lesions }) => lesions > 0).length
  context.tell('segmented', { done: predictions.length, total: named, out })
  if (predictions.length > 0) context.tell('marked', { marked, done: predictions.length })
  if (notValidated.length > 0) context.tell('notValidated', { count: notValidated.length })
  if (unjudgeable.length > 0) {
    context.tell('unjudgeable', { count: unjudgeable.length, files: unjudgeable.map(({ file }) => file).join(', ') })
  }
  if (unfamiliar.length > 0) {
    context.tell('unfamiliar', { count: unfamiliar.length, files: unfamiliar.join(', ') })
  }
  if (replaced > 0) context.tell('replaced', { replaced })
  if (refused.length > 0) context.tell('refused', { refused: refused.length })
  context.tell('assists')
}
