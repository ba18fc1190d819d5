import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { Mask } from '#core/mask.ts'
import type { PixelSides } from '#core/units.ts'
import { distanceToRegion, shapeOf } from './shape.ts'

const GRID: PixelSides = { x: 1, y: 1 }

/** Pixels whose centre lies in a rotated ellipse; lengths in the unit of the sides. */
function ellipse(semiMajor: number, semiMinor: number, degrees: number, side: PixelSides): Mask {
  const width = Math.ceil((2 * semiMajor) / side.x) + 9
  const height = Math.ceil((2 * semiMajor) / side.y) + 9
  const angle = (degrees * Math.PI) / 180
  const data = new Uint8Array(width * height)
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const [dx, dy] = [(x - (width - 1) / 2) * side.x, -(y - (height - 1) / 2) * side.y]
      const along = dx * Math.cos(angle) + dy * Math.sin(angle)
      const across = dy * Math.cos(angle) - dx * Math.sin(angle)
      data[y * width + x] = (along / semiMajor) ** 2 + (across / semiMinor) ** 2 <= 1 ? 1 : 0
    }
  }
  return Mask.from(data, { width, height })
}

/** Ramanujan's second approximation, exact to 1e-5 for these ratios. */
function ellipsePerimeter(a: number, b: number): number {
  const h = ((a - b) / (a + b)) ** 2
  return Math.PI * (a + b) * (1 + (3 * h) / (10 + Math.sqrt(4 - 3 * h)))
}

function remap(mask: Mask, size: { width: number; height: number }, from: (x: number, y: number) => [number, number]) {
  const data = new Uint8Array(size.width * size.height)
  for (let y = 0; y < size.height; y++) {
    for (let x = 0; x < size.width; x++) {
      const [sx, sy] = from(x, y)
      if (sx >= 0 && sy >= 0 && sx < mask.width && sy < mask.height) {
        data[y * size.width + x] = mask.data[sy * mask.width + sx]!
      }
    }
  }
  return Mask.from(data, size)
}

const mirror = (mask: Mask) => remap(mask, mask, (x, y) => [mask.width - 1 - x, y])
const quarterTurn = (mask: Mask) =>
  remap(mask, { width: mask.height, height: mask.width }, (x, y) => [y, mask.height - 1 - x])

/** Random ragged regions: not empty, not smooth. */
const region = fc.tuple(fc.integer({ min: 3, max: 14 }), fc.integer({ min: 3, max: 14 })).chain(([width, height]) =>
  fc
    .uint8Array({ minLength: width * height, maxLength: width * height, max: 1 })
    .filter((data) => data.some((value) => value !== 0))
    .map((data) => Mask.from(data, { width, height })),
)
const sides = fc.record({
  x: fc.double({ min: 0.05, max: 0.5, noNaN: true }),
  y: fc.double({ min: 0.05, max: 0.5, noNaN: true }),
})

const LENGTHS = ['majorAxis', 'minorAxis', 'perimeter', 'maximumDiameter', 'equivalentDiameter'] as const

describe('a rotated ellipse of 20 x 12 mm at a spacing of 0.1 x 0.2 mm', () => {
  const side = { x: 0.1, y: 0.2 }
  for (const degrees of [0, 17, 30, 45, 60, 90, 111, 135, 160]) {
    const shape = shapeOf(ellipse(10, 6, degrees, side), side)
    test(`turned ${degrees} degrees: area, Feret diameter and axes within 1%, perimeter within 1.5%, angle within 1`, () => {
      expect(Math.abs(shape.area / (Math.PI * 10 * 6) - 1)).toBeLessThan(0.01)
      expect(Math.abs(shape.maximumDiameter / 20 - 1)).toBeLessThan(0.01)
      expect(Math.abs(shape.majorAxis / 20 - 1)).toBeLessThan(0.01)
      expect(Math.abs(shape.minorAxis / 12 - 1)).toBeLessThan(0.01)
      expect(Math.abs(shape.perimeter / ellipsePerimeter(10, 6) - 1)).toBeLessThan(0.015)
      const expected = degrees > 90 ? degrees - 180 : degrees
      const difference = Math.abs(shape.orientationDeg - expected)
      expect(Math.min(difference, 180 - difference)).toBeLessThan(1)
    })
  }
})

