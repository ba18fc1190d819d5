import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { absent, isAbsent } from '#core/absent.ts'
import { type BreastMap, MAP_CELLS } from '#core/breast-map.ts'
import { HOT_SPOT, hotSpots, type WarmBreast } from './hot-spots.ts'

/** A hundredth of a degree for each step of 1/4096. */
const SCALE = { perGrey: 40.96, offset: 10 }
const greyOf = (celsius: number) => (celsius - SCALE.offset) / SCALE.perGrey
const CELLS = MAP_CELLS * MAP_CELLS

type Field = (x: number, y: number) => number

/** A round breast of 40 cells' radius with the temperatures of a field. */
function breast(field: Field, over: Partial<WarmBreast> = {}): WarmBreast {
  const places = Array.from({ length: CELLS }, (_, i) => [i % MAP_CELLS, Math.floor(i / MAP_CELLS)] as const)
  const inside = Uint8Array.from(places, ([x, y]) => Number(Math.hypot(x - 64, y - 64) <= 40))
  const grey = Float32Array.from(places, ([x, y], i) => inside[i]! * greyOf(field(x, y)))
  const map: BreastMap = { grey, texture: new Float32Array(CELLS), inside, outline: inside }
  return { map, celsius: SCALE, ...over }
}

const disc =
  (above: number, radius: number, at = { x: 70, y: 60 }): Field =>
  (x, y) =>
    32 + (Math.hypot(x - at.x, y - at.y) <= radius ? above : 0)
const even: Field = () => 32

function found(own: WarmBreast, other: WarmBreast) {
  const spots = hotSpots(own, other)
  if (isAbsent(spots)) throw new Error(spots.absent)
  return spots
}

describe('a hot spot', () => {
  test('is where it was put, with its share of the breast and its degrees, and on that side alone', () => {
    const [own, other] = [breast(disc(3, 12)), breast(even)]
    const [spot, ...more] = found(own, other)
    expect(more).toEqual([])
    // 441 cells lie within 12 of a cell, 5025 within 40; the edge is worn by the means of 3 x 3
    expect(spot!.share).toBeGreaterThan((0.85 * 441) / 5025)
    expect(spot!.share).toBeLessThanOrEqual(441 / 5025)
    expect(spot!.aboveMirrored).toBeGreaterThan(2.8)
    expect(spot!.aboveMirrored).toBeLessThanOrEqual(3.0001)
    expect(spot!.aboveBreast).toBeCloseTo(spot!.aboveMirrored, 4)
    expect([60 * MAP_CELLS + 70, 60 * MAP_CELLS + 85].map((cell) => spot!.cells.data[cell])).toEqual([1, 0])
    expect(found(other, own)).toEqual([])
  })

  test('is none where the other breast is as warm, and none where the whole breast is warm', () => {
    expect(found(breast(disc(5, 12)), breast(disc(5, 12)))).toEqual([])
    expect(
      found(
        breast(() => 36),
        breast(even),
      ),
    ).toEqual([])
    // both breasts warmer than where they lie on each other least: above the median, not above the other
    expect(found(breast(disc(5, 12)), breast(disc(3.1, 12)))).toEqual([])
    expect(found(breast(disc(5, 12)), breast(disc(2.9, 12)))).toHaveLength(1)
  })

  test('is at least as warm and as large as its definition says', () => {
    const { leastCelsius, leastShare } = HOT_SPOT
    expect(found(breast(disc(leastCelsius - 0.02, 14)), breast(even))).toEqual([])
    expect(found(breast(disc(leastCelsius + 0.02, 14)), breast(even))).toHaveLength(1)
    const radius = Math.sqrt(leastShare * 40 ** 2)
    expect(found(breast(disc(4, radius - 1.5)), breast(even))).toEqual([])
    expect(found(breast(disc(4, radius + 1.5)), breast(even))).toHaveLength(1)
  })

  test('two are told apart, the larger first', () => {
    const both: Field = (x, y) => Math.max(disc(4, 10, { x: 45, y: 64 })(x, y), disc(4, 13, { x: 84, y: 64 })(x, y))
    const [first, second, ...more] = found(breast(both), breast(even))
    expect(more).toEqual([])
    expect(first!.share).toBeGreaterThan(second!.share)
    expect(first!.cells.data[64 * MAP_CELLS + 84]).toBe(1)
  })

  test('is the same in a warmer room, whatever the scales of the two files', () => {
    fc.assert(
      fc.property(
        fc.double({ min: -6, max: 6, noNaN: true }),
        fc.double({ min: 1, max: 2, noNaN: true }),
        (by, stretch) => {
          const rest = found(breast(disc(3.1, 12)), breast(even))
          const scale = { perGrey: SCALE.perGrey / stretch, offset: SCALE.offset + by }
          // no cell is within rounding of the limit
          const { map } = breast(disc(3.1, 12))
          const stretched = { ...map, grey: map.grey.map((grey) => grey * stretch) }
          const warmer = found(
            { map: stretched, celsius: scale },
            breast((x, y) => even(x, y) + by),
          )
          expect(warmer.map(({ share }) => share)).toEqual(rest.map(({ share }) => share))
          expect(warmer[0]!.aboveMirrored).toBeCloseTo(rest[0]!.aboveMirrored, 3)
        },
      ),
      { numRuns: 20 },
    )
  })

  test("is no noise of the camera's: a tenth of a degree a cell, and single cells of five", () => {
    const noise =
      (seed: number): Field =>
      (x, y) =>
        32 + 0.1 * Math.sin((seed + x * 127.1 + y * 311.7) ** 2)
    const hotPixels: Field = (x, y) => noise(1)(x, y) + (x % 9 === 0 && y % 9 === 0 ? 5 : 0)
    expect(found(breast(hotPixels), breast(noise(2)))).toEqual([])
  })
})

test('of breasts that do not lie on each other nothing is said', () => {
  const half = breast(even)
  const outline = half.map.outline.map((inside, i) => (i % MAP_CELLS < 64 ? inside : 0))
  const other = { ...half, map: { ...half.map, inside: outline, outline } }
  expect(hotSpots(breast(disc(4, 12)), other)).toEqual(absent('breasts-not-alike'))
})
