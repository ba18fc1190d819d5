import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { seededRandom } from '#core/random.ts'
import { rocArea } from './delong.ts'
import { areaUnderRoc } from './metrics.ts'

const scores = fc.array(fc.integer({ min: 0, max: 6 }), { minLength: 2, maxLength: 9 })

/** DeLong's structural components as the paper writes them: every pair compared. */
function byPairs(positives: readonly number[], negatives: readonly number[]): number {
  const psi = (x: number, y: number) => (x > y ? 1 : x === y ? 0.5 : 0)
  const mean = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length
  const v10 = positives.map((x) => mean(negatives.map((y) => psi(x, y))))
  const v01 = negatives.map((y) => mean(positives.map((x) => psi(x, y))))
  const squares = (v: readonly number[]) => v.reduce((sum, value) => sum + (value - mean(v)) ** 2, 0) / (v.length - 1)
  return Math.sqrt(squares(v10) / v10.length + squares(v01) / v01.length)
}

describe('the area under the ROC curve', () => {
  test('and its error are those of all pairs compared one by one, ties and scores below everything among them', () => {
    fc.assert(
      fc.property(scores, scores, (a, b) => {
        const lowest = (values: readonly number[]) => values.map((value) => (value === 0 ? -Infinity : value))
        const area = rocArea(lowest(a), lowest(b))!
        expect(area.auc).toBeCloseTo(areaUnderRoc(lowest(a), lowest(b))!, 12)
        expect(area.standardError).toBeCloseTo(byPairs(lowest(a), lowest(b)), 12)
      }),
    )
  })

  test('of an example worked by hand: positives 1, 3 and negatives 0, 2 give 0.75 with variance 0.125', () => {
    const area = rocArea([1, 3], [0, 2])!
    expect(area.auc).toBe(0.75)
    expect(area.standardError ** 2).toBeCloseTo(0.125, 12)
  })

  test('is covered by its 95% interval in about 95 of 100 drawn samples', () => {
    const random = seededRandom(5, 'delong')
    // two normal laws 1.2 apart: the area is Phi(1.2 / sqrt 2)
    const truth = 0.8019
    const draw = (count: number, shift: number) => Array.from({ length: count }, () => random.normal() + shift)
    const covered = Array.from({ length: 1000 }, () => rocArea(draw(40, 1.2), draw(60, 0))!).filter(
      ({ low, high }) => low <= truth && truth <= high,
    ).length
    // three standard deviations of the count, and the interval is asymptotic
    expect(covered).toBeGreaterThan(925)
    expect(covered).toBeLessThan(975)
  })

  test('is not told of fewer than two scores on a side', () => {
    expect(rocArea([1], [0, 2])).toBeNull()
  })
})
