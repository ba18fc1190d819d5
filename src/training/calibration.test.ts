import { describe, expect, test } from 'vitest'
import { type Random, seededRandom } from '#core/random.ts'
import { expectedDice } from '#sam/confidence.ts'
import { Calibration, calibrationOf, fitConfidence, type GradedMask, outOfFold } from './calibration.ts'
import { mean } from './metrics.ts'

/** Made-up masks: a lesion is found or it is not, with a chance that the map gives. */
function masksBy(
  { intercept, slope }: { intercept: number; slope: number },
  count: number,
  random: Random,
): GradedMask[] {
  return Array.from({ length: count }, (_, i) => {
    const softDice = random.between(0.1, 0.97)
    const chance = expectedDice({ intercept, slope, range: [0, 1] }, softDice)
    return { softDice, dice: random.uniform() < chance ? 1 : 0, cluster: String(i) }
  })
}

describe('the fit', () => {
  test('finds the map by which many masks were made', () => {
    for (const map of [
      { intercept: -1.2, slope: 1.3 },
      { intercept: 0.4, slope: 0.6 },
    ]) {
      const fitted = fitConfidence(masksBy(map, 20_000, seededRandom(1)))!
      // Standard errors of 20,000 draws are below 0.03.
      expect(fitted.intercept).toBeCloseTo(map.intercept, 1)
      expect(fitted.slope).toBeCloseTo(map.slope, 1)
    }
  })

  test('of masks whose Dice is their soft Dice is the identity', () => {
    const masks = masksBy({ intercept: 0, slope: 1 }, 200, seededRandom(2)).map((mask) => ({
      ...mask,
      dice: mask.softDice,
    }))
    const fitted = fitConfidence(masks)!
    expect(fitted.intercept).toBeCloseTo(0, 9)
    expect(fitted.slope).toBeCloseTo(1, 9)
  })

  test('expects on average what was observed, but for the weight of its prior', () => {
    const masks = masksBy({ intercept: -1, slope: 0.8 }, 100, seededRandom(3))
    const map = fitConfidence(masks)!
    const expected = mean(masks.map(({ softDice }) => expectedDice(map, softDice)))
    expect(Math.abs(expected - mean(masks.map(({ dice }) => dice)))).toBeLessThan(Math.abs(map.intercept) / 100 + 1e-9)
  })

  test('stays finite when every mask failed, or every mask was right', () => {
    for (const dice of [0, 1]) {
      const masks = masksBy({ intercept: 0, slope: 1 }, 60, seededRandom(4)).map((mask) => ({ ...mask, dice }))
      const map = fitConfidence(masks)
      for (const softDice of [0.2, 0.9]) {
        const value = map === null ? dice : expectedDice(map, softDice)
        expect(Math.abs(value - dice)).toBeLessThan(0.1)
      }
    }
  })

  test('is refused where there are too few masks or women, or where Dice falls as soft Dice rises', () => {
    const masks = masksBy({ intercept: 0, slope: 1 }, 60, seededRandom(5))
    expect(fitConfidence(masks.slice(0, 29))).toBeNull()
    expect(fitConfidence(masks.map((mask, i) => ({ ...mask, cluster: String(i % 10) })))).toBeNull()
    expect(fitConfidence(masks.map((mask) => ({ ...mask, dice: 1 - mask.softDice })))).toBeNull()
  })
})

describe('out-of-fold', () => {
  test('a mask has no say in what is expected of it, nor have those of the same cluster', () => {
    const masks = masksBy({ intercept: -0.5, slope: 1 }, 90, seededRandom(6)).map((mask, i) => ({
      ...mask,
      cluster: String(Math.floor(i / 2)),
    }))
    const before = outOfFold(masks, 1)!
    const turned = masks.map((mask, i) => (i === 10 || i === 11 ? { ...mask, dice: 1 - mask.dice } : mask))
    const after = outOfFold(turned, 1)!
    expect(after[10]).toBe(before[10])
    expect(after[11]).toBe(before[11])
    expect(after[12]).not.toBe(before[12])
  })

  test('masks that follow a map are calibrated; masks that follow none are expected to be average', () => {
    const random = seededRandom(7)
    const masks = masksBy({ intercept: -1, slope: 1.2 }, 2000, random)
    const calibration = calibrationOf(masks, outOfFold(masks, 1)!, 1)!
    expect(calibration.expectedCalibrationError).toBeLessThan(0.03)
    expect(calibration.correlation).toBeGreaterThan(0.4)
    const none = masks.map((mask) => ({ ...mask, softDice: random.between(0.1, 0.97) }))
    for (const value of outOfFold(none, 1) ?? [])
      expect(Math.abs(value - mean(none.map(({ dice }) => dice)))).toBeLessThan(0.1)
  })
})

describe('the reliability table', () => {
  test('has bins of equal counts by rising expectation, which add up to all masks, and fits its schema', () => {
    const masks = masksBy({ intercept: 0, slope: 1 }, 103, seededRandom(8))
    const calibration = calibrationOf(
      masks,
      masks.map(({ softDice }) => softDice),
      1,
    )!
    const counts = calibration.bins.map(({ examples }) => examples)
    expect(counts.reduce((sum, count) => sum + count)).toBe(103)
    expect(Math.max(...counts) - Math.min(...counts)).toBeLessThanOrEqual(1)
    const expected = calibration.bins.map((bin) => bin.expected)
    expect(expected).toEqual(expected.toSorted((a, b) => a - b))
    expect(Calibration.parse(JSON.parse(JSON.stringify(calibration)))).toEqual(calibration)
  })

  test('of a constant promise is off by the difference of the means', () => {
    const masks = Array.from({ length: 50 }, (_, i) => ({ softDice: 0.5, dice: 0.6, cluster: String(i) }))
    const calibration = calibrationOf(
      masks,
      masks.map(() => 0.8),
      1,
    )!
    expect(calibration.expectedCalibrationError).toBeCloseTo(0.2, 12)
    expect(calibration.meanAbsoluteError).toBeCloseTo(0.2, 12)
    expect(calibration.correlation).toBeNull()
  })
})
