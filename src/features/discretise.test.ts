import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { GreyImage } from '#core/image.ts'
import { Mask } from '#core/mask.ts'
import { fixedBinNumber, fixedBinSize } from './discretise.ts'

/** A row of values and which of them are inside. */
function row(values: readonly number[], inside: readonly number[] = values.map(() => 1)) {
  const size = { width: values.length, height: 1 }
  return { image: GreyImage.from(Float32Array.from(values), size), mask: Mask.from(Uint8Array.from(inside), size) }
}

const byNumber = (bins: number, values: readonly number[], inside?: readonly number[]) => {
  const { image, mask } = row(values, inside)
  return [...fixedBinNumber(image, mask, bins).data]
}
const bySize = (lowest: number, binWidth: number, values: readonly number[], inside?: readonly number[]) => {
  const { image, mask } = row(values, inside)
  return [...fixedBinSize(image, mask, { lowest, binWidth }).data]
}
/** Sixteenths up to 64, so that no bin border is missed by rounding. */
const values = fc.array(
  fc.integer({ min: 0, max: 1024 }).map((v) => v / 16),
  { minLength: 1, maxLength: 60 },
)

test('grey as files are read, k/255 or k/65535 in float32, has the levels of the integers k', () => {
  const bits = fc.constantFrom(255, 65535)
  const integers = fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { minLength: 2, maxLength: 400 })
  fc.assert(
    fc.property(bits, integers, fc.constantFrom(8, 32), (highest, shares, bins) => {
      const whole = shares.map((share) => Math.round(share * highest))
      const grey = whole.map((k) => k / highest)
      expect(byNumber(bins, grey)).toEqual(byNumber(bins, whole))
    }),
  )
})

describe('fixed bin number', () => {
  test('bins are half open, the highest value belongs to the last', () => {
    expect(byNumber(4, [0, 0.9, 1, 2, 2.9, 3, 4])).toEqual([1, 1, 2, 3, 3, 4, 4])
  })
  test('only what lies inside makes the range, and only that gets a level', () => {
    expect(byNumber(2, [-50, 10, 20, 15, 99], [0, 1, 1, 1, 0])).toEqual([0, 1, 2, 2, 0])
  })
  test('one value for all is the highest level, as the formula of the manual has it', () => {
    expect(byNumber(8, [7, 7])).toEqual([8, 8])
  })
  test('levels go from 1 to the number of bins and rise with grey', () => {
    fc.assert(
      fc.property(values, fc.integer({ min: 1, max: 64 }), (grey, bins) => {
        const levels = byNumber(bins, grey)
        for (const [i, level] of levels.entries()) {
          expect(level >= 1 && level <= bins).toBe(true)
          for (const [j, other] of levels.entries()) if (grey[i]! < grey[j]!) expect(level).toBeLessThanOrEqual(other)
        }
      }),
    )
  })
  test('brighter or with more contrast, the levels stay', () => {
    fc.assert(
      fc.property(values, fc.integer({ min: 1, max: 64 }), fc.integer({ min: -64, max: 64 }), (grey, bins, shift) => {
        const changed = grey.map((value) => 4 * value + shift)
        expect(byNumber(bins, changed)).toEqual(byNumber(bins, grey))
      }),
    )
  })
})

describe('fixed bin size', () => {
  test('bins are half open and start at the set value, not at the lowest that occurs', () => {
    expect(bySize(0, 25, [10, 24, 25, 49, 50, 130])).toEqual([1, 1, 2, 2, 3, 6])
  })
  test('what lies below the set value leaves the region', () => {
    expect(bySize(0, 1, [-0.5, 0, 0.5, 1], [1, 1, 0, 1])).toEqual([0, 1, 0, 2])
  })
  test('with the range cut into the same number of bins it agrees with fixed bin number, but for the highest value', () => {
    fc.assert(
      fc.property(values, fc.integer({ min: 0, max: 5 }), (grey, power) => {
        const [lowest, highest] = [Math.min(...grey), Math.max(...grey)]
        fc.pre(highest > lowest)
        const size = bySize(lowest, (highest - lowest) / 2 ** power, grey)
        const number = byNumber(2 ** power, grey)
        for (const [i, value] of grey.entries()) expect(size[i]).toBe(number[i]! + (value === highest ? 1 : 0))
      }),
    )
  })
})

test('a mask of another size and one without foreground are refused', () => {
  const { image } = row([1, 2, 3])
  expect(() => fixedBinNumber(image, Mask.empty({ width: 2, height: 1 }), 4)).toThrow('MASK_SIZE_MISMATCH')
  expect(() => fixedBinSize(image, Mask.empty(image), { lowest: 0, binWidth: 1 })).toThrow('MASK_EMPTY')
})
