import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { isAbsent } from '#core/absent.ts'
import type { Point } from '#core/geometry.ts'
import type { Mask } from '#core/mask.ts'
import type { PixelSides } from '#core/units.ts'
import { boxCountingDimension } from './fractal-dimension.ts'
import { outlineOf } from './outline.ts'
import { drawn, ellipse, mirrored, turned } from './test-region.ts'

const GRID = { x: 1, y: 1 }

function dimension(mask: Mask, side: PixelSides = GRID): number {
  const found = boxCountingDimension(outlineOf(mask, side), side)
  if (isAbsent(found)) throw new Error(found.absent)
  return found
}

/** A polygon each of whose sides is replaced by a chain of steps, again and again: [along, across] in lengths of a side. */
function curve(start: readonly Point[], steps: readonly (readonly [number, number])[], levels: number): Point[] {
  let points = [...start]
  for (let level = 0; level < levels; level++) {
    points = points.flatMap((from, i) => {
      const to = points[(i + 1) % points.length]!
      const [dx, dy] = [to.x - from.x, to.y - from.y]
      return steps.map(([along, across]) => ({
        x: from.x + along * dx - across * dy,
        y: from.y + along * dy + across * dx,
      }))
    })
  }
  return points
}

function regularPolygon(corners: number, radius: number): Point[] {
  return Array.from({ length: corners }, (_, i) => {
    const angle = (2 * Math.PI * i) / corners + 0.2
    return { x: radius * Math.cos(angle), y: radius * Math.sin(angle) }
  })
}

const KOCH = [
  [0, 0],
  [1 / 3, 0],
  [1 / 2, -Math.sqrt(3) / 6],
  [2 / 3, 0],
] as const
const QUADRIC_KOCH = [
  [0, 0],
  [1 / 4, 0],
  [1 / 4, 1 / 4],
  [1 / 2, 1 / 4],
  [1 / 2, 0],
  [1 / 2, -1 / 4],
  [3 / 4, -1 / 4],
  [3 / 4, 0],
] as const

function filled(polygon: readonly Point[], side: PixelSides): Mask {
  const inside = (x: number, y: number) => {
    let within = false
    for (const [i, a] of polygon.entries()) {
      const b = polygon[(i + 1) % polygon.length]!
      if (a.y > y !== b.y > y && x < ((b.x - a.x) * (y - a.y)) / (b.y - a.y) + a.x) within = !within
    }
    return within
  }
  return drawn(inside, Math.max(...polygon.map(({ x, y }) => Math.hypot(x, y))), side)
}

describe('curves of known dimension', () => {
  for (const radius of [60, 90]) {
    test(`the Koch snowflake of ${radius} pixels' radius has log 4 / log 3 within 0.06`, () => {
      const snowflake = filled(curve(regularPolygon(3, radius), KOCH, 5), GRID)
      expect(Math.abs(dimension(snowflake) - Math.log(4) / Math.log(3))).toBeLessThan(0.06)
    })
    test(`the quadric Koch island of ${radius} pixels' radius has 3/2 within 0.06`, () => {
      const island = filled(curve(regularPolygon(4, radius), QUADRIC_KOCH, 3), GRID)
      expect(Math.abs(dimension(island) - 1.5)).toBeLessThan(0.06)
    })
  }
  test('the Koch snowflake on pixels of 0.1 x 0.2 mm has the same', () => {
    const side = { x: 0.1, y: 0.2 }
    const snowflake = filled(curve(regularPolygon(3, 12), KOCH, 5), side)
    expect(Math.abs(dimension(snowflake, side) - Math.log(4) / Math.log(3))).toBeLessThan(0.06)
  })
  test('ellipses have 1 within 0.06 at any size and direction', () => {
    fc.assert(
      fc.property(
        fc.double({ min: 24, max: 80, noNaN: true }),
        fc.double({ min: 0.5, max: 1, noNaN: true }),
        fc.integer({ min: 0, max: 179 }),
        (radius, share, degrees) => {
          expect(Math.abs(dimension(ellipse(radius, radius * share, degrees, GRID)) - 1)).toBeLessThan(0.06)
        },
      ),
    )
  })
})

test('mirroring and a quarter turn change the dimension by less than 0.02, another unit by nothing', () => {
  const island = filled(curve(regularPolygon(4, 60), QUADRIC_KOCH, 2), GRID)
  const before = dimension(island)
  expect(Math.abs(dimension(mirrored(island)) - before)).toBeLessThan(0.02)
  expect(Math.abs(dimension(turned(island)) - before)).toBeLessThan(0.02)
  // a power of two leaves every box as it was
  expect(dimension(island, { x: 0.125, y: 0.125 })).toBeCloseTo(before, 9)
})

test('an outline less than 34 pixels across has none', () => {
  expect(boxCountingDimension(outlineOf(ellipse(16, 10, 0, GRID), GRID), GRID)).toEqual({ absent: 'region-too-small' })
})
