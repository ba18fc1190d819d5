import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { Mask } from '#core/mask.ts'
import type { PixelSides } from '#core/units.ts'
import { outlineOf, smoothOutline } from './outline.ts'
import { normalisedRadialLength } from './radial-length.ts'
import { drawn, ellipse, mirrored, rosette, someRegion, turned } from './test-region.ts'

const GRID = { x: 1, y: 1 }
const radial = (mask: Mask, side: PixelSides = GRID) =>
  normalisedRadialLength(smoothOutline(outlineOf(mask, side), side))

/** Mean and standard deviation along the arc of an ellipse with a major semi-axis of 1, by the trapezoid rule. */
function ellipseMoments(minor: number): { mean: number; standardDeviation: number } {
  let [length, first, second] = [0, 0, 0]
  for (let i = 0; i < 10_000; i++) {
    const t = (i * Math.PI) / 5_000
    const arc = Math.hypot(Math.sin(t), minor * Math.cos(t))
    const radius = Math.hypot(Math.cos(t), minor * Math.sin(t))
    length += arc
    first += radius * arc
    second += radius * radius * arc
  }
  const mean = first / length
  return { mean, standardDeviation: Math.sqrt(second / length - mean * mean) }
}

test('a disc has one radius: mean 1, deviation and roughness next to 0', () => {
  for (const radius of [10, 20, 60]) {
    const { mean, standardDeviation, boundaryRoughness } = radial(ellipse(radius, radius, 0, GRID))
    expect(mean).toBeGreaterThan(0.97)
    expect(standardDeviation).toBeLessThan(0.015)
    // a digital disc has flats of 0.3 pixels or so along the axes and the diagonals
    expect(boundaryRoughness).toBeLessThan(0.035)
  }
})

describe('a rotated ellipse of 20 x 12 mm at a spacing of 0.1 x 0.2 mm', () => {
  const side = { x: 0.1, y: 0.2 }
  const { mean, standardDeviation } = ellipseMoments(0.6)
  for (const degrees of [0, 17, 45, 90, 135]) {
    test(`turned ${degrees} degrees: mean and deviation along the arc within 2%, roughness (1 - 0.6) / 4 within 5%`, () => {
      const measured = radial(ellipse(10, 6, degrees, side), side)
      expect(Math.abs(measured.mean / mean - 1)).toBeLessThan(0.02)
      expect(Math.abs(measured.standardDeviation / standardDeviation - 1)).toBeLessThan(0.02)
      // twice from the longest to the shortest radius and back, over sixteen segments
      expect(Math.abs(measured.boundaryRoughness / ((4 * (1 - 0.6)) / 16) - 1)).toBeLessThan(0.05)
    })
  }
})

test('a square: mean (1 + asinh(1) / √2) / 2 and the deviation that goes with it', () => {
  const mean = (1 + Math.asinh(1) / Math.SQRT2) / 2
  const measured = radial(drawn((x, y) => Math.abs(x) < 150 && Math.abs(y) < 150, 150, GRID))
  expect(measured.mean).toBeCloseTo(mean, 2)
  expect(measured.standardDeviation).toBeCloseTo(Math.sqrt(2 / 3 - mean * mean), 2)
})

test('the radius of a rosette rises and falls once a lobe', () => {
  for (const lobes of [4, 6, 8]) {
    const { boundaryRoughness } = radial(rosette(60, lobes, 0.2, GRID))
    expect(Math.abs(boundaryRoughness / ((lobes * 4 * 0.2) / 1.2 / 16) - 1)).toBeLessThan(0.03)
  }
})

test('mirroring, a quarter turn and another unit change no more than where the points fall', () => {
  fc.assert(
    fc.property(someRegion, (mask) => {
      const side = { x: 0.3, y: 0.4 }
      const before = radial(mask, side)
      const others = [
        radial(mirrored(mask), side),
        radial(turned(mask), { x: side.y, y: side.x }),
        radial(mask, { x: 3, y: 4 }),
      ]
      for (const after of others) {
        for (const name of ['mean', 'standardDeviation', 'boundaryRoughness'] as const) {
          expect(Math.abs(after[name] - before[name])).toBeLessThan(0.005)
        }
      }
    }),
  )
})
