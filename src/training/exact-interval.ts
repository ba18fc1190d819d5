import type { Interval } from './bootstrap.ts'

/**
 * Exact 95% interval of a share that was counted on independent items: every share under which the count, or one
 * farther out, had a chance of at least 2.5% on its side. Source: Clopper and Pearson 1934, Biometrika 26(4).
 * @param count of `of` items, both whole; `of` from 1 up.
 */
export function exactInterval(count: number, of: number): Interval {
  return {
    low: count === 0 ? 0 : bisect((share) => chanceOfAtLeast(count, of, share) - 0.025),
    high: count === of ? 1 : bisect((share) => 0.975 - chanceOfAtLeast(count + 1, of, share)),
  }
}

/** Chance of `count` or more of `of` items, each with chance `share`. */
function chanceOfAtLeast(count: number, of: number, share: number): number {
  let logChance = of * Math.log1p(-share)
  let sum = 0
  for (let k = 0; k < count; k++) {
    sum += Math.exp(logChance)
    logChance += Math.log((of - k) / (k + 1)) + Math.log(share) - Math.log1p(-share)
  }
  return 1 - sum
}

/** Where a function that rises, or falls, from below to above 0 over 0..1 crosses it. */
function bisect(value: (share: number) => number): number {
  const rises = value(1 - 1e-12) > value(1e-12)
  let [low, high] = [0, 1]
  for (let i = 0; i < 60; i++) {
    const middle = (low + high) / 2
    if (value(middle) < 0 === rises) low = middle
    else high = middle
  }
  return (low + high) / 2
}
