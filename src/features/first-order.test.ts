import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { type FirstOrder, firstOrder, intensityHistogram } from './first-order.ts'
import { halfUnit, PHANTOM_SLICES, PHANTOM_VALUES } from './test-ibsi-phantom.ts'

/** IBSI reference manual, section 3.3, table of each feature, digital phantom (consensus "very strong"). */
const PUBLISHED: Record<keyof FirstOrder, number> = {
  mean: 2.15,
  variance: 3.05,
  skewness: 1.08,
  excessKurtosis: -0.355,
  median: 1,
  percentile10: 1,
  percentile90: 4,
  interquartileRange: 3,
  meanAbsoluteDeviation: 1.55,
  robustMeanAbsoluteDeviation: 1.11,
  coefficientOfVariation: 0.812,
  quartileCoefficientOfDispersion: 0.6,
  energy: 567,
  rootMeanSquare: 2.77,
}

describe('IBSI digital phantom, each to the three digits that the manual prints', () => {
  const measured = firstOrder(PHANTOM_VALUES)
  test('it has 74 voxels in its region', () => {
    expect(PHANTOM_VALUES).toHaveLength(74)
  })
  test('no feature is without a published value', () => {
    expect(Object.keys(measured)).toEqual(Object.keys(PUBLISHED))
  })
  for (const [name, published] of Object.entries(PUBLISHED)) {
    test(`${name} is ${published}`, () => {
      expect(Math.abs(measured[name as keyof FirstOrder] - published)).toBeLessThanOrEqual(halfUnit(published))
    })
  }
  test('discretised intensity entropy is 1.27 and uniformity 0.512 (section 3.4)', () => {
    const { entropy, uniformity } = intensityHistogram(PHANTOM_SLICES)
    expect(Math.abs(entropy - 1.27)).toBeLessThanOrEqual(halfUnit(1.27))
    expect(Math.abs(uniformity - 0.512)).toBeLessThanOrEqual(halfUnit(0.512))
  })
})

const values = fc.array(fc.double({ min: 0, max: 1000, noNaN: true }), { minLength: 2, maxLength: 80 })
const spread = values.filter((v) => Math.max(...v) - Math.min(...v) > 1)

test('the order of the values does not matter', () => {
  fc.assert(
    fc.property(values, (v) => {
      expect(firstOrder(v.toReversed())).toEqual(firstOrder(v))
    }),
  )
})

test('a change of contrast scales what has a unit and leaves form as it was', () => {
  fc.assert(
    fc.property(spread, fc.double({ min: 0.1, max: 10, noNaN: true }), (v, factor) => {
      const [a, b] = [firstOrder(v), firstOrder(v.map((x) => factor * x))]
      for (const name of ['skewness', 'excessKurtosis', 'coefficientOfVariation'] as const) {
        expect(b[name]).toBeCloseTo(a[name], 6)
      }
      for (const name of ['mean', 'median', 'percentile10', 'interquartileRange', 'rootMeanSquare'] as const) {
        expect(b[name]).toBeCloseTo(factor * a[name], 6)
      }
      expect(b.variance / (factor ** 2 * a.variance)).toBeCloseTo(1, 9)
    }),
  )
})

test('a change of brightness moves the places and leaves the spread', () => {
  fc.assert(
    fc.property(spread, fc.double({ min: -100, max: 100, noNaN: true }), (v, shift) => {
      const [a, b] = [firstOrder(v), firstOrder(v.map((x) => x + shift))]
      for (const name of ['mean', 'median', 'percentile10', 'percentile90'] as const) {
        expect(b[name]).toBeCloseTo(a[name] + shift, 8)
      }
      for (const name of ['skewness', 'interquartileRange', 'meanAbsoluteDeviation'] as const) {
        expect(b[name]).toBeCloseTo(a[name], 5)
      }
    }),
  )
})

test('a strictly increasing map carries percentiles that fall on values with it', () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 0, max: 99 }), { minLength: 21, maxLength: 21 }), (v) => {
      const [a, b] = [firstOrder(v), firstOrder(v.map((x) => x ** 3 + x))]
      for (const name of ['median', 'percentile10', 'percentile90'] as const)
        expect(b[name]).toBe(a[name] ** 3 + a[name])
    }),
  )
})

test('a relabelling of the levels leaves entropy and uniformity, which lie between their bounds', () => {
  const levels = fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 1, maxLength: 50 })
  fc.assert(
    fc.property(levels, (level) => {
      const slice = (data: readonly number[]) => ({ data: Uint32Array.from(data), width: data.length, height: 1 })
      const [a] = [intensityHistogram([slice(level)])]
      const b = intensityHistogram([slice(level.map((i) => i ** 2 + 3))])
      expect(b.entropy).toBeCloseTo(a.entropy, 12)
      expect(b.uniformity).toBeCloseTo(a.uniformity, 12)
      const count = new Set(level).size
      expect(a.entropy).toBeGreaterThan(-1e-12)
      expect(a.entropy).toBeLessThan(Math.log2(count) + 1e-12)
      expect(a.uniformity).toBeGreaterThan(1 / count - 1e-12)
    }),
  )
})

test('one value for all has no form: skewness, kurtosis and dispersion are 0', () => {
  for (const value of [0, 0.3, 5]) {
    expect(firstOrder([value, value, value, value])).toMatchObject({
      variance: 0,
      skewness: 0,
      excessKurtosis: 0,
      coefficientOfVariation: 0,
      quartileCoefficientOfDispersion: 0,
    })
  }
})

test('no values are refused', () => {
  expect(() => firstOrder([])).toThrow('MASK_EMPTY')
  expect(() => intensityHistogram([{ data: Uint32Array.of(0), width: 1, height: 1 }])).toThrow('MASK_EMPTY')
})
