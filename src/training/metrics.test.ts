import fc from 'fast-check'
import { expect, test } from 'vitest'
import { Mask } from '#core/mask.ts'
import { areaUnderRoc, mean, median, overlap, quantile } from './metrics.ts'

const size = { width: 5, height: 4 }
const anyMask = fc
  .array(fc.integer({ min: 0, max: 1 }), { minLength: 20, maxLength: 20 })
  .map((bits) => Mask.from(Uint8Array.from(bits), size))

test('a mask overlaps itself perfectly, empty against empty too', () => {
  fc.assert(
    fc.property(anyMask, (mask) => {
      expect(overlap(mask, mask)).toEqual({ dice: 1, iou: 1 })
    }),
  )
  expect(overlap(Mask.empty(size), Mask.empty(size))).toEqual({ dice: 1, iou: 1 })
})

test('Dice is 2·IoU / (1 + IoU) and does not care which mask comes first', () => {
  fc.assert(
    fc.property(anyMask, anyMask, (a, b) => {
      const { dice, iou } = overlap(a, b)
      expect(dice).toBeCloseTo((2 * iou) / (1 + iou), 12)
      expect(overlap(b, a)).toEqual({ dice, iou })
    }),
  )
})

test('anything against empty is 0', () => {
  const one = Mask.from(
    Uint8Array.from({ length: 20 }, (_, i) => (i === 7 ? 1 : 0)),
    size,
  )
  expect(overlap(one, Mask.empty(size))).toEqual({ dice: 0, iou: 0 })
})

test('masks of different sizes are refused by code', () => {
  expect(() => overlap(Mask.empty(size), Mask.empty({ width: 4, height: 5 }))).toThrow(/MASK_SIZE_MISMATCH/)
})

test('AUC equals the share of won pairs, ties counting half', () => {
  const scores = fc.array(fc.integer({ min: 0, max: 6 }), { minLength: 1, maxLength: 12 })
  fc.assert(
    fc.property(scores, scores, (positives, negatives) => {
      let won = 0
      for (const p of positives) for (const n of negatives) won += p > n ? 1 : p === n ? 0.5 : 0
      expect(areaUnderRoc(positives, negatives)).toBeCloseTo(won / (positives.length * negatives.length), 12)
    }),
  )
})

test('AUC is absent where one side is empty', () => {
  expect(areaUnderRoc([], [1])).toBeNull()
  expect(areaUnderRoc([1], [])).toBeNull()
})

test('quantiles interpolate and the median of an even count is the middle', () => {
  expect(median([4, 1, 3, 2])).toBe(2.5)
  expect(quantile([0, 10], 0.25)).toBe(2.5)
  expect(mean([1, 2, 6])).toBe(3)
  expect(median([])).toBeNaN()
})
