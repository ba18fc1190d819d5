import { expect, test } from 'vitest'
import { checkSlices, highestLevel, levelAt } from './grey-levels.ts'

const slice = { data: Uint32Array.of(1, 2, 0, 3, 0, 7), width: 3, height: 2 }

test('a level is found by column, row and slice, and outside of the stack there is 0', () => {
  expect(levelAt([slice], 1, 0, 0)).toBe(2)
  expect(levelAt([slice], 2, 1, 0)).toBe(7)
  // three columns in: not the first of the next row
  for (const [x, y, z] of [
    [3, 0, 0],
    [-1, 1, 0],
    [0, 2, 0],
    [0, -1, 0],
    [0, 0, 1],
    [0, 0, -1],
  ] as const) {
    expect(levelAt([slice], x, y, z)).toBe(0)
  }
})

test('the highest level is that of all slices, and 0 where there is no region', () => {
  expect(highestLevel([slice, { ...slice, data: slice.data.map((level) => 2 * level) }])).toBe(14)
  expect(highestLevel([])).toBe(0)
})

test('slices of another size or with levels missing are refused', () => {
  expect(() => checkSlices([slice, { ...slice, width: 2, height: 3 }])).toThrow('SHAPE_MISMATCH')
  expect(() => checkSlices([{ ...slice, data: slice.data.subarray(1) }])).toThrow('SHAPE_MISMATCH')
  expect(() => checkSlices([slice, slice])).not.toThrow()
})
