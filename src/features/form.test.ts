import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { Mask } from '#core/mask.ts'
import type { PixelSides } from '#core/units.ts'
import { convexity, depthToWidthRatio, eccentricity, elongation, solidity } from './form.ts'
import { outlineOf, smoothOutline } from './outline.ts'
import { boundsOf, shapeOf } from './shape.ts'
import { drawn, ellipse, mirrored, rosette, someRegion, turned } from './test-region.ts'

const GRID = { x: 1, y: 1 }

function formOf(mask: Mask, side: PixelSides) {
  const [shape, outline] = [shapeOf(mask, side), outlineOf(mask, side)]
  return {
    elongation: elongation(shape),
    eccentricity: eccentricity(shape),
    solidity: solidity(outline),
    convexity: convexity(smoothOutline(outline, side)),
  }
}

describe('a rotated ellipse of 20 x 12 mm at a spacing of 0.1 x 0.2 mm', () => {
  const side = { x: 0.1, y: 0.2 }
  for (const degrees of [0, 17, 30, 45, 60, 90, 111, 135, 160]) {
    test(`turned ${degrees} degrees: elongation 0.6 and eccentricity 0.8 within 1%, solid and convex within 1.5%`, () => {
      const form = formOf(ellipse(10, 6, degrees, side), side)
      expect(Math.abs(form.elongation / 0.6 - 1)).toBeLessThan(0.01)
      expect(Math.abs(form.eccentricity / 0.8 - 1)).toBeLessThan(0.01)
      expect(form.solidity).toBeGreaterThan(0.985)
      expect(form.convexity).toBeGreaterThan(0.985)
    })
  }
})

test('a Greek cross fills five sevenths of its hull', () => {
  // arms as wide as the square in the middle: 5 squares, hull 7, perimeter 12 sides, hull 4 + 4√2 of them
  const arm = (a: number, b: number) => Math.abs(a) < 30 && Math.abs(b) < 10
  for (const side of [GRID, { x: 0.5, y: 1 }]) {
    const form = formOf(
      drawn((x, y) => arm(x, y) || arm(y, x), 30, side),
      side,
    )
    expect(form.solidity).toBeCloseTo(5 / 7, 2)
    // smoothing rounds the corners off
    expect(Math.abs(form.convexity / ((4 + 4 * Math.SQRT2) / 12) - 1)).toBeLessThan(0.03)
  }
})

test('a hole changes neither solidity nor convexity', () => {
  const ringOf = (inner: number) => drawn((x, y) => Math.hypot(x, y) < 20 && Math.hypot(x, y) >= inner, 20, GRID)
  const [ring, disc] = [formOf(ringOf(17), GRID), formOf(ringOf(0), GRID)]
  expect([ring.solidity, ring.convexity]).toEqual([disc.solidity, disc.convexity])
  expect(disc.convexity).toBeGreaterThan(0.99)
})

test('a rectangle along the grid fills its hull but for its corners', () => {
  const rectangle = drawn((x, y) => Math.abs(x) < 20 && Math.abs(y) < 8, 20, GRID)
  expect(formOf(rectangle, GRID).solidity).toBeCloseTo(1, 9)
})

test('every form lies between 0 and 1, and a rosette is less solid and convex the deeper it is', () => {
  fc.assert(
    fc.property(someRegion, (mask) => {
      for (const value of Object.values(formOf(mask, GRID))) expect(value >= 0 && value <= 1).toBe(true)
    }),
  )
  const [flat, deep] = [0.1, 0.3].map((amplitude) => formOf(rosette(40, 6, amplitude, GRID), GRID))
  expect(deep!.solidity).toBeLessThan(flat!.solidity - 0.1)
  expect(deep!.convexity).toBeLessThan(flat!.convexity - 0.1)
})

test('mirroring, a quarter turn and another unit keep every form', () => {
  fc.assert(
    fc.property(someRegion, fc.double({ min: 0.05, max: 2, noNaN: true }), (mask, y) => {
      const side = { x: 0.3, y }
      const form = formOf(mask, side)
      const others = [
        formOf(mirrored(mask), side),
        formOf(turned(mask), { x: side.y, y: side.x }),
        formOf(mask, { x: 7 * side.x, y: 7 * side.y }),
      ]
      for (const other of others) {
        for (const [name, value] of Object.entries(form)) {
          // of convexity the smooth outline's points begin elsewhere: of 5,000 such pairs the worst was 0.0005 off, one since 0.0007
          const off = Math.abs(other[name as keyof typeof form] - value)
          expect([name, off < (name === 'convexity' ? 1e-3 : 1e-6)]).toEqual([name, true])
        }
      }
    }),
  )
})

test('depth over width is in the unit of the sides, not in pixels, and a quarter turn makes it one over itself', () => {
  const bounds = { left: 3, top: 5, right: 22, bottom: 14 }
  expect(depthToWidthRatio(bounds, GRID)).toBe(0.5)
  expect(depthToWidthRatio(bounds, { x: 0.1, y: 0.3 })).toBeCloseTo(1.5, 12)
  fc.assert(
    fc.property(someRegion, fc.double({ min: 0.05, max: 2, noNaN: true }), (mask, y) => {
      const side = { x: 0.3, y }
      const ratio = depthToWidthRatio(boundsOf(mask), side)
      expect(depthToWidthRatio(boundsOf(turned(mask)), { x: side.y, y: side.x })).toBeCloseTo(1 / ratio, 9)
    }),
  )
})
