/** How far proposals lie from the marks. */
export interface LandmarkFigures {
  readonly sides: number
  /** Sides without a proposal. */
  readonly missed: number
  /** Fractions of the breast's width; a miss counts as further away than any proposal, so that a percentile among the misses is infinite. */
  readonly median: number
  readonly percentile95: number
}

/** @param errors one per marked side: the distance over the breast's width, or infinity for a miss. Percentiles by nearest rank. */
export function landmarkFigures(errors: readonly number[]): LandmarkFigures {
  const sorted = [...errors].sort((a, b) => a - b)
  const rank = (share: number) => sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)] ?? Number.NaN
  const missed = sorted.filter((error) => error === Number.POSITIVE_INFINITY).length
  return { sides: sorted.length, missed, median: rank(0.5), percentile95: rank(0.95) }
}
