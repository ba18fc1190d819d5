import { setTimeout as pause } from 'node:timers/promises'

/** Threads of a library keep spinning for a moment after their work; the other side should not compete with them. */
const SETTLE_MS = 100

/** One side of a comparison: does its work once and says how long that took. */
export interface Contender {
  readonly name: string
  /** @returns milliseconds */
  run(): Promise<number>
}

/**
 * Runs two contenders by turns, A B A B ..., so that whatever else the machine does meets both alike.
 * @param warmUp turns whose times are thrown away.
 * @returns milliseconds of each turn.
 */
export async function byTurns(
  contenders: readonly [Contender, Contender],
  { turns, warmUp }: { readonly turns: number; readonly warmUp: number },
  onTurn: (name: string, milliseconds: number) => void,
): Promise<readonly [number[], number[]]> {
  const times: readonly [number[], number[]] = [[], []]
  for (let turn = -warmUp; turn < turns; turn++) {
    for (const side of [0, 1] as const) {
      const milliseconds = await contenders[side].run()
      if (turn >= 0) {
        times[side].push(milliseconds)
        onTurn(contenders[side].name, milliseconds)
      }
      await pause(SETTLE_MS)
    }
  }
  return times
}

/** @returns NaN for no values. */
export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b)
  const middle = sorted.length / 2
  if (sorted.length % 2 === 1) return sorted[Math.floor(middle)]!
  return ((sorted[middle - 1] ?? Number.NaN) + (sorted[middle] ?? Number.NaN)) / 2
}
