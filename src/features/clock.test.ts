import fc from 'fast-check'
import { expect, test } from 'vitest'
import { quadrantOfClock } from './clock.ts'

test("right 10 o'clock and left 2 o'clock are both upper outer", () => {
  expect(quadrantOfClock(10, 'R')).toBe('upper-outer')
  expect(quadrantOfClock(2, 'L')).toBe('upper-outer')
})

test('each quadrant of each side holds two hours; 12, 3, 6 and 9 lie between two', () => {
  const hours = (side: 'L' | 'R') => [1, 2, 4, 5, 7, 8, 10, 11].map((hour) => quadrantOfClock(hour, side))
  const right = ['upper-inner', 'upper-inner', 'lower-inner', 'lower-inner']
  expect(hours('R')).toEqual([...right, 'lower-outer', 'lower-outer', 'upper-outer', 'upper-outer'])
  for (const hour of [12, 3, 6, 9]) expect(quadrantOfClock(hour, 'L')).toEqual({ absent: 'between-quadrants' })
})

test('clock 12 - h on the other side is the same quadrant', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 12 }), (hour) => {
      expect(quadrantOfClock(hour, 'R')).toEqual(quadrantOfClock(hour === 12 ? 12 : 12 - hour, 'L'))
    }),
  )
})

test('within 10 mm of the nipple it is subareolar whatever the hour', () => {
  expect(quadrantOfClock(3, 'L', 10)).toBe('subareolar')
  expect(quadrantOfClock(2, 'L', 11)).toBe('upper-outer')
})
