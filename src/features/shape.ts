import { ScreeningError } from '#core/errors.ts'
import { farthestPair, type Point } from '#core/geometry.ts'
import type { Mask } from '#core/mask.ts'
import type { PixelSides } from '#core/units.ts'
import { perimeter } from '#imaging/perimeter.ts'

/** First and last column and row that hold foreground, both included. */
export interface Bounds {
  readonly left: number
  readonly top: number
  readonly right: number
  readonly bottom: number
}

/** The shape of one region, lengths in the unit of the pixel's sides. */
export interface Shape {
  readonly area: number
  /** On the pixel grid, whatever the unit. */
  readonly centroidPx: Point
  readonly majorAxis: number
  readonly minorAxis: number
  /** Angle of the major axis to the rows, over -90..90 degrees, positive where its right end is higher. */
  readonly orientationDeg: number
  readonly perimeter: number
  readonly maximumDiameter: number
  readonly equivalentDiameter: number
}

/** @throws MASK_EMPTY when there is no foreground. */
export function boundsOf(mask: Mask): Bounds {
  let [left, top, right, bottom] = [mask.width, mask.height, -1, -1]
  for (let y = 0; y < mask.height; y++) {
    for (let x = 0; x < mask.width; x++) {
      if (mask.data[y * mask.width + x] === 0) continue
      if (x < left) left = x
      if (x > right) right = x
      if (y < top) top = y
      bottom = y
    }
  }
  if (right < 0) throw new ScreeningError('MASK_EMPTY', { mask: [mask.width, mask.height] })
  return { left, top, right, bottom }
}

/** On the pixel grid. @throws MASK_EMPTY */
export function centroidOf(mask: Mask): Point {
  return momentsOf(mask, boundsOf(mask), { x: 1, y: 1 }).centroidPx
}

/**
 * Size and shape of one region. mask: H×W, 0/1; side: width and height of a pixel.
 * @throws MASK_EMPTY when there is no foreground.
 */
export function shapeOf(mask: Mask, side: PixelSides): Shape {
  const bounds = boundsOf(mask)
  const moments = momentsOf(mask, bounds, side)
  const area = moments.count * side.x * side.y
  const { left, top, right, bottom } = bounds
  const boundsPx = { left, top, width: right - left + 1, height: bottom - top + 1 }
  return {
    area,
    centroidPx: moments.centroidPx,
    ...axesOf(moments),
    perimeter: perimeter({ boundsPx, contains: (x, y) => isSet(mask, x, y) }, side),
    maximumDiameter: farthestPair(outlinePoints(mask, bounds, side)).distance,
    equivalentDiameter: Math.sqrt((4 * area) / Math.PI),
  }
}

interface Moments {
  readonly count: number
  readonly centroidPx: Point
  readonly xx: number
  readonly xy: number
  readonly yy: number
}

/** Second central moments in the unit of the sides, each pixel a full square, not a point. */
function momentsOf(mask: Mask, { left, top, right, bottom }: Bounds, side: PixelSides): Moments {
  let [count, sx, sy, sxx, sxy, syy] = [0, 0, 0, 0, 0, 0]
  for (let y = top; y <= bottom; y++) {
    for (let x = left; x <= right; x++) {
      if (mask.data[y * mask.width + x] === 0) continue
      const [dx, dy] = [x - left, y - top]
      count++
      sx += dx
      sy += dy
      sxx += dx * dx
      sxy += dx * dy
      syy += dy * dy
    }
  }
  const [mx, my] = [sx / count, sy / count]
  return {
    count,
    centroidPx: { x: left + mx, y: top + my },
    xx: (sxx / count - mx * mx + 1 / 12) * side.x * side.x,
    xy: (sxy / count - mx * my) * side.x * side.y,
    yy: (syy / count - my * my + 1 / 12) * side.y * side.y,
  }
}

function axesOf({ xx, xy, yy }: Moments): Pick<Shape, 'majorAxis' | 'minorAxis' | 'orientationDeg'> {
  const mean = (xx + yy) / 2
  const spread = Math.hypot((xx - yy) / 2, xy)
  // y runs down the image: the sign turns so that a positive angle rises to the right
  const angle = (0.5 * Math.atan2(-2 * xy, xx - yy) * 180) / Math.PI
  return {
    majorAxis: 4 * Math.sqrt(mean + spread),
    minorAxis: 4 * Math.sqrt(Math.max(0, mean - spread)),
    orientationDeg: angle === -90 ? 90 : angle,
  }
}

function isSet(mask: Mask, x: number, y: number): boolean {
  return x >= 0 && y >= 0 && x < mask.width && y < mask.height && mask.data[y * mask.width + x] !== 0
}

/**
 * The outline at level one half by marching squares, each side of it given by its midpoint. The corners of that
 * outline stick out on average (a disc of radius 20 measures 1.5% too wide), the midpoints far less.
 */
function outlinePoints(mask: Mask, { left, top, right, bottom }: Bounds, side: PixelSides): Point[] {
  const points: Point[] = []
  for (let y = top - 1; y <= bottom; y++) {
    for (let x = left - 1; x <= right; x++) {
      const corners = [isSet(mask, x, y), isSet(mask, x + 1, y), isSet(mask, x + 1, y + 1), isSet(mask, x, y + 1)]
      const crossed = CELL_SIDES.filter((_, i) => corners[i] !== corners[(i + 1) % 4])
      const [from, to] = crossed
      // a cell with four crossings joins two corners of the region: nothing of it is extreme
      if (crossed.length !== 2 || from === undefined || to === undefined) continue
      points.push({ x: (x + (from.x + to.x) / 2) * side.x, y: (y + (from.y + to.y) / 2) * side.y })
    }
  }
  return points
}

/** Midpoints of the sides of a cell, from the top clockwise; its corners are four pixel centres. */
const CELL_SIDES: readonly Point[] = [
  { x: 0.5, y: 0 },
  { x: 1, y: 0.5 },
  { x: 0.5, y: 1 },
  { x: 0, y: 0.5 },
]

/** Distance from a point of the pixel grid to the nearest pixel centre of the region; 0 where the point lies in it. */
export function distanceToRegion(mask: Mask, point: Point, side: PixelSides): number {
  const { left, top, right, bottom } = boundsOf(mask)
  let best = Number.POSITIVE_INFINITY
  for (let y = top; y <= bottom; y++) {
    for (let x = left; x <= right; x++) {
      if (mask.data[y * mask.width + x] === 0) continue
      const [dx, dy] = [Math.abs(x - point.x), Math.abs(y - point.y)]
      if (dx <= 0.5 && dy <= 0.5) return 0
      best = Math.min(best, Math.hypot(dx * side.x, dy * side.y))
    }
  }
  return best
}
