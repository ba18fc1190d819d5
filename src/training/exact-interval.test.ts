import { expect, test } from 'vitest'
import { exactInterval } from './exact-interval.ts'

// scipy.stats.binomtest(k, n).proportion_ci(0.95, 'exact'), SciPy 1.17.1
test.each([
  [8, 20, 0.19119, 0.639457],
  [5, 14, 0.127598, 0.64862],
  [92, 97, 0.883797, 0.983053],
  [1, 1000, 0.000025, 0.005559],
])('of %i in %i it is what SciPy gives', (count, of, low, high) => {
  const interval = exactInterval(count, of)
  expect(interval.low).toBeCloseTo(low, 5)
  expect(interval.high).toBeCloseTo(high, 5)
})

test('of none and of all it is open on one side, with the closed form 1 - 0.025^(1/n) on the other', () => {
  for (const n of [1, 3, 20, 500]) {
    expect(exactInterval(0, n).low).toBe(0)
    expect(exactInterval(0, n).high).toBeCloseTo(1 - 0.025 ** (1 / n), 10)
    expect(exactInterval(n, n).high).toBe(1)
    expect(exactInterval(n, n).low).toBeCloseTo(0.025 ** (1 / n), 10)
  }
})

test('it mirrors: the share of what was not counted has the mirrored interval', () => {
  for (const [k, n] of [
    [3, 11],
    [40, 97],
  ] as const) {
    const [of, rest] = [exactInterval(k, n), exactInterval(n - k, n)]
    expect(of.low).toBeCloseTo(1 - rest.high, 10)
    expect(of.high).toBeCloseTo(1 - rest.low, 10)
  }
})
