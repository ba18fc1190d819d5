import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { Mask } from '#core/mask.ts'
import type { PixelSides } from '#core/units.ts'
import { ellipseOverlap } from './ellipse-overlap.ts'
import { shapeOf } from './shape.ts'
import { drawn, ellipse, mirrored, rosette, someRegion, turned } from './test-region.ts'

const GRID = { x: 1, y: 1 }
const overlap = (mask: Mask, side: PixelSides = GRID) => ellipseOverlap(mask, shapeOf(mask, side), side)

test('an ellipse is its own, whatever its size, direction and pixels', () => {
  fc.assert(
    fc.property(
      fc.double({ min: 10, max: 40, noNaN: true }),
      fc.double({ min: 0.4, max: 1, noNaN: true }),
      fc.integer({ min: 0, max: 179 }),
      fc.double({ min: 0.5, max: 1, noNaN: true }),
      (radius, share, degrees, y) => {
        const side = { x: 1, y }
        expect(overlap(ellipse(radius, radius * share, degrees, side), side)).toBeGreaterThan(0.95)
      },
    ),
  )
})

test('a square overlaps the circle of its moments by what geometry says', () => {
  // side 1: the circle of its moments has radius 1/√3; four segments of the square lie outside
  const radius = 1 / Math.sqrt(3)
  const segment = radius * radius * Math.acos(0.5 / radius) - 0.5 * Math.sqrt(radius * radius - 0.25)
  const circle = Math.PI * radius * radius
  const square = drawn((x, y) => Math.max(Math.abs(x), Math.abs(y)) <= 60, 90, GRID)
  expect(overlap(square)).toBeCloseTo((2 * (circle - 4 * segment)) / (1 + circle), 2)
})

test('the longer the arms, the smaller it is', () => {
  const overlaps = [0, 0.2, 0.4, 0.6].map((amplitude) => overlap(rosette(30, 5, amplitude, GRID)))
  expect([...overlaps].sort().reverse()).toEqual(overlaps)
  expect(overlaps.at(-1)).toBeLessThan(0.8)
})

test('mirroring, a quarter turn and another unit keep it', () => {
  fc.assert(
    fc.property(someRegion, (mask) => {
      const value = overlap(mask)
      for (const other of [overlap(mirrored(mask)), overlap(turned(mask)), overlap(mask, { x: 0.1, y: 0.1 })]) {
        expect(Math.abs(other - value)).toBeLessThan(0.01)
      }
    }),
  )
})
