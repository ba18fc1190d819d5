/** How a model's soft Dice becomes an expected Dice, and how far that holds on masks that it was not fitted on. */
import { z } from 'zod'
import { seededRandom } from '#core/random.ts'
import { confidenceLogit, expectedDice } from '#sam/confidence.ts'
import type { ConfidenceMap } from '#sam/model.ts'
import { bootstrapInterval } from './bootstrap.ts'
import { LEAST_CLUSTERS, turnsOf } from './folds.ts'
import { correlation, mean } from './metrics.ts'

/** A mask, or a region of one, whose Dice is known. */
export interface GradedMask {
  /** 0..1, from the model's own probabilities. */
  readonly softDice: number
  /** Against the doctor's, 0..1. */
  readonly dice: number
  /** Images that are not independent of each other share one. */
  readonly cluster: string
}

/** Below these nothing is fitted: a line through a handful of masks would be a promise that nobody has examined. */
const LEAST_MASKS = 30
/** Weight of the prior that soft Dice is right as it stands, in masks; keeps the fit finite when all agree. */
const PRIOR = 1

/**
 * Fits the expected Dice by fractional logistic regression on the logit of soft Dice: the quasi-likelihood of Papke and
 * Wooldridge 1996 with a weak quadratic prior on intercept 0 and slope 1, by Newton's method.
 * @returns `null` where there are too few masks, or where Dice does not rise with soft Dice.
 */
export function fitConfidence(masks: readonly GradedMask[]): ConfidenceMap | null {
  if (masks.length < LEAST_MASKS || new Set(masks.map(({ cluster }) => cluster)).size < LEAST_CLUSTERS) return null
  const x = Float64Array.from(masks, ({ softDice }) => confidenceLogit(softDice))
  let [intercept, slope] = [0, 1]
  for (let step = 0; step < 50; step++) {
    let [g0, g1, h00, h01, h11] = [PRIOR * intercept, PRIOR * (slope - 1), PRIOR, 0, PRIOR]
    for (const [i, { dice }] of masks.entries()) {
      const p = 1 / (1 + Math.exp(-(intercept + slope * x[i]!)))
      const curvature = p * (1 - p)
      g0 += p - dice
      g1 += (p - dice) * x[i]!
      h00 += curvature
      h01 += curvature * x[i]!
      h11 += curvature * x[i]! * x[i]!
    }
    const determinant = h00 * h11 - h01 * h01
    const [d0, d1] = [(h11 * g0 - h01 * g1) / determinant, (h00 * g1 - h01 * g0) / determinant]
    // Far from the optimum a full step may overshoot; never further than one on either scale.
    const scale = 1 / Math.max(1, Math.abs(d0), Math.abs(d1))
    intercept -= scale * d0
    slope -= scale * d1
    if (Math.abs(d0) + Math.abs(d1) < 1e-10) break
  }
  if (!(slope > 0)) return null
  const soft = masks.map(({ softDice }) => softDice)
  return { intercept, slope, range: [Math.min(...soft), Math.max(...soft)] }
}

/**
 * The expected Dice of each mask by maps that were fitted without it and without what it is not independent of: five
 * folds, dealt twenty times, the mean. `null` where nothing can be fitted.
 */
export function outOfFold(masks: readonly GradedMask[], seed: number): number[] | null {
  if (fitConfidence(masks) === null) return null
  const sums = new Float64Array(masks.length)
  const counts = new Float64Array(masks.length)
  for (const { held, rest } of turnsOf(masks, { cluster }, (repeat) => seededRandom(seed, 'calibration', repeat))) {
    const map = fitConfidence(rest.map((i) => masks[i]!))
    if (map === null) continue
    for (const i of held) {
      sums[i]! += expectedDice(map, masks[i]!.softDice)
      counts[i]!++
    }
  }
  return counts.every((count) => count > 0) ? Array.from(sums, (sum, i) => sum / counts[i]!) : null
}

const cluster = (mask: GradedMask) => mask.cluster

/** How expected and observed Dice agree: a reliability table and what sums it up. */
export const Calibration = z.object({
  /** Masks, or regions. */
  examples: z.int().positive(),
  /** Mean distance of expected from observed Dice over the bins, by their counts. */
  expectedCalibrationError: z.number(),
  /** Pearson's, of expected and observed Dice; `null` where one of them does not vary. */
  correlation: z.number().nullable(),
  meanAbsoluteError: z.number(),
  /** Equal counts, by rising expected Dice; means, the observed one with its 95% bootstrap interval. */
  bins: z.array(
    z.object({
      examples: z.int().positive(),
      expected: z.number(),
      observed: z.number(),
      interval95: z.object({ low: z.number(), high: z.number() }).nullable(),
    }),
  ),
})
export type Calibration = z.infer<typeof Calibration>

const BINS = 5

/** @param expected of each mask, in their order. */
export function calibrationOf(
  masks: readonly GradedMask[],
  expected: readonly number[],
  seed: number,
): Calibration | null {
  if (masks.length === 0) return null
  const pairs = masks.map((mask, i) => ({ ...mask, expected: expected[i]! }))
  const sorted = pairs.toSorted((a, b) => a.expected - b.expected)
  const count = Math.min(BINS, sorted.length)
  const observedIn = (of: readonly GradedMask[]) => mean(of.map(({ dice }) => dice))
  const bins = Array.from({ length: count }, (_, k) => {
    const of = sorted.slice(Math.round((k * sorted.length) / count), Math.round(((k + 1) * sorted.length) / count))
    return {
      examples: of.length,
      expected: mean(of.map((pair) => pair.expected)),
      observed: observedIn(of),
      interval95: bootstrapInterval(of, cluster, observedIn, seededRandom(seed, 'bootstrap')),
    }
  })
  const off = bins.map((bin) => (bin.examples * Math.abs(bin.expected - bin.observed)) / pairs.length)
  return {
    examples: pairs.length,
    expectedCalibrationError: off.reduce((sum, value) => sum + value, 0),
    correlation: correlation(
      pairs.map((pair) => pair.expected),
      pairs.map(({ dice }) => dice),
    ),
    meanAbsoluteError: mean(pairs.map((pair) => Math.abs(pair.expected - pair.dice))),
    bins,
  }
}
