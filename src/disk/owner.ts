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
