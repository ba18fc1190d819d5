import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { isAbsent } from '#core/absent.ts'
import { type GlcmFeatures, glcmFeatures } from './glcm.ts'
import type { GreyLevels } from './grey-levels.ts'
import { AGGREGATIONS, halfUnit, PHANTOM_SLICES, type Published } from './test-ibsi-phantom.ts'
import { differing, mirrored, raggedRegion, relabelled, turned } from './test-texture.ts'

/** IBSI reference manual, section 3.6, table of each feature, digital phantom (consensus "strong" or "very strong"). */
const PUBLISHED: Record<keyof GlcmFeatures, Published> = {
  jointMaximum: [0.519, 0.512, 0.489, 0.492, 0.503, 0.509],
  jointAverage: [2.14, 2.14, 2.2, 2.2, 2.14, 2.15],
  jointVariance: [2.69, 2.71, 3.22, 3.24, 3.1, 3.13],
  jointEntropy: [2.05, 2.24, 2.48, 2.61, 2.4, 2.57],
  angularSecondMoment: [0.368, 0.352, 0.286, 0.277, 0.303, 0.291],
  contrast: [5.28, 5.19, 5.39, 5.29, 5.32, 5.12],
  dissimilarity: [1.42, 1.4, 1.46, 1.44, 1.43, 1.38],
  inverseDifference: [0.678, 0.683, 0.668, 0.673, 0.677, 0.688],
  inverseDifferenceMoment: [0.619, 0.625, 0.606, 0.613, 0.618, 0.631],
  correlation: [-0.0121, 0.0173, 0.178, 0.182, 0.157, 0.183],
}

function features(slices: readonly GreyLevels[], aggregation = AGGREGATIONS[0]!): GlcmFeatures {
  const found = glcmFeatures(slices, aggregation)
  if (isAbsent(found)) throw new Error(found.absent)
  return found
}

describe.each(AGGREGATIONS)(
  'IBSI digital phantom, %s, each to the three digits that the manual prints',
  (aggregation) => {
    const measured = features(PHANTOM_SLICES, aggregation)
    test('no feature is without a published value', () => {
      expect(Object.keys(measured).sort()).toEqual(Object.keys(PUBLISHED).sort())
    })
    for (const [name, values] of Object.entries(PUBLISHED)) {
      const published = values[AGGREGATIONS.indexOf(aggregation)]!
      test(`${name} is ${published}`, () => {
        expect(Math.abs(measured[name as keyof GlcmFeatures] - published)).toBeLessThanOrEqual(halfUnit(published))
      })
    }
  },
)

test('mirroring and a quarter turn change no feature', () => {
  fc.assert(
    fc.property(raggedRegion, fc.constantFrom(...AGGREGATIONS), (slice, aggregation) => {
      const before = glcmFeatures([slice], aggregation)
      expect(differing(before, glcmFeatures([mirrored(slice)], aggregation))).toEqual([])
      expect(differing(before, glcmFeatures([turned(slice)], aggregation))).toEqual([])
    }),
  )
})

test('a strictly increasing map of the levels keeps what knows only which levels are equal', () => {
  const kept = ['jointMaximum', 'jointEntropy', 'angularSecondMoment']
  fc.assert(
    fc.property(raggedRegion, (slice) => {
      const changed = differing(glcmFeatures([slice], '2D-averaged'), glcmFeatures([relabelled(slice)], '2D-averaged'))
      for (const name of kept) expect(changed).not.toContain(name)
    }),
  )
})

test('joint variance, contrast and correlation obey contrast = 2 variance (1 - correlation) in each matrix', () => {
  fc.assert(
    fc.property(raggedRegion, (slice) => {
      const found = glcmFeatures([slice], '2D-slice-merged')
      if (isAbsent(found)) return
      expect(found.contrast).toBeCloseTo(2 * found.jointVariance * (1 - found.correlation), 9)
    }),
  )
})

test('stripes one pixel wide: each column differs from the next, each row is of one level', () => {
  const width = 8
  const data = Uint32Array.from({ length: width * width }, (_, i) => 1 + (i % 2))
  // along rows and both diagonals every pair differs (correlation -1), along columns none does (1)
  const [pairs, halfPairs] = [3 / 4, 1 / 2]
  const measured = features([{ data, width, height: width }])
  expect(measured.contrast).toBeCloseTo(pairs, 12)
  expect(measured.correlation).toBeCloseTo(-halfPairs, 12)
  expect(measured.jointEntropy).toBeCloseTo(1, 12)
})

test('a region of one level is one cell of the matrix', () => {
  expect(features([{ data: new Uint32Array(9).fill(3), width: 3, height: 3 }])).toEqual({
    jointMaximum: 1,
    jointAverage: 3,
    jointVariance: 0,
    jointEntropy: 0,
    angularSecondMoment: 1,
    contrast: 0,
    dissimilarity: 0,
    inverseDifference: 1,
    inverseDifferenceMoment: 1,
    correlation: 1,
  })
})

test('directions in which a region has no two pixels are left out of the average', () => {
  const row = { data: Uint32Array.of(1, 2, 1, 2), width: 4, height: 1 }
  expect(features([row]).contrast).toBe(1)
  expect(glcmFeatures([{ data: Uint32Array.of(0, 1, 0), width: 3, height: 1 }], '2D-averaged')).toEqual({
    absent: 'region-too-small',
  })
})

test('slices of different sizes are refused', () => {
  const small = { data: new Uint32Array(4).fill(1), width: 2, height: 2 }
  expect(() => glcmFeatures([...PHANTOM_SLICES, small], '2D-averaged')).toThrow('SHAPE_MISMATCH')
})
