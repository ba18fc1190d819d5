import { describe, expect, test } from 'vitest'
import { seededRandom } from '#core/random.ts'
import { fitLogistic, linear, logLoss } from './logistic.ts'

/** Examples drawn from a known logistic law. */
function drawn(count: number, intercept: number, coefficients: readonly number[]) {
  const random = seededRandom(3, 'logistic')
  const x = Array.from({ length: count }, () => coefficients.map(() => random.normal()))
  const y = x.map((row): 0 | 1 => {
    const p = 1 / (1 + Math.exp(-linear({ intercept, coefficients }, row)))
    return random.uniform() < p ? 1 : 0
  })
  return { x, y }
}

describe('logistic regression', () => {
  test('leaves no gradient: central differences of the regularised loss vanish at the fit', () => {
    const { x, y } = drawn(200, -0.5, [1, -2, 0.5])
    const lambda = 3
    const fit = fitLogistic(x, y, lambda)
    const loss = (weights: readonly number[]) => {
      const [intercept = 0, ...coefficients] = weights
      const logits = x.map((row) => linear({ intercept, coefficients }, row))
      return 200 * logLoss(logits, y) + (lambda / 2) * coefficients.reduce((sum, w) => sum + w * w, 0)
    }
    const weights = [fit.intercept, ...fit.coefficients]
    for (const j of weights.keys()) {
      const shifted = (by: number) => loss(weights.map((w, i) => (i === j ? w + by : w)))
      expect(Math.abs(shifted(1e-5) - shifted(-1e-5)) / 2e-5).toBeLessThan(1e-4)
    }
  })

  test('finds the law that examples were drawn from', () => {
    const { x, y } = drawn(20000, -0.5, [1, -2])
    const { intercept, coefficients } = fitLogistic(x, y, 1e-3)
    // standard errors are about 0.02
    expect(intercept).toBeCloseTo(-0.5, 1)
    expect(coefficients[0]).toBeCloseTo(1, 1)
    expect(coefficients[1]! / -2).toBeCloseTo(1, 1)
  })

  test('is finite where the classes part without error, and shrinks to none under a heavy weight', () => {
    const x = [[-2], [-1], [1], [2]]
    const y = [0, 0, 1, 1] as const
    expect(Number.isFinite(fitLogistic(x, y, 0.01).coefficients[0])).toBe(true)
    expect(Math.abs(fitLogistic(x, y, 1e6).coefficients[0]!)).toBeLessThan(1e-5)
  })
})
