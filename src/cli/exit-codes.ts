/** What the process ends with; the help of every command lists them. */
export const EXIT = {
  ok: 0,
  /** The rest was done; each refused input was named on stderr and in the results. */
  someFailed: 1,
  /** The command line cannot be understood. */
  usage: 2,
  /** An error came before any result. */
  nothingDone: 3,
  /** Ctrl-C; what was finished is whole, nothing is half-written. */
  interrupted: 130,
} as const

export type ExitCode = (typeof EXIT)[keyof typeof EXIT]
