import type { Point } from '#core/geometry.ts'
import type { PixelSides } from '#core/units.ts'
import type { Component } from './components.ts'

/** The sixteen primitive lattice directions up to three pixels, by rising angle over [0, 180) on square pixels. */
const DIRECTIONS: readonly Point[] = [
  [1, 0],
  [3, 1],
  [2, 1],
  [3, 2],
  [1, 1],
  [2, 3],
  [1, 2],
  [1, 3],
  [0, 1],
  [-1, 3],
  [-1, 2],
  [-2, 3],
  [-1, 1],
  [-3, 2],
  [-2, 1],
  [-3, 1],
].map(([x, y]) => ({ x: x!, y: y! }))

/**
 * Length of a region's outline, in the unit of the pixel's sides.
 *
 * Cauchy-Crofton: a curve is as long as π/2 times the mean, over directions, of the crossings with parallel lines
 * times the distance between those lines. The lines are those of the pixel lattice; each direction weighs as much as
 * the angle nearest to it. Source: Lehmann and Legland 2012, hdl:10380/3342.
 */
export function perimeter(region: Pick<Component, 'boundsPx' | 'contains'>, side: PixelSides): number {
  const angles = DIRECTIONS.map(({ x, y }) => Math.atan2(y * side.y, x * side.x))
  let sum = 0
  for (const [k, direction] of DIRECTIONS.entries()) {
    const before = k === 0 ? angles.at(-1)! - Math.PI : angles[k - 1]!
    const after = k === DIRECTIONS.length - 1 ? angles[0]! + Math.PI : angles[k + 1]!
    const weight = (after - before) / (2 * Math.PI)
    const lineDistance = (side.x * side.y) / Math.hypot(direction.x * side.x, direction.y * side.y)
    sum += weight * lineDistance * crossings(region, direction)
  }
  return (Math.PI / 2) * sum
}

/** How often the region's border is crossed on all lattice lines of a direction: twice the number of entries. */
function crossings({ boundsPx, contains }: Pick<Component, 'boundsPx' | 'contains'>, step: Point): number {
  const { left, top, width, height } = boundsPx
  let exits = 0
  for (let y = top; y < top + height; y++) {
    for (let x = left; x < left + width; x++) if (contains(x, y) && !contains(x + step.x, y + step.y)) exits++
  }
  return 2 * exits
}

/**
 * Mean width of a band that runs along the outline of a region: its area over the region's perimeter.
 * @param areaPx pixels.
 * @param side width and height of a pixel; the width is in their unit.
 */
export function meanBandWidth(
  areaPx: number,
  region: Pick<Component, 'boundsPx' | 'contains'>,
  side: PixelSides,
): number {
  return (areaPx * side.x * side.y) / perimeter(region, side)
}
