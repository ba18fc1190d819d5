import { expect, test } from 'vitest'
import { absent } from '#core/absent.ts'
import { type BreastMap, MAP_CELLS } from '#core/breast-map.ts'
import { contralateralDifference } from './contralateral.ts'

const CELLS = MAP_CELLS * MAP_CELLS

function map(grey: (cell: number) => number, from = 1000): BreastMap {
  const inside = new Uint8Array(CELLS).fill(1, from, from + 8000)
  const values = Float32Array.from(inside, (isInside, cell) => (isInside === 1 ? grey(cell) : 0))
  return { grey: values, texture: new Float32Array(CELLS), inside, outline: inside }
}

/** A region whose rim covers half of its cells. */
const share = Float32Array.from({ length: CELLS }, (_, cell) =>
  cell < 3000 || cell > 3100 ? 0 : cell === 3000 ? 0.5 : 1,
)
const plain = map(() => 0.4)
const lesion = map((cell) => (cell >= 3000 && cell <= 3100 ? 0.65 : 0.4))

test('a breast and its mirror image differ by nothing', () => {
  expect(contralateralDifference(share, lesion, lesion)).toBe(0)
})

test('is how much brighter the region is than its mirrored place; swapped it turns its sign', () => {
  expect(contralateralDifference(share, lesion, plain)).toBeCloseTo(0.25, 6)
  expect(contralateralDifference(share, plain, lesion)).toBeCloseTo(-0.25, 6)
})

test('is absent where the mirrored place is not seen, and where the breasts are not alike', () => {
  const elsewhere = Float32Array.from({ length: CELLS }, (_, cell) => (cell >= 8950 && cell < 9100 ? 1 : 0))
  expect(contralateralDifference(elsewhere, plain, plain)).toEqual(absent('mirrored-place-not-seen'))
  expect(
    contralateralDifference(
      share,
      lesion,
      map(() => 0.4, 6000),
    ),
  ).toEqual(absent('breasts-not-alike'))
})
