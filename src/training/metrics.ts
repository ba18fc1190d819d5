import { ScreeningError } from '#core/errors.ts'
import type { Mask } from '#core/mask.ts'
import type { Component } from '#imaging/components.ts'

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

/** One marked region against those of the doctor's regions that it touches. */
export interface RegionOverlap {
  /** 0 where it touches none. */
  readonly dice: number
  readonly touched: readonly Component[]
}

/** Both of masks of one size. */
export function regionOverlap(region: Component, truth: readonly Component[]): RegionOverlap {
  const shared = truth.map((other) => ({ other, both: sharedPx(region, other) })).filter(({ both }) => both > 0)
  const both = shared.reduce((sum, pair) => sum + pair.both, 0)
  const total = shared.reduce((sum, { other }) => sum + other.areaPx, region.areaPx)
  return { dice: (2 * both) / total, touched: shared.map(({ other }) => other) }
}

/** Pixels that two regions share. */
function sharedPx(a: Component, b: Component): number {
  const [p, q] = [a.boundsPx, b.boundsPx]
  const right = Math.min(p.left + p.width, q.left + q.width)
  const bottom = Math.min(p.top + p.height, q.top + q.height)
  let count = 0
  for (let y = Math.max(p.top, q.top); y < bottom; y++) {
    for (let x = Math.max(p.left, q.left); x < right; x++) if (a.contains(x, y) && b.contains(x, y)) count++
  }
  return count
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

/** Pearson's correlation of paired values, -1..1; `null` where one of them does not vary. */
export function correlation(a: readonly number[], b: readonly number[]): number | null {
  const [meanA, meanB] = [mean(a), mean(b)]
  let [ab, aa, bb] = [0, 0, 0]
  for (let i = 0; i < a.length; i++) {
    const [da, db] = [a[i]! - meanA, b[i]! - meanB]
    ab += da * db
    aa += da * da
    bb += db * db
  }
  const varies = (values: readonly number[]) => values.some((value) => value !== values[0])
  return varies(a) && varies(b) ? ab / Math.sqrt(aa * bb) : null
}

/** Spearman's rank correlation, ties sharing their mean rank; `null` where one of the two does not vary. */
export function rankCorrelation(a: readonly number[], b: readonly number[]): number | null {
  return correlation(ranks(a), ranks(b))
}

function ranks(values: readonly number[]): number[] {
  const order = [...values.keys()].sort((i, k) => values[i]! - values[k]!)
  const ranked: number[] = []
  for (let start = 0; start < order.length; ) {
    let end = start
    while (end < order.length && values[order[end]!] === values[order[start]!]) end++
    for (let k = start; k < end; k++) ranked[order[k]!] = (start + end - 1) / 2
    start = end
  }
  return ranked
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
