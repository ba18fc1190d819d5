import { EXIT } from './exit-codes.ts'

/** A launcher passes on the signal that the terminal has sent to both: within this time it is the same Ctrl-C. */
const SAME_SIGNAL_MS = 500

/** How long the work may take to end by itself. Every file is written whole or not at all, so it may be cut off then. */
const GRACE_MS = 10_000

/**
 * Runs work that ends early when its signal is aborted: by Ctrl-C, SIGTERM or SIGHUP. A second Ctrl-C, or no end
 * within ten seconds, ends the process.
 * @param hooks `onStop`: called once, when the first signal comes; `onExit`: before the process is ended.
 */
export async function interruptible<T>(
  work: (signal: AbortSignal) => Promise<T>,
  { onStop, onExit }: { readonly onStop: () => void; readonly onExit: () => void },
): Promise<T> {
  const controller = new AbortController()
  let firstAt = 0
  const exit = () => {
    onExit()
    process.exit(EXIT.interrupted)
  }
  const stop = () => {
    const now = performance.now()
    if (!controller.signal.aborted) {
      firstAt = now
      controller.abort()
      onStop()
      setTimeout(exit, GRACE_MS).unref()
    } else if (now - firstAt > SAME_SIGNAL_MS) {
      exit()
    }
  }
  const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const
  for (const signal of signals) process.on(signal, stop)
  try {
    return await work(controller.signal)
  } finally {
    for (const signal of signals) process.off(signal, stop)
  }
}
