/**
 * Every error that this software raises has a code from this table. Facts that go with it name files, shapes and
 * settings, never a person. `docs/errors.md` lists the same codes; a test fails when the two differ.
 */
export const ERRORS = {
  INTERNAL: {
    cause: 'The software reached a state that it should not reach.',
    remedy: 'Report it with the command that was run and the facts printed beside the code.',
  },
  SHAPE_MISMATCH: {
    cause: 'Two tensors or an operator and its input have shapes that do not fit.',
    remedy: 'Compare the shapes in the facts; a model file and the code that reads it may be of different versions.',
  },
  MASK_SIZE_MISMATCH: {
    cause: 'A mask and its image differ in width or height.',
    remedy: 'Export the mask at the size of the image itself.',
  },
} as const satisfies Record<string, { readonly cause: string; readonly remedy: string }>

export type ErrorCode = keyof typeof ERRORS

/** Facts beside a code: what differed, which file, which limit. Never patient data. */
export type ErrorFacts = Readonly<Record<string, string | number | boolean | readonly (string | number)[]>>

/** The one error type of this software. `message` reads `CODE: cause remedy (fact=value, ...)`. */
export class ScreeningError extends Error {
  override readonly name = 'ScreeningError'
  readonly code: ErrorCode
  readonly facts: ErrorFacts

  constructor(code: ErrorCode, facts: ErrorFacts = {}, options?: ErrorOptions) {
    super(`${code}: ${ERRORS[code].cause} ${ERRORS[code].remedy}${printFacts(facts)}`, options)
    this.code = code
    this.facts = facts
  }
}

/** For the `default` branch of an exhaustive switch. */
export function unreachable(never: never): ScreeningError {
  return new ScreeningError('INTERNAL', { unreachable: String(never) })
}

function printFacts(facts: ErrorFacts): string {
  const printed = Object.entries(facts).map(([name, value]) => `${name}=${Array.isArray(value) ? `[${value}]` : value}`)
  return printed.length === 0 ? '' : ` (${printed.join(', ')})`
}
