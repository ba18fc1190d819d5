/** How far two readings of the same things agree. */
export interface Agreement {
  readonly count: number
  /** Share of things of which both say the same. */
  readonly observed: number
  /** What of the agreement is not chance: 1 where all agree, 0 where chance explains it; not a number where both say one word. */
  readonly kappa: number
}

/** Unweighted. Source: Cohen, Educ. Psychol. Meas. 20(1), 1960. */
export function agreementOf(pairs: readonly (readonly [string, string])[]): Agreement {
  const count = pairs.length
  const same = pairs.filter(([a, b]) => a === b).length / count
  const words = new Set(pairs.flat())
  let chance = 0
  for (const word of words) {
    const [first, second] = [0, 1].map((reader) => pairs.filter((pair) => pair[reader] === word).length / count)
    chance += first! * second!
  }
  return { count, observed: same, kappa: (same - chance) / (1 - chance) }
}
