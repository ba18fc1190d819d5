import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { isAbsent } from '#core/absent.ts'
import { type GlrlmFeatures, glrlmFeatures } from './glrlm.ts'
import type { GreyLevels } from './grey-levels.ts'
import { AGGREGATIONS, halfUnit, PHANTOM_SLICES, type Published } from './test-ibsi-phantom.ts'
import { differing, mirrored, raggedRegion, relabelled, turned } from './test-texture.ts'

/** IBSI reference manual, section 3.7, table of each feature, digital phantom (consensus "strong" or "very strong"). */
const PUBLISHED: Record<keyof GlrlmFeatures, Published> = {
  shortRunsEmphasis: [0.641, 0.661, 0.665, 0.68, 0.705, 0.729],
  longRunsEmphasis: [3.78, 3.51, 3.46, 3.27, 3.06, 2.76],
  lowGreyLevelRunEmphasis: [0.604, 0.609, 0.58, 0.585, 0.603, 0.607],
  highGreyLevelRunEmphasis: [9.82, 9.74, 10.3, 10.2, 9.7, 9.64],
  shortRunLowGreyLevelEmphasis: [0.294, 0.311, 0.296, 0.312, 0.352, 0.372],
  shortRunHighGreyLevelEmphasis: [8.57, 8.67, 9.03, 9.05, 8.54, 8.67],
  longRunLowGreyLevelEmphasis: [3.14, 2.92, 2.79, 2.63, 2.39, 2.16],
  longRunHighGreyLevelEmphasis: [17.4, 16.1, 17.9, 17, 17.6, 15.6],
  greyLevelNonUniformity: [5.2, 20.5, 19.5, 77.1, 21.8, 281],
  normalisedGreyLevelNonUniformity: [0.46, 0.456, 0.413, 0.412, 0.43, 0.43],
  runLengthNonUniformity: [6.12, 21.6, 22.3, 83.2, 26.9, 328],
  normalisedRunLengthNonUniformity: [0.492, 0.441, 0.461, 0.445, 0.513, 0.501],
  runPercentage: [0.627, 0.627, 0.632, 0.632, 0.68, 0.68],
  greyLevelVariance: [3.35, 3.37, 3.58, 3.59, 3.46, 3.48],
  runLengthVariance: [0.761, 0.778, 0.758, 0.767, 0.574, 0.598],
  runEntropy: [2.17, 2.57, 2.52, 2.76, 2.43, 2.62],
}

function features(slices: readonly GreyLevels[], aggregation = AGGREGATIONS[0]!): GlrlmFeatures {
  const found = glrlmFeatures(slices, aggregation)
  if (isAbsent(found)) throw new Error(found.absent)
  return found
}

describe.each(AGGREGATIONS)(
  'IBSI digital phantom, %s, each to the three digits that the manual prints',
  (aggregation) => {
    const measured = features(PHANTOM_SLICES, aggregation)
    test('no feature is without a published value', () => {
      expect(Object.keys(measured)).toEqual(Object.keys(PUBLISHED))
    })
    for (const [name, values] of Object.entries(PUBLISHED)) {
      const published = values[AGGREGATIONS.indexOf(aggregation)]!
      test(`${name} is ${published}`, () => {
        expect(Math.abs(measured[name as keyof GlrlmFeatures] - published)).toBeLessThanOrEqual(halfUnit(published))
      })
    }
  },
)

test('mirroring and a quarter turn change no feature', () => {
  fc.assert(
    fc.property(raggedRegion, fc.constantFrom(...AGGREGATIONS), (slice, aggregation) => {
      const before = glrlmFeatures([slice], aggregation)
      expect(differing(before, glrlmFeatures([mirrored(slice)], aggregation))).toEqual([])
      expect(differing(before, glrlmFeatures([turned(slice)], aggregation))).toEqual([])
    }),
  )
})

test('a strictly increasing map of the levels changes only what weighs runs by their level', () => {
  fc.assert(
    fc.property(raggedRegion, (slice) => {
      const [before, after] = [slice, relabelled(slice)].map((levels) => glrlmFeatures([levels], '2D-averaged'))
      for (const name of differing(before!, after!)) expect(name).toMatch(/GreyLevel(RunE|E)mphasis|greyLevelVariance/)
    }),
  )
})

test('no pixel is in two runs: a region without equal neighbours has runs of one pixel', () => {
  const width = 6
  const data = Uint32Array.from({ length: width * width }, (_, i) => 1 + (i % 3) + 3 * (Math.floor(i / width) % 3))
  expect(features([{ data, width, height: width }])).toMatchObject({
    shortRunsEmphasis: 1,
    longRunsEmphasis: 1,
    runPercentage: 1,
    runLengthVariance: 0,
    normalisedRunLengthNonUniformity: 1,
  })
})

test('a row of one level is one run along itself and single pixels across', () => {
  const measured = features([{ data: Uint32Array.of(2, 2, 2, 2, 2), width: 5, height: 1 }])
  expect(measured.longRunsEmphasis).toBeCloseTo((25 + 3) / 4, 12)
  expect(measured.runPercentage).toBeCloseTo((1 / 5 + 3) / 4, 12)
  expect(measured.highGreyLevelRunEmphasis).toBe(4)
})

test('what lies outside breaks a run', () => {
  const measured = features([{ data: Uint32Array.of(1, 1, 0, 1), width: 4, height: 1 }])
  expect(measured.longRunsEmphasis).toBeCloseTo(((4 + 1) / 2 + 3) / 4, 12)
})

test('an empty region has no runs', () => {
  const empty = { data: new Uint32Array(4), width: 2, height: 2 }
  expect(glrlmFeatures([empty], '2D-averaged')).toEqual({ absent: 'region-too-small' })
})
