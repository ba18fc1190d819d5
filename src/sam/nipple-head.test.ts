import { describe, expect, test } from 'vitest'
import type { Point } from '#core/geometry.ts'
import type { Torso } from '#imaging/torso.ts'
import { cellCentres, MAP, type NippleHead, nippleOnMap, unusualness } from './nipple-head.ts'

const SIZE = { width: 560, height: 560 }
const TORSO: Torso = { centre: { x: 279.5, y: 279.5 }, width: 400, symmetry: 1 }
const CENTRES = cellCentres(SIZE)
const cellAt = (column: number, row: number) => row * MAP.cells + column

/** Looks are the first feature; a nipple is usually at the middle of this cell, give or take a tenth of the torso's width. */
const USUAL = cellAt(8, 16)
const HEAD: NippleHead = {
  weights: Float32Array.from({ length: MAP.channels }, (_, channel) => Number(channel === 0)),
  bias: 0,
  mean: { x: (CENTRES[USUAL]!.x - 279.5) / 400, y: (CENTRES[USUAL]!.y - 279.5) / 400 },
  precision: [100, 0, 100],
}

/** Of nothing but the given looks. */
function found(looks: Readonly<Record<number, number>>, head = HEAD) {
  const map = new Float32Array(MAP.cells ** 2 * MAP.channels)
  for (const [cell, look] of Object.entries(looks)) map[Number(cell) * MAP.channels] = look
  return nippleOnMap(map, head, TORSO, SIZE)
}

function expectAt(point: Point, cell: number) {
  expect(point.x).toBeCloseTo(CENTRES[cell]!.x, 9)
  expect(point.y).toBeCloseTo(CENTRES[cell]!.y, 9)
}

describe('where a nipple usually lies', () => {
  const far = cellAt(20, 16)

  test('of two that look alike the one there is taken, on either side of it', () => {
    for (const other of [far, cellAt(8, 4), cellAt(8, 26)]) {
      expectAt(found({ [USUAL]: 1, [other]: 1 }).point, USUAL)
      expectAt(found({ [USUAL]: 1, [other]: 1.3 }).point, USUAL)
    }
  })

  test('the peak is the look there, and falls as a Gaussian of twice the usual spread beside it', () => {
    expect(found({ [USUAL]: 0.8 }).peak).toBeCloseTo(0.8, 6)
    // 12 cells of 20 pixels, each spread 40 pixels: 6 of them, 3 of the doubled one
    expect(found({ [far]: 0.8 }).peak).toBeCloseTo(0.8 * Math.exp(-(3 ** 2) / 2), 6)
  })
})

test('a place one standard deviation away is unusual by 1 along each axis of a slanted spread, and by 4 at two', () => {
  const [cos, sin] = [Math.cos(0.5), Math.sin(0.5)]
  const [long, short] = [0.2, 0.05]
  const axes = [
    { x: long * cos, y: long * sin },
    { x: -short * sin, y: short * cos },
  ]
  const [a, b] = [long ** -2, short ** -2]
  const precision = [a * cos ** 2 + b * sin ** 2, (a - b) * cos * sin, a * sin ** 2 + b * cos ** 2] as const
  const head = { mean: { x: -0.25, y: 0.1 }, precision }
  const at = ({ x, y }: Point, times: number): Point => ({
    x: TORSO.centre.x + (head.mean.x + times * x) * TORSO.width,
    y: TORSO.centre.y + (head.mean.y + times * y) * TORSO.width,
  })
  for (const axis of axes) {
    for (const times of [-2, -1, 0, 1, 2]) {
      expect(unusualness(at(axis, times), TORSO, head)).toBeCloseTo(times ** 2, 9)
    }
  }
})

describe('what looks like the contrary of a nipple', () => {
  test('counts as nothing, however strongly', () => {
    expectAt(found({ [USUAL]: -9, [cellAt(10, 16)]: 1 }).point, cellAt(10, 16))
    expectAt(found({ [USUAL]: 1, [USUAL + 1]: -9 }).point, USUAL)
  })

  test('has a peak of 0 where there is nothing else', () => {
    const contrary = Object.fromEntries(CENTRES.map((_, cell) => [cell, -1]))
    expect(found(contrary).peak).toBe(0)
  })
})

test('cells like the best one and beside it share in the place', () => {
  const { point } = found({ [USUAL]: 1, [USUAL + 1]: 1 }, { ...HEAD, precision: [0, 0, 0] })
  expect(point.x).toBeCloseTo((CENTRES[USUAL]!.x + CENTRES[USUAL + 1]!.x) / 2, 6)
})
