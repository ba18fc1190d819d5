import type { Interval } from './bootstrap.ts'
import { mean } from './metrics.ts'

export interface RocArea extends Interval {
  /** Chance that a positive scores above a negative, ties counting half. */
  readonly auc: number
  readonly standardError: number
}

const Z95 = 1.959963984540054

/**
 * Area under the ROC curve with its 95% interval, the interval on the logit scale so that it stays within 0..1; at an area
 * of 0 or 1 it is that point. Source: DeLong, DeLong and Clarke-Pearson, Biometrics 44(3), 1988; scores of one side by rank,
 * as Sun and Xu, IEEE Signal Process. Lett. 21(11), 2014; the logit interval as Qin and Hotilovac, Stat. Methods Med. Res. 17(2), 2008.
 * Scores may be -Infinity: below everything, equal to each other.
 * @returns `null` with fewer than two scores on either side.
 */
export function rocArea(positives: readonly number[], negatives: readonly number[]): RocArea | null {
  if (positives.length < 2 || negatives.length < 2) return null
  const placedPositives = placements(positives, negatives)
  const placedNegatives = placements(negatives, positives).map((share) => 1 - share)
  const auc = mean(placedPositives)
  const standardError = Math.sqrt(
    variance(placedPositives) / positives.length + variance(placedNegatives) / negatives.length,
  )
  return { auc, standardError, ...logitInterval(auc, standardError) }
}

/** Of each score the share of the others that it exceeds, ties counting half. */
function placements(scores: readonly number[], others: readonly number[]): number[] {
  const sorted = Float64Array.from(others).sort()
  return scores.map((score) => {
    const below = countWhere(sorted, (other) => other < score)
    const upTo = countWhere(sorted, (other) => other <= score)
    return (below + upTo) / 2 / others.length
  })
}

/** How many of sorted values, from the first, hold. */
function countWhere(sorted: Float64Array, holds: (value: number) => boolean): number {
  let [low, high] = [0, sorted.length]
  while (low < high) {
    const middle = (low + high) >> 1
    if (holds(sorted[middle]!)) low = middle + 1
    else high = middle
  }
  return low
}

function logitInterval(auc: number, standardError: number): Interval {
  if (auc <= 0 || auc >= 1) return { low: auc, high: auc }
  const logit = Math.log(auc / (1 - auc))
  const half = (Z95 * standardError) / (auc * (1 - auc))
  return { low: 1 / (1 + Math.exp(half - logit)), high: 1 / (1 + Math.exp(-half - logit)) }
}

function variance(values: readonly number[]): number {
  const middle = mean(values)
  return values.reduce((sum, value) => sum + (value - middle) ** 2, 0) / (values.length - 1)
}
