import { type Absent, absent } from '#core/absent.ts'
import type { Point } from '#core/geometry.ts'
import type { PixelSides } from '#core/units.ts'

/** Boxes smaller than this, in pixels, see the pixel grid and not the outline. */
const SMALLEST_PX = 3
/** Each size of boxes against the one before it, up to a quarter of the outline's extent. */
const GROWTH = Math.SQRT2
/** With fewer sizes of boxes than this a slope through their counts means nothing. */
const FEWEST_SIZES = 4
/** The grid of boxes is laid at this many places along each axis and the counts are averaged: less noise than the fewest. */
const SHIFTS = 4

/**
 * Box-counting dimension of an outline: the slope, by least squares, of the logarithm of the number of square boxes that
 * cover it against that of one over their side. 1 for a smooth outline, towards 2 the more it fills the plane. Unitless.
 * Absent where the outline is too small for four sizes of boxes: below 34 pixels across.
 * Pixels take off what is finer than they are: ellipses have 1.01, a Koch snowflake 1.23 (1.26 in the limit), a quadric
 * Koch island 1.46 (1.5 in the limit).
 * outline: closed, not smoothed, in the unit of the sides; side: width and height of a pixel.
 * Source: Mandelbrot 1982, The Fractal Geometry of Nature; on contours of breast masses Rangayyan and Nguyen,
 * J. Digit. Imaging 20(3), 2007, doi:10.1007/s10278-006-0860-9.
 */
export function boxCountingDimension(outline: readonly Point[], side: PixelSides): number | Absent {
  const smallest = SMALLEST_PX * Math.max(side.x, side.y)
  const points = densely(outline, smallest / 16)
  const { middle, extent } = boundsOf(points)
  const logs: Point[] = []
  for (let box = smallest; box <= extent / 4; box *= GROWTH) {
    logs.push({ x: -Math.log(box), y: Math.log(meanBoxes(points, middle, box, extent)) })
  }
  return logs.length < FEWEST_SIZES ? absent('region-too-small') : slopeOf(logs)
}

/** Places of the grid from the middle, as many to the one side as to the other: a mirrored outline counts the same boxes. */
function placeOf(shift: number): number {
  return (shift + 0.5) / SHIFTS
}

/** How many boxes of one side hold a point, on average over the places of the grid. */
function meanBoxes(points: readonly Point[], middle: Point, box: number, extent: number): number {
  const half = Math.ceil(extent / (2 * box)) + 1
  const across = 2 * half + 1
  let count = 0
  for (let shift = 0; shift < SHIFTS * SHIFTS; shift++) {
    const [shiftX, shiftY] = [placeOf(shift % SHIFTS), placeOf(Math.floor(shift / SHIFTS))]
    const taken = new Uint8Array(across * across)
    for (const { x, y } of points) {
      const column = half + Math.floor((x - middle.x) / box + shiftX)
      const row = half + Math.floor((y - middle.y) / box + shiftY)
      const at = row * across + column
      if (taken[at] !== 0) continue
      taken[at] = 1
      count++
    }
  }
  return count / (SHIFTS * SHIFTS)
}

/** The outline's points and so many more between them that none is farther from the next than `step`. */
function densely(outline: readonly Point[], step: number): Point[] {
  const points: Point[] = []
  for (const [i, from] of outline.entries()) {
    const to = outline[(i + 1) % outline.length]!
    const parts = Math.max(1, Math.ceil(Math.hypot(to.x - from.x, to.y - from.y) / step))
    for (let k = 0; k < parts; k++) {
      points.push({ x: from.x + (k / parts) * (to.x - from.x), y: from.y + (k / parts) * (to.y - from.y) })
    }
  }
  return points
}

/** The middle of the bounds and their longer side. */
function boundsOf(points: readonly Point[]): { readonly middle: Point; readonly extent: number } {
  let [left, top, right, bottom] = [points[0]!.x, points[0]!.y, points[0]!.x, points[0]!.y]
  for (const { x, y } of points) {
    left = Math.min(left, x)
    top = Math.min(top, y)
    right = Math.max(right, x)
    bottom = Math.max(bottom, y)
  }
  const middle = { x: (left + right) / 2, y: (top + bottom) / 2 }
  return { middle, extent: Math.max(right - left, bottom - top) }
}

function slopeOf(points: readonly Point[]): number {
  let [meanX, meanY] = [0, 0]
  for (const { x, y } of points) {
    meanX += x / points.length
    meanY += y / points.length
  }
  let [xy, xx] = [0, 0]
  for (const { x, y } of points) {
    xy += (x - meanX) * (y - meanY)
    xx += (x - meanX) ** 2
  }
  return xy / xx
}
