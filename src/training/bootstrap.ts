import type { Random } from '#core/random.ts'
import { quantile } from './metrics.ts'

/** A 95% interval. */
export interface Interval {
  readonly low: number
  readonly high: number
}

/**
 * 95% percentile bootstrap of `statistic`, resampling whole clusters (a patient, a group of near-duplicates), since
 * images of one cluster are not independent. A resample for which the statistic is `null` (an AUC without a normal
 * image) is left out; `null` when none is left, or with fewer than two clusters, which differ from no other.
 * Source: Efron and Tibshirani 1993, ch. 13; cluster form: Field and Welsh 2007.
 */
export function bootstrapInterval<T>(
  items: readonly T[],
  cluster: (item: T) => string,
  statistic: (items: readonly T[]) => number | null,
  random: Random,
  resamples = 2000,
): Interval | null {
  const clusters = [...Map.groupBy(items, cluster).values()]
  const values: number[] = []
  for (let i = 0; i < resamples && clusters.length > 1; i++) {
    const drawn: T[] = []
    for (let k = 0; k < clusters.length; k++) drawn.push(...clusters[random.integer(clusters.length)]!)
    const value = statistic(drawn)
    if (value !== null && Number.isFinite(value)) values.push(value)
  }
  return values.length === 0 ? null : { low: quantile(values, 0.025), high: quantile(values, 0.975) }
}
