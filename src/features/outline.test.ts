import fc from 'fast-check'
import { expect, test } from 'vitest'
import { lengthOf } from '#core/closed-line.ts'
import { Mask } from '#core/mask.ts'
import { areaOf, outlineOf, smoothOutline } from './outline.ts'
import { drawn, ellipse, mirrored, someRegion, turned } from './test-region.ts'

const GRID = { x: 1, y: 1 }

test('an outline encloses the area of its region but for a pixel, and its centroid', () => {
  fc.assert(
    fc.property(
      fc.double({ min: 1.5, max: 30, noNaN: true }),
      fc.double({ min: 1.5, max: 30, noNaN: true }),
      (a, b) => {
        const mask = ellipse(Math.max(a, b), Math.min(a, b), 30, GRID)
        const { area, centroid } = areaOf(outlineOf(mask, GRID))
        expect(Math.abs(area - mask.areaPx)).toBeLessThanOrEqual(1)
        expect(centroid.x).toBeCloseTo((mask.width - 1) / 2, 6)
        expect(centroid.y).toBeCloseTo((mask.height - 1) / 2, 6)
      },
    ),
  )
})

test('the sides of a pixel stretch the outline', () => {
  const mask = ellipse(9, 6, 20, GRID)
  const stretched = outlineOf(mask, GRID).map(({ x, y }) => ({ x: 0.1 * x, y: 0.25 * y }))
  for (const [i, { x, y }] of outlineOf(mask, { x: 0.1, y: 0.25 }).entries()) {
    expect(x).toBeCloseTo(stretched[i]!.x, 12)
    expect(y).toBeCloseTo(stretched[i]!.y, 12)
  }
})

test('mirroring and a quarter turn keep area and length, smoothed or not', () => {
  fc.assert(
    fc.property(someRegion, (mask) => {
      const outline = outlineOf(mask, GRID)
      for (const other of [mirrored(mask), turned(mask)]) {
        expect(areaOf(outlineOf(other, GRID)).area).toBeCloseTo(areaOf(outline).area, 9)
        expect(lengthOf(outlineOf(other, GRID))).toBeCloseTo(lengthOf(outline), 9)
        // points fall elsewhere on the outline, which matters as little as their distance
        const [smooth, otherSmooth] = [smoothOutline(outline, GRID), smoothOutline(outlineOf(other, GRID), GRID)]
        expect(lengthOf(otherSmooth) / lengthOf(smooth)).toBeCloseTo(1, 2)
      }
    }),
  )
})

test('only the largest region is outlined, and no hole', () => {
  const ring = drawn((x, y) => Math.hypot(x, y) <= 9 && Math.hypot(x, y) > 4, 12, GRID)
  const disc = drawn((x, y) => Math.hypot(x, y) <= 9, 12, GRID)
  ring.data[0] = 1
  expect(outlineOf(ring, GRID)).toEqual(outlineOf(disc, GRID))
})

test('a smooth outline has points at nearly even distances and is as long as a circle to 1%', () => {
  for (const radius of [10, 25, 80]) {
    const smooth = smoothOutline(outlineOf(ellipse(radius, radius, 0, GRID), GRID), GRID)
    expect(Math.abs(lengthOf(smooth) / (2 * Math.PI * radius) - 1)).toBeLessThan(0.01)
    const step = lengthOf(smooth) / smooth.length
    for (const [i, { x, y }] of smooth.entries()) {
      const next = smooth[(i + 1) % smooth.length]!
      expect(Math.abs(Math.hypot(next.x - x, next.y - y) / step - 1)).toBeLessThan(0.15)
    }
  }
})

test('a circle of ten pixels shrinks by no more than 0.5% when smoothed', () => {
  const circle = Array.from({ length: 400 }, (_, i) => {
    const angle = (i * Math.PI) / 200
    return { x: 10 * Math.cos(angle), y: 10 * Math.sin(angle) }
  })
  const radius = Math.sqrt(areaOf(smoothOutline(circle, GRID)).area / Math.PI)
  expect(radius).toBeLessThan(10)
  // exp(-σ²/2r²) of a Gaussian along the arc
  expect(radius / 10).toBeCloseTo(Math.exp(-1 / 200), 3)
})

test('a single pixel has an outline, smoothed or not', () => {
  const pixel = outlineOf(Mask.from(Uint8Array.of(1), { width: 1, height: 1 }), GRID)
  expect(pixel).toHaveLength(4)
  for (const { x, y } of smoothOutline(pixel, GRID)) expect(Number.isFinite(x + y)).toBe(true)
})

test('an empty mask has no outline', () => {
  expect(() => outlineOf(Mask.empty({ width: 3, height: 3 }), GRID)).toThrow('MASK_EMPTY')
})
