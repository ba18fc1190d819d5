import fc from 'fast-check'
import { expect, test } from 'vitest'
import { Mask } from '#core/mask.ts'
import { components } from '#imaging/components.ts'
import {
  areaUnderRoc,
  correlation,
  mean,
  median,
  overlap,
  quantile,
  rankCorrelation,
  regionOverlap,
} from './metrics.ts'

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

test('correlation is 1 of a line that rises, -1 of one that falls, and none of what does not vary', () => {
  const a = [1, 2, 5, 9]
  expect(
    correlation(
      a,
      a.map((value) => 3 * value - 7),
    ),
  ).toBeCloseTo(1, 12)
  expect(
    correlation(
      a,
      a.map((value) => -value),
    ),
  ).toBeCloseTo(-1, 12)
  expect(correlation(a, [4, 4, 4, 4])).toBeNull()
})

test('rank correlation looks at the order alone, ties sharing their rank', () => {
  const a = [0.1, 3, 2, 40]
  expect(rankCorrelation(a, a.map(Math.exp))).toBeCloseTo(1, 12)
  // scipy.stats.spearmanr([1, 2, 2, 3], [1, 3, 2, 4]), SciPy 1.17.1
  expect(rankCorrelation([1, 2, 2, 3], [1, 3, 2, 4])).toBeCloseTo(0.9486832980505138, 12)
})

const field = { width: 40, height: 20 }
const boxes = (...of: readonly (readonly [left: number, top: number, width: number, height: number])[]) => {
  const mask = Mask.empty(field)
  for (const [left, top, width, height] of of) {
    for (let y = top; y < top + height; y++) mask.data.fill(1, y * 40 + left, y * 40 + left + width)
  }
  return components(mask)
}

test('a region that is alone has the Dice of the mask', () => {
  const [marked, truth] = [boxes([5, 5, 10, 6]), boxes([8, 6, 9, 7])]
  const { dice, touched } = regionOverlap(marked[0]!, truth)
  expect(dice).toBeCloseTo(overlap(marked[0]!.mask, truth[0]!.mask).dice, 12)
  expect(touched).toEqual(truth)
})

test('of several, each is compared with those that it touches; one that touches none is worth nothing', () => {
  const truth = boxes([2, 2, 6, 6], [10, 2, 6, 6])
  const [across, beside] = boxes([2, 2, 14, 6], [30, 10, 4, 4])
  expect(regionOverlap(across!, truth)).toMatchObject({ dice: (2 * 72) / (84 + 72), touched: truth })
  expect(regionOverlap(beside!, truth)).toEqual({ dice: 0, touched: [] })
})
