import fc from 'fast-check'
import { expect, test } from 'vitest'
import { hourOf } from './two-views.ts'

const offset = fc.double({ min: -100, max: 100, noNaN: true })

test('the other side turns clock h into 12 - h, and 12 stays', () => {
  fc.assert(
    fc.property(offset, offset, (lateral, superior) => {
      fc.pre(Math.hypot(lateral, superior) > 1e-6)
      const [right, left] = [Number(hourOf(lateral, superior, 'R')), Number(hourOf(lateral, superior, 'L'))]
      expect(left).toBe(right === 12 ? 12 : 12 - right)
    }),
  )
})

test('lateral is toward 9 on the right and toward 3 on the left; above is 12, below is 6 on both', () => {
  expect([hourOf(30, 0, 'R'), hourOf(30, 0, 'L')]).toEqual(['9', '3'])
  expect([hourOf(0, 30, 'R'), hourOf(0, 30, 'L'), hourOf(0, -30, 'R'), hourOf(0, -30, 'L')]).toEqual([
    '12',
    '12',
    '6',
    '6',
  ])
  expect([hourOf(30, 17.3, 'R'), hourOf(30, 17.3, 'L')]).toEqual(['10', '2'])
})
