import { ScreeningError } from '#core/errors.ts'

/** Codes of errors that would meet every image: they end the work. */
const FATAL: ReadonlySet<string> = new Set([
  'INTERNAL',
  'ENGINE_FAILED',
  'DEVICE_UNAVAILABLE',
  'MODEL_INVALID',
  'OUTPUT_UNWRITABLE',
])

/**
 * An error as that of one image: it is noted and the rest goes on.
 * @throws the error itself where it would meet every image; INTERNAL where it has no code.
 */
export function ofOneImage(error: unknown, file: string): ScreeningError {
  if (!(error instanceof ScreeningError)) throw new ScreeningError('INTERNAL', { file }, { cause: error })
  // A name that the disk does not take is the matter of one image.
  if (FATAL.has(error.code) && error.facts.problem !== 'ENAMETOOLONG') throw error
  return error
}
