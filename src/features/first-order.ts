import { ScreeningError } from '#core/errors.ts'
import type { GreyLevels } from './grey-levels.ts'

/**
 * Intensity-based statistics of a region, in the unit of its values unless said otherwise. Names, definitions and the
 * four-letter codes are those of the IBSI reference manual (arXiv:1612.07003v11, section 3.3, UHIW).
 */
export interface FirstOrder {
  /** Q4LE. */
  readonly mean: number
  /** ECT3: without bias correction. Squared unit. */
  readonly variance: number
  /** KE2A: unitless; 0 where the variance is 0. */
  readonly skewness: number
  /** IPH6: unitless, 0 for a normal distribution; 0 where the variance is 0. */
  readonly excessKurtosis: number
  /** Y12H. */
  readonly median: number
  /** QG58. */
  readonly percentile10: number
  /** 8DWT. */
  readonly percentile90: number
  /** SALO: 75th less 25th percentile. */
  readonly interquartileRange: number
  /** 4FUA: from the mean. */
  readonly meanAbsoluteDeviation: number
  /** 1128: the same of the values from the 10th to the 90th percentile, both included, from their own mean. */
  readonly robustMeanAbsoluteDeviation: number
  /** 7TET: standard deviation over mean. Unitless; 0 where all values are 0. */
  readonly coefficientOfVariation: number
  /** 9S40: (P75 - P25) / (P75 + P25). Unitless; 0 where both percentiles are 0. */
  readonly quartileCoefficientOfDispersion: number
  /** N8CA: sum of squares. Squared unit; grows with the number of values. */
  readonly energy: number
  /** 5ZWQ. */
  readonly rootMeanSquare: number
}

/**
 * Statistics of the values inside a region, in any order. A percentile between two values is interpolated linearly
 * (Hyndman and Fan 1996, type 7), as the manual leaves open.
 * @throws MASK_EMPTY when there are no values. Source: IBSI reference manual, section 3.3.
 */
export function firstOrder(values: ArrayLike<number>): FirstOrder {
  if (values.length === 0) throw new ScreeningError('MASK_EMPTY', { values: 0 })
  const sorted = Float64Array.from(values).sort()
  const mean = meanOf(sorted)
  const variance = centralMoment(sorted, mean, 2)
  const energy = sorted.length * centralMoment(sorted, 0, 2)
  const [p10, p25, p75, p90] = [0.1, 0.25, 0.75, 0.9].map((share) => percentile(sorted, share)) as Quartet
  const middle = sorted.filter((value) => value >= p10 && value <= p90)
  return {
    mean,
    variance,
    skewness: variance === 0 ? 0 : centralMoment(sorted, mean, 3) / variance ** 1.5,
    excessKurtosis: variance === 0 ? 0 : centralMoment(sorted, mean, 4) / variance ** 2 - 3,
    median: percentile(sorted, 0.5),
    percentile10: p10,
    percentile90: p90,
    interquartileRange: p75 - p25,
    meanAbsoluteDeviation: absoluteDeviation(sorted, mean),
    robustMeanAbsoluteDeviation: absoluteDeviation(middle, meanOf(middle)),
    coefficientOfVariation: variance === 0 ? 0 : Math.sqrt(variance) / mean,
    quartileCoefficientOfDispersion: p75 === p25 ? 0 : (p75 - p25) / (p75 + p25),
    energy,
    rootMeanSquare: Math.sqrt(energy / sorted.length),
  }
}

type Quartet = [number, number, number, number]

/** Two features of the intensity histogram (IBSI reference manual, section 3.4, ZVCW). */
export interface IntensityHistogram {
  /** TLU2: Shannon entropy in bits, 0 to log2 of the number of levels. */
  readonly entropy: number
  /** BJ5W: sum of squared probabilities; 1 where all grey is of one level, at least 1 over the number of levels. */
  readonly uniformity: number
}

/**
 * Entropy and uniformity of the discretised grey levels of a region, all slices together.
 * @throws MASK_EMPTY when no level is above 0. Source: IBSI reference manual, section 3.4.
 */
export function intensityHistogram(slices: readonly GreyLevels[]): IntensityHistogram {
  const counts = new Map<number, number>()
  let total = 0
  for (const { data } of slices) {
    for (const level of data) {
      if (level === 0) continue
      counts.set(level, (counts.get(level) ?? 0) + 1)
      total++
    }
  }
  if (total === 0) throw new ScreeningError('MASK_EMPTY', { values: 0 })
  let [entropy, uniformity] = [0, 0]
  for (const count of counts.values()) {
    const p = count / total
    entropy -= p * Math.log2(p)
    uniformity += p * p
  }
  return { entropy, uniformity }
}

function meanOf(values: Float64Array): number {
  let sum = 0
  for (let i = 0; i < values.length; i++) sum += values[i]!
  return sum / values.length
}

function centralMoment(values: Float64Array, centre: number, power: number): number {
  let sum = 0
  for (let i = 0; i < values.length; i++) sum += (values[i]! - centre) ** power
  return sum / values.length
}

function absoluteDeviation(values: Float64Array, centre: number): number {
  let sum = 0
  for (let i = 0; i < values.length; i++) sum += Math.abs(values[i]! - centre)
  return sum / values.length
}

function percentile(sorted: Float64Array, share: number): number {
  const place = share * (sorted.length - 1)
  const below = Math.floor(place)
  const above = Math.min(below + 1, sorted.length - 1)
  return sorted[below]! + (place - below) * (sorted[above]! - sorted[below]!)
}