test('a digital disc has circularity 1 within 3% from a radius of 8 pixels, within 2% from 20', () => {
  for (const radius of [8, 11.3, 20, 50.5, 120]) {
    // the grid itself decides the last percents of a disc that is a few pixels wide
    const { area, perimeter } = shapeOf(ellipse(radius, radius, 0, GRID), GRID)
    expect(Math.abs((4 * Math.PI * area) / perimeter ** 2 - 1)).toBeLessThan(radius < 20 ? 0.03 : 0.02)
  }
})

test('mirroring keeps every length and area and turns the sign of the orientation', () => {
  fc.assert(
    fc.property(region, sides, (mask, side) => {
      const [a, b] = [shapeOf(mask, side), shapeOf(mirror(mask), side)]
      for (const name of LENGTHS) expect(b[name]).toBeCloseTo(a[name], 9)
      expect(b.area).toBeCloseTo(a.area, 9)
      expect(b.centroidPx.x).toBeCloseTo(mask.width - 1 - a.centroidPx.x, 9)
      if (a.majorAxis > 1.01 * a.minorAxis && Math.abs(a.orientationDeg) < 89.9) {
        expect(b.orientationDeg).toBeCloseTo(-a.orientationDeg, 6)
      }
    }),
  )
})

test('a quarter turn with the spacing turned too keeps every length and area', () => {
  fc.assert(
    fc.property(region, sides, (mask, side) => {
      const a = shapeOf(mask, side)
      const b = shapeOf(quarterTurn(mask), { x: side.y, y: side.x })
      for (const name of LENGTHS) expect(b[name]).toBeCloseTo(a[name], 9)
    }),
  )
})

test('lengths grow with the spacing and areas with its square', () => {
  fc.assert(
    fc.property(region, sides, fc.double({ min: 0.1, max: 10, noNaN: true }), (mask, side, factor) => {
      const a = shapeOf(mask, side)
      const b = shapeOf(mask, { x: side.x * factor, y: side.y * factor })
      for (const name of LENGTHS) expect(b[name] / (a[name] * factor)).toBeCloseTo(1, 9)
      expect(b.area / (a.area * factor * factor)).toBeCloseTo(1, 9)
    }),
  )
})

test('shifting a region shifts its centroid and nothing else', () => {
  fc.assert(
    fc.property(region, sides, fc.nat(9), fc.nat(9), (mask, side, dx, dy) => {
      const size = { width: mask.width + dx, height: mask.height + dy }
      const [a, b] = [
        shapeOf(mask, side),
        shapeOf(
          remap(mask, size, (x, y) => [x - dx, y - dy]),
          side,
        ),
      ]
      for (const name of [...LENGTHS, 'area', 'orientationDeg'] as const) expect(b[name]).toBeCloseTo(a[name], 9)
      expect(b.centroidPx.x).toBeCloseTo(a.centroidPx.x + dx, 9)
      expect(b.centroidPx.y).toBeCloseTo(a.centroidPx.y + dy, 9)
    }),
  )
})

test('the distance to a region is to its nearest pixel centre, per axis, and 0 inside', () => {
  const mask = Mask.from(Uint8Array.of(0, 0, 0, 1, 1, 0), { width: 6, height: 1 })
  expect(distanceToRegion(mask, { x: 0, y: 0 }, { x: 0.1, y: 0.2 })).toBeCloseTo(0.3)
  expect(distanceToRegion(mask, { x: 3, y: 4 }, { x: 0.1, y: 0.2 })).toBeCloseTo(0.8)
  expect(distanceToRegion(mask, { x: 3.2, y: 0 }, { x: 0.1, y: 0.2 })).toBe(0)
})

test('a point on the border of a pixel is in it, on whichever side', () => {
  const size = { width: 80, height: 10 }
  const columnAt = (column: number) =>
    Mask.from(
      Uint8Array.from({ length: 800 }, (_, i) => +(i % 80 === column)),
      size,
    )
  expect(distanceToRegion(columnAt(0), { x: -0.5, y: 4 }, { x: 1, y: 1 })).toBe(0)
  expect(distanceToRegion(columnAt(79), { x: 79.5, y: 4 }, { x: 1, y: 1 })).toBe(0)
})

test('an empty mask has no shape', () => {
  expect(() => shapeOf(Mask.empty({ width: 3, height: 3 }), GRID)).toThrow('MASK_EMPTY')
})
