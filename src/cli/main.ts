import { readFileSync } from 'node:fs'
import { Command, CommanderError } from 'commander'
import { addAssess } from './assess.ts'
import { addEvaluate } from './evaluate.ts'
import { EXIT, type ExitCode } from './exit-codes.ts'
import { addLandmarks } from './landmarks.ts'
import { addFeatures, addMeasure } from './measure.ts'
import { addModels } from './models.ts'
import { type Run, run, type Terminal } from './run.ts'
import { addScreen } from './screen.ts'
import { addSegment } from './segment.ts'
import { addTrain } from './train.ts'
import { addWeights } from './weights.ts'

const HELP = `
A first look, from the checkout:
  npm start                                              screens the bundled example
  npx zaoshai screen examples/cesm-p313 --out report     the same, by hand
  npx zaoshai segment photos/ --modality US --out masks  outlines, one mask per image
  npx zaoshai help train                                 how to train on your own records

Zaoshai assists; a doctor decides. 早筛仅供辅助，由医生作出判断。`

/** Runs one command line (each command loads what it needs, so that help is instant) and gives the exit code. Never throws. */
export async function main(args: readonly string[], terminal: Terminal): Promise<ExitCode> {
  let code: ExitCode = EXIT.ok
  const runCommand: Run = async (options, work) => {
    code = await run(terminal, options, work)
  }
  const program = new Command('zaoshai')
    .description('Breast early screening: outlines, measurements, a report. 乳腺早筛：病灶轮廓、测量与报告。')
    .version(version(), '--version')
    .showHelpAfterError('(add --help for examples)')
    .configureOutput({
      writeOut: (text) => terminal.stdout.write(text),
      writeErr: (text) => terminal.stderr.write(text),
    })
    .exitOverride()
    .addHelpText('after', HELP)
  for (const add of [
    ...[addScreen, addSegment, addAssess, addMeasure, addLandmarks, addFeatures],
    ...[addTrain, addEvaluate, addModels, addWeights],
  ])
    add(program, runCommand)
  try {
    await program.parseAsync(args, { from: 'user' })
    return code
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error
    // Asked for help or version: 0. Everything else that commander refuses is a command line not understood.
    return error.exitCode === 0 ? EXIT.ok : EXIT.usage
  }
}

function version(): string {
  const text = readFileSync(new URL('../../package.json', import.meta.url), 'utf8')
  return (JSON.parse(text) as { version: string }).version
}
