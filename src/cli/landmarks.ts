import path from 'node:path'
import type { Command } from 'commander'
import type { LandmarksResult } from '#app/landmarks.ts'
import type { Modality } from '#core/modality.ts'
import { EXIT, type ExitCode } from './exit-codes.ts'
import { type CommonOptions, type ComputeOptions, deviceOption, modalityOption, threadsOption } from './options.ts'
import { asDocument, type Context, type Run, subcommand } from './run.ts'
import { showWeights } from './weights.ts'

interface LandmarksOptions extends CommonOptions, ComputeOptions {
  readonly out: string
  readonly modality: Modality
}

const EXAMPLES = `  zaoshai landmarks thermograms/ --out landmarks.csv
  zaoshai landmarks frontal.png --out landmarks.csv --json

Writes one row per side of every frontal thermogram, in pixels from the centre of the first one:
  file,side,nippleX,nippleY,breastX0,breastY0,breastX1,breastY1,confidence
Empty where nothing was found; --json says why. The woman's left breast is taken to be on the right of the image. They are proposals: a
doctor confirms or corrects them, and no measurement uses them. confidence says how much the place looks like a nipple; it
is no probability (docs/landmarks.md). Other images than thermograms are refused.`

export function addLandmarks(program: Command, run: Run): void {
  subcommand(program, 'landmarks', 'Propose nipples and breasts on frontal thermograms, to be confirmed.', EXAMPLES)
    .argument('<inputs...>', 'image files, folders (with their subfolders) or manifests (.csv)')
    .requiredOption('--out <file>', 'the table to write')
    .addOption(modalityOption().default('TG'))
    .addOption(deviceOption())
    .addOption(threadsOption())
    .action((inputs: string[], options: LandmarksOptions) =>
      run(options, (context) => landmarks(inputs, options, context)),
    )
}

async function landmarks(
  inputs: readonly string[],
  { out, modality, device, threads }: LandmarksOptions,
  context: Context,
): Promise<ExitCode> {
  const { proposeAll } = await import('#app/landmarks.ts')
  const result = await proposeAll({
    inputs,
    out,
    modality,
    device,
    threads,
    onWeights: (step) => showWeights(step, context),
    signal: context.signal,
    onProgress: ({ done, total }) => context.count('locating', done, total, 'images'),
    onRefused: ({ error }) => context.warn(error),
  })
  report(result, path.resolve(out), context)
  if (result.rows.length === 0) return EXIT.nothingDone
  return result.refused.length > 0 ? EXIT.someFailed : EXIT.ok
}

function report({ rows, refused, named, interrupted }: LandmarksResult, out: string, context: Context): void {
  context.progress.stop()
  if (interrupted) return
  context.answer({ out, rows, refused: refused.map(({ file, error }) => ({ file, ...asDocument(error) })) })
  const found = rows.filter(({ proposal }) => 'nipple' in proposal).length
  context.tell('located', { found, sides: rows.length, images: rows.length / 2, named, out })
  context.tell('toConfirm')
  context.tell('assists')
}
