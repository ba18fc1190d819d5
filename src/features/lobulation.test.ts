import { createRequire } from 'node:module'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { Mask } from '#core/mask.ts'
import type { PixelSides } from '#core/units.ts'
import { lobulationCount } from './lobulation.ts'
import { areaOf, outlineOf, smoothOutline } from './outline.ts'
import { ellipse, kidney, mirrored, peanut, rosette, someRegion, turned } from './test-region.ts'

// The module is a promise of itself, which `import` cannot take.
const cv: typeof import('@techstark/opencv-js') = await createRequire(import.meta.url)('@techstark/opencv-js')

const GRID = { x: 1, y: 1 }
const smooth = (mask: Mask, side: PixelSides = GRID) => smoothOutline(outlineOf(mask, side), side)

describe('a rosette has as many lobes as its radius has highest places', () => {
  for (const [lobes, amplitude] of [
    [3, 0.35],
    [4, 0.25],
    [5, 0.2],
    [8, 0.15],
    [12, 0.1],
  ] as const) {
    test(`${lobes}, on square pixels and on pixels of 0.1 x 0.2 mm`, () => {
      expect(lobulationCount(smooth(rosette(40, lobes, amplitude, GRID)))).toBe(lobes)
      const side = { x: 0.1, y: 0.2 }
      expect(lobulationCount(smooth(rosette(6, lobes, amplitude, side), side))).toBe(lobes)
    })
  }
})

test('a kidney has one depression, two discs grown together have two', () => {
  expect(lobulationCount(smooth(kidney(20, 0.5)))).toBe(1)
  expect(lobulationCount(smooth(peanut(20, 0.8)))).toBe(2)
})

test('an ellipse has none, whatever its size, place, direction and pixels', () => {
  fc.assert(
    fc.property(
      fc.double({ min: 5, max: 40, noNaN: true }),
      fc.double({ min: 0.4, max: 1, noNaN: true }),
      fc.integer({ min: 0, max: 179 }),
      fc.double({ min: 0.5, max: 1, noNaN: true }),
      (radius, share, degrees, y) => {
        const side = { x: 1, y }
        expect(lobulationCount(smooth(ellipse(radius, radius * share, degrees, side), side))).toBe(0)
      },
    ),
  )
})

/** Depths of OpenCV's convexity defects, on the outline in 1/64 pixel. */
function depthsByOpenCv(mask: Mask): { depths: number[]; diameter: number } {
  const outline = smooth(mask).map(({ x, y }) => ({ x: Math.round(64 * x), y: Math.round(64 * y) }))
  const contour = cv.matFromArray(
    outline.length,
    1,
    cv.CV_32SC2,
    outline.flatMap(({ x, y }) => [x, y]),
  )
  const [hull, defects] = [new cv.Mat(), new cv.Mat()]
  cv.convexHull(contour, hull, false, false)
  cv.convexityDefects(contour, hull, defects)
  const depths = Array.from({ length: defects.rows * defects.cols }, (_, i) => defects.data32S[4 * i + 3]! / 256)
  for (const mat of [contour, hull, defects]) mat.delete()
  return { depths, diameter: Math.sqrt((4 * areaOf(outline).area) / Math.PI) }
}

test('OpenCV finds as many convexity defects that are deep enough', () => {
  fc.assert(
    fc.property(someRegion, (mask) => {
      const { depths, diameter } = depthsByOpenCv(mask)
      // depths next to the border may fall on either side of it
      fc.pre(depths.every((depth) => Math.abs(depth / diameter - 0.05) > 0.002))
      expect(lobulationCount(smooth(mask))).toBe(depths.filter((depth) => depth / diameter > 0.05).length)
    }),
  )
})

test('mirroring, a quarter turn and another unit keep the count, unless a depression is only just deep enough', () => {
  fc.assert(
    fc.property(someRegion, (mask) => {
      const { depths, diameter } = depthsByOpenCv(mask)
      fc.pre(depths.every((depth) => Math.abs(depth / diameter - 0.05) > 0.005))
      const count = lobulationCount(smooth(mask))
      expect(lobulationCount(smooth(mirrored(mask)))).toBe(count)
      expect(lobulationCount(smooth(turned(mask)))).toBe(count)
      expect(lobulationCount(smooth(mask, { x: 0.1, y: 0.1 }))).toBe(count)
    }),
  )
})
