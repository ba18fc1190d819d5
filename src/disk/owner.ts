import { createHash } from 'node:crypto'
import { hostname } from 'node:os'

/** A process can be looked for on its own machine only; the machine's name itself is nobody's business. 8 hex digits. */
export const MACHINE = createHash('sha256').update(hostname()).digest('hex').slice(0, 8)

/**
 * Whether the process that a lock or a temporary name on disk speaks of still runs on this machine. A number that was
 * given to another process since counts as alive: what it guards is then left alone.
 */
export function isAlive(pid: number): boolean {
  if (!(pid > 0)) return false
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    // it runs, as somebody else's
    return (error as NodeJS.ErrnoException).code === 'EPERM'
  }
}
