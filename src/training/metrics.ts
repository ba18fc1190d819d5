import { ScreeningError } from '#core/errors.ts'
import type { Mask } from '#core/mask.ts'

/** How two masks of one image agree. Both 0..1; two empty masks agree perfectly. */
export interface Overlap {
  /** 2·|A∩B| / (|A| + |B|). Unitless, 0..1; empty against empty = 1. Source: Dice 1945. */
  readonly dice: number
  /** |A∩B| / |A∪B|. Unitless, 0..1; empty against empty = 1. Source: Jaccard 1912. */
  readonly iou: number
}

/**
 * Dice and IoU of a predicted mask against a doctor's, both H×W at the image's own resolution.
 * @throws MASK_SIZE_MISMATCH when their sizes differ.
 */
export function overlap(predicted: Mask, truth: Mask): Overlap {
  if (predicted.width !== truth.width || predicted.height !== truth.height) {
    throw new ScreeningError('MASK_SIZE_MISMATCH', {
      mask: [truth.width, truth.height],
      image: [predicted.width, predicted.height],
    })
  }
  let both = 0
  let sum = 0
  for (let i = 0; i < truth.data.length; i++) {
    const p = predicted.data[i]!
    const t = truth.data[i]!
    both += p & t
    sum += p + t
  }
  if (sum === 0) return { dice: 1, iou: 1 }
  return { dice: (2 * both) / sum, iou: both / (sum - both) }
}

/**
 * Area under the ROC curve: the chance that a positive scores above a negative, ties counting half
 * (Mann-Whitney U / (n₊·n₋)). Unitless, 0..1; `null` when either side has no score.
 */
export function areaUnderRoc(positives: readonly number[], negatives: readonly number[]): number | null {
  if (positives.length === 0 || negatives.length === 0) return null
  const scores = [
    ...positives.map((score) => ({ score, positive: 1 })),
    ...negatives.map((score) => ({ score, positive: 0 })),
  ].sort((a, b) => a.score - b.score)
  let rankSum = 0
  for (let start = 0; start < scores.length; ) {
    let end = start
    let tied = 0
    while (end < scores.length && scores[end]!.score === scores[start]!.score) tied += scores[end++]!.positive
    rankSum += tied * ((start + 1 + end) / 2)
    start = end
  }
  const u = rankSum - (positives.length * (positives.length + 1)) / 2
  return u / (positives.length * negatives.length)
}

/** Arithmetic mean; NaN of nothing. */
export function mean(values: readonly number[]): number {
  let sum = 0
  for (const value of values) sum += value
  return sum / values.length
}

/** Linearly interpolated quantile (Hyndman and Fan's type 7), q in 0..1; NaN of nothing. */
export function quantile(values: readonly number[], q: number): number {
  if (values.length === 0) return Number.NaN
  const sorted = Float64Array.from(values).sort()
  const at = q * (sorted.length - 1)
  const below = sorted[Math.floor(at)]!
  const above = sorted[Math.ceil(at)]!
  return below + (above - below) * (at - Math.floor(at))
}

export function median(values: readonly number[]): number {
  return quantile(values, 0.5)
}
