import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { absent } from '#core/absent.ts'
import { FEATURE_NAMES, type FeatureName, type FeatureValue } from '#core/features.ts'
import { bandOf, categoryOf, probabilityAt, rankOf, scoreLesion } from './score.ts'
import type { ScoreModel } from './score-model.ts'

/** A made-up score: nothing in it was learned from anybody. */
const MODEL = {
  terms: [
    { term: 'solidity', mean: 0.9, sd: 0.05, coefficient: -1.2 },
    { term: 'gcnr', mean: 0.5, sd: 0.2, coefficient: 0.4 },
    { term: 'presence', mean: 1, sd: 2, coefficient: 0.7 },
  ],
  intercept: -0.3,
  rank: [
    { score: 1, logit: -3 },
    { score: 50, logit: -0.5 },
    { score: 99, logit: 4 },
  ],
  bands: { moderateFrom: -1, higherFrom: 1 },
  calibration: { intercept: 0.2, slope: 0.9, prevalence: 0.34, lesions: 90 },
} as unknown as ScoreModel

function regionWith(values: Partial<Record<FeatureName, number>>, presence = 0.7) {
  const features = FEATURE_NAMES.map((name): [FeatureName, FeatureValue] => {
    const value = values[name]
    return [name, value === undefined ? absent('region-too-small') : { value, unit: '1' }]
  })
  return { features: Object.fromEntries(features) as Record<FeatureName, FeatureValue>, presence }
}

const number = (min: number, max: number) => fc.double({ min, max, noNaN: true })
const anyRegion = fc.record({ solidity: number(0.3, 1), gcnr: number(0, 1), presence: number(0, 1) })

describe('a score', () => {
  test('is the sum of its reasons: contributions and intercept make the logit, the largest first', () => {
    fc.assert(
      fc.property(anyRegion, ({ presence, ...values }) => {
        const { logit, reasons } = scoreLesion(MODEL, regionWith(values, presence), undefined)
        const sum = reasons.reduce((total, { contribution }) => total + contribution, MODEL.intercept)
        expect(logit).toBeCloseTo(sum, 12)
        const sizes = reasons.map(({ contribution }) => Math.abs(contribution))
        expect(sizes).toEqual(sizes.toSorted((a, b) => b - a))
      }),
    )
  })

  test('moves with every value in the direction of its coefficient, and never against it', () => {
    fc.assert(
      fc.property(anyRegion, number(0, 0.3), ({ presence, ...values }, by) => {
        const of = (more: object, seen = presence) =>
          scoreLesion(MODEL, regionWith({ ...values, ...more }, seen), undefined).score
        const before = of({})
        expect(of({ solidity: values.solidity + by })).toBeLessThanOrEqual(before)
        expect(of({ gcnr: values.gcnr + by })).toBeGreaterThanOrEqual(before)
        expect(of({}, Math.min(presence + by, 1))).toBeGreaterThanOrEqual(before)
      }),
    )
    const near = (gcnr: number) => scoreLesion(MODEL, regionWith({ solidity: 0.9, gcnr }), undefined).score
    expect(near(0.55)).toBeGreaterThan(near(0.5))
  })

  test('gives what is absent no weight, and says why it is absent', () => {
    const { reasons } = scoreLesion(MODEL, regionWith({ solidity: 0.8 }), undefined)
    expect(reasons.at(-1)).toEqual({ term: 'gcnr', value: absent('region-too-small'), contribution: 0 })
    const atMean = scoreLesion(MODEL, regionWith({ solidity: 0.8, gcnr: 0.5 }), undefined)
    expect(atMean.logit).toBeCloseTo(scoreLesion(MODEL, regionWith({ solidity: 0.8 }), undefined).logit, 12)
  })

  test('lies within 0 and 100, rises with the logit, and is at the stated ranks what they state', () => {
    fc.assert(
      fc.property(number(-12, 12), number(0.01, 3), (logit, by) => {
        expect(rankOf(MODEL, logit)).toBeGreaterThan(0)
        expect(rankOf(MODEL, logit)).toBeLessThan(100)
        expect(rankOf(MODEL, logit + by)).toBeGreaterThan(rankOf(MODEL, logit))
      }),
    )
    for (const { score, logit } of MODEL.rank) expect(rankOf(MODEL, logit)).toBeCloseTo(score, 9)
  })

  test('has the band that its logit reaches', () => {
    expect([-1.01, -1, 0.99, 1].map((logit) => bandOf(MODEL, logit))).toEqual([
      'lower',
      'moderate',
      'moderate',
      'higher',
    ])
  })
})

describe('a probability', () => {
  const calibrated = (logit: number) => 1 / (1 + Math.exp(-(0.2 + 0.9 * logit)))

  test('at the prevalence of the calibration is the calibrated one', () => {
    for (const logit of [-3, 0, 2]) expect(probabilityAt(MODEL, logit, 0.34)).toBeCloseTo(calibrated(logit), 12)
  })

  test('at another is what Bayes makes of it: the likelihood ratio stays, the prior odds change', () => {
    fc.assert(
      fc.property(number(-5, 5), number(0.0005, 0.9), (logit, prevalence) => {
        const p = calibrated(logit)
        const likelihoodRatio = (p / (1 - p)) * ((1 - 0.34) / 0.34)
        const odds = (likelihoodRatio * prevalence) / (1 - prevalence)
        expect(probabilityAt(MODEL, logit, prevalence)).toBeCloseTo(odds / (1 + odds), 9)
      }),
    )
  })

  test('is told with a category only where a prevalence is stated', () => {
    expect(scoreLesion(MODEL, regionWith({}), undefined).estimate).toEqual(absent('prevalence-not-stated'))
    const { estimate } = scoreLesion(MODEL, regionWith({}), 0.005)
    expect(estimate).toMatchObject({ prevalence: 0.005, category: '3' })
  })
})

test('categories change at 2, 10, 50 and 95 percent, and are never 1, 2 or 6', () => {
  const of = [0, 0.02, 0.0201, 0.1, 0.1001, 0.5, 0.5001, 0.9499, 0.95, 1].map(categoryOf)
  expect(of).toEqual(['3', '3', '4A', '4A', '4B', '4B', '4C', '4C', '5', '5'])
})
