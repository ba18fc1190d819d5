import { styleText } from 'node:util'
import type { Command } from 'commander'
import { ScreeningError } from '#core/errors.ts'
import type { Language } from '#core/words.ts'
import { EXIT, type ExitCode } from './exit-codes.ts'
import { interruptible } from './interrupt.ts'
import { languageOf, type MessageKey, say } from './messages.ts'
import { type CommonOptions, languageOption } from './options.ts'
import { openProgress, type Progress } from './progress.ts'

/** The process's own streams and environment; tests bring others. */
export interface Terminal {
  readonly stdout: NodeJS.WritableStream
  readonly stderr: NodeJS.WriteStream
  readonly env: NodeJS.ProcessEnv
}

/** What a command has besides its own options. */
export interface Context {
  readonly language: Language
  readonly progress: Progress
  readonly signal: AbortSignal
  /** How far it is, on stderr. @param unit what is counted: a word of ours, or `MB`. */
  count(
    label: MessageKey,
    done: number,
    total: number,
    unit: 'images' | 'views' | 'steps' | 'MB',
    values?: Readonly<Record<string, string | number>>,
  ): void
  /** Tells people on stdout; silent with `--json`. */
  tell(key: MessageKey, values?: Readonly<Record<string, string | number>>): void
  /** Any other text for people on stdout; silent with `--json`. */
  print(text: string): void
  /** The one document that `--json` prints; without it nothing is printed. */
  answer(document: object): void
  /** An input that failed while the rest goes on, on stderr. */
  warn(error: unknown): void
}

const EXIT_CODES_HELP = `
Exit codes:
  0    done
  1    done, but some inputs were refused; each was named
  2    the command line cannot be understood
  3    nothing could be done
  130  interrupted; nothing is half-written`

/** How a subcommand's action runs its work: see {@link run}. */
export type Run = (options: CommonOptions, work: (context: Context) => Promise<ExitCode>) => Promise<void>

/** A command that only has subcommands; its help shows one example of each. */
export function commandGroup(program: Command, name: string, description: string, examples: readonly string[]) {
  const help = `\nExamples:\n${examples.join('\n')}\n${EXIT_CODES_HELP}`
  return program.command(name).description(description).addHelpText('after', help)
}

/** A subcommand with what all have in common: the common options, the examples and exit codes after its help. */
export function subcommand(program: Command, name: string, description: string, examples: string): Command {
  return program
    .command(name)
    .description(description)
    .option('--json', 'print one JSON document to stdout, for machines')
    .option('--debug', 'print the stack of an error')
    .addOption(languageOption())
    .addHelpText('after', `\nExamples:\n${examples}\n${EXIT_CODES_HELP}`)
}

/** Runs a command's work and gives the exit code; errors are printed with their code, without a stack. */
export async function run(
  terminal: Terminal,
  options: CommonOptions,
  work: (context: Context) => Promise<ExitCode>,
): Promise<ExitCode> {
  const language = options.lang ?? languageOf(terminal.env)
  const progress = openProgress(terminal.stderr)
  const answer = (document: object) => {
    if (options.json) terminal.stdout.write(`${JSON.stringify(document, null, 2)}\n`)
  }
  const printError = (error: unknown) => {
    progress.line(styleText('red', describe(error, options.debug ?? false), { stream: terminal.stderr }))
  }
  let interrupted = false
  const onStop = () => {
    interrupted = true
    progress.line(say(language, 'stopping'))
  }
  try {
    const code = await interruptible(
      (signal) => {
        const print = (text: string) => {
          if (!options.json) terminal.stdout.write(`${text}\n`)
        }
        const count: Context['count'] = (label, done, total, unit, values) => {
          progress.update(say(language, label, values), done, total, unit === 'MB' ? unit : say(language, unit))
        }
        const tell: Context['tell'] = (key, values) => print(say(language, key, values))
        return work({ language, progress, signal, count, print, tell, answer, warn: printError })
      },
      { onStop, onExit: () => progress.stop() },
    )
    progress.stop()
    if (!interrupted) return code
  } catch (error) {
    progress.stop()
    if (!interrupted) {
      printError(error)
      answer({ error: asDocument(error) })
      return EXIT.nothingDone
    }
  }
  progress.line(say(language, 'interrupted'))
  return EXIT.interrupted
}

/** `CODE: cause remedy (facts)`, or the same form for an error that has no code. */
function describe(error: unknown, withStack: boolean): string {
  const coded = asScreeningError(error)
  return withStack ? [coded, coded.cause].flatMap(stackOf).join('\n') : coded.message
}

function stackOf(error: unknown): string[] {
  if (error === undefined) return []
  return [error instanceof Error ? (error.stack ?? error.message) : String(error)]
}

export function asDocument(error: unknown): object {
  const { code, message, facts } = asScreeningError(error)
  return { code, message, facts }
}

/** Of an error without a code its kind and the system's code: its sentence may hold a path, and a path a name. */
function asScreeningError(error: unknown): ScreeningError {
  if (error instanceof ScreeningError) return error
  const kind = error instanceof Error ? error.name : typeof error
  const systemCode = error instanceof Error && 'code' in error ? { systemCode: String(error.code) } : {}
  return new ScreeningError('INTERNAL', { kind, ...systemCode }, { cause: error })
}
