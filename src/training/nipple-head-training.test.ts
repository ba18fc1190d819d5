import { expect, test } from 'vitest'
import type { Point } from '#core/geometry.ts'
import { seededRandom } from '#core/random.ts'
import type { Torso } from '#imaging/torso.ts'
import { cellCentres, MAP, nippleOnMap } from '#sam/nipple-head.ts'
import { type SeenBreast, trainNippleHead } from './nipple-head-training.ts'

const SIZE = { width: 560, height: 420 }
const TORSO: Torso = { centre: { x: 280, y: 210 }, width: 400, symmetry: 1 }
const BREAST_WIDTH = 180
const random = seededRandom(5, 'maps')

/** Features of chance; the first one rises around each of the given places, as a nipple's would. */
function mapWith(...places: readonly Point[]): Float32Array {
  const map = Float32Array.from({ length: MAP.cells ** 2 * MAP.channels }, () => 0.3 * random.normal())
  for (const [cell, { x, y }] of cellCentres(SIZE).entries()) {
    for (const place of places) {
      map[cell * MAP.channels]! += 3 * Math.exp(-(((x - place.x) ** 2 + (y - place.y) ** 2) / (2 * 14 ** 2)))
    }
  }
  return map
}

/** Right nipples: left of the midline, scattered. */
const somewhere = (): Point => ({ x: 170 + 12 * random.normal(), y: 240 + 15 * random.normal() })

const breasts = Array.from({ length: 24 }, (): SeenBreast => {
  const nipple = somewhere()
  return { map: mapWith(nipple), torso: TORSO, size: SIZE, nipple, breastWidth: BREAST_WIDTH }
})
const head = trainNippleHead(breasts)
const find = (map: Float32Array) => nippleOnMap(map, head, TORSO, SIZE)

test('what it learned it finds on maps that it has not seen, within half a cell', () => {
  for (let i = 0; i < 8; i++) {
    const nipple = somewhere()
    const { point } = find(mapWith(nipple))
    expect(Math.hypot(point.x - nipple.x, point.y - nipple.y)).toBeLessThan(10)
  }
})

test('the peak of every map with a nipple is higher than that of any without', () => {
  const peaks = (mapOf: () => Float32Array) => Array.from({ length: 8 }, () => find(mapOf()).peak)
  const [some, none] = [peaks(() => mapWith(somewhere())), peaks(() => mapWith())]
  expect(Math.min(...some)).toBeGreaterThan(Math.max(...none))
})

test('of two alike the one at the usual place is taken: the other breast never is', () => {
  const nipple = { x: 165, y: 245 }
  const other = { x: SIZE.width - 1 - nipple.x, y: nipple.y }
  const { point } = find(mapWith(nipple, other))
  expect(Math.hypot(point.x - nipple.x, point.y - nipple.y)).toBeLessThan(10)
})

test('an image of twice the size has its nipple at twice the place', () => {
  const map = mapWith({ x: 170, y: 240 })
  const [once, twice] = [
    find(map),
    nippleOnMap(
      map,
      head,
      { centre: { x: 2 * 280 + 0.5, y: 2 * 210 + 0.5 }, width: 800, symmetry: 1 },
      { width: 1120, height: 840 },
    ),
  ]
  expect(twice.point.x).toBeCloseTo(2 * once.point.x + 0.5, 6)
  expect(twice.point.y).toBeCloseTo(2 * once.point.y + 0.5, 6)
  expect(twice.peak).toBeCloseTo(once.peak, 9)
})

test('a map of another size is refused', () => {
  expect(() => nippleOnMap(new Float32Array(8), head, TORSO, SIZE)).toThrow(/SHAPE_MISMATCH/)
})
