import { expect, test } from 'vitest'
import { seededRandom } from '#core/random.ts'
import { chooseMaskThreshold, MASK_THRESHOLDS, type ThresholdCurve } from './mask-threshold.ts'
import { mean } from './metrics.ts'

/** Images whose Dice is best at a threshold of their own near `best`. */
function curves(count: number, best: number, spread = 0.05): ThresholdCurve[] {
  const random = seededRandom(3)
  return Array.from({ length: count }, (_, i) => {
    const own = best + spread * random.normal()
    return { cluster: `g${i}`, dice: MASK_THRESHOLDS.map((threshold) => 0.9 - Math.abs(threshold - own)) }
  })
}

test.each([0.25, 0.4, 0.55])('finds the threshold %d at which the images are best', (best) => {
  expect(chooseMaskThreshold(curves(80, best), 1)?.threshold).toBe(best)
})

test('what it says of images it was chosen without is no better than the best of all', () => {
  const of = curves(40, 0.4, 0.2)
  const { outOfFoldDice, curve } = chooseMaskThreshold(of, 1)!
  // Thresholds that wander among 40 images: the one chosen with an image is better on it than one chosen without.
  expect(outOfFoldDice).toBeLessThan(Math.max(...curve.map(({ dice }) => dice)) - 0.002)
  expect(curve.find(({ threshold }) => threshold === 0.3)?.dice).toBe(mean(of.map(({ dice }) => dice[2]!)))
})

test('near-duplicates are one voice: a handful of women chooses nothing', () => {
  const few = curves(80, 0.4).map((curve, i) => ({ ...curve, cluster: `g${i % 10}` }))
  expect(chooseMaskThreshold(few, 1)).toBeNull()
})
