import { type Absent, absent, isAbsent } from '#core/absent.ts'
import { evenlySpaced, lengthOf, smoothedAlong } from '#core/closed-line.ts'
import type { Point } from '#core/geometry.ts'
import type { GreyImage, Size } from '#core/image.ts'
import type { Mask } from '#core/mask.ts'
import { boxMean } from './box-mean.ts'
import { withinSide } from './breast-region.ts'
import { chestWallOf } from './chest-wall.ts'
import { contours } from './components.ts'
import { rankWithin } from './rank.ts'
import { maskIntoFrame, resize } from './resample.ts'

/** Where the nipple may be. A doctor confirms it; nothing is measured from it. */
export interface PossibleNipple {
  /** On the skin, in pixels of the image. */
  readonly point: Point
  /** How far the place stands out from the next best one, 0..1; no probability. */
  readonly confidence: number
}

const WORKING_SIDE_PX = 512
/** Places along the outline of the breast. */
const PLACES = 512
/** Shares of the extent of the breast along the chest wall. */
const FINE = 0.006
const ROUGH = 0.05
const SKIN_DEPTH = 0.05
const NIPPLE_WIDTH = 0.06
/** The front of the breast: share of its width from the chest wall, and of its extent along it from above. */
const FRONT = { least: 0.6, above: 0.25, below: 0.9 }
/** On an MLO view the breast points down from the perpendicular to the chest wall, degrees. */
const MLO_TILT = 15
/** What bulges farther, as a share of the width, is a fold or a tag. */
const MOST_BULGE = 0.03
const WEIGHTS = { bulge: 30, bright: 1.5, back: 4 }
/** Share of the width: nearer places are the same place. */
const SAME_PLACE = 0.12
const CLEAR_MARGIN = 0.3

/**
 * The place at the front of the breast's outline that bulges most, is bright below the skin beside its neighbours, and
 * lies far forward; weights chosen on 24 marked images.
 * @param exposed the breast with the muscle, of the image's size
 * @param view CC, or MLO hung upright
 * Source: outermost point and its profile, as A. J. Mendez and others, Comput. Methods Programs Biomed. 49(3), 1996;
 * R. Chandrasekhar and Y. Attikiouzel, IEEE Trans. Med. Imaging 16(5), 1997.
 */
export function nippleOnMammogram(image: GreyImage, exposed: Mask, view: 'CC' | 'MLO'): PossibleNipple | Absent {
  const wall = chestWallOf(exposed)
  if (isAbsent(wall)) return wall
  const size = withinSide(image, WORKING_SIDE_PX)
  const places = front(image, exposed, size, { anterior: wall.posterior.x === 1 ? -1 : 1, view })
  const best = most(places)
  if (best === undefined) return absent('nipple-not-found')
  const next = most(places.filter(({ x, y }) => Math.hypot(x - best.x, y - best.y) >= SAME_PLACE * best.width))
  const margin = next === undefined ? 0 : best.score - next.score
  const [scaleX, scaleY] = [size.width / image.width, size.height / image.height]
  return {
    point: { x: (best.x + 0.5) / scaleX - 0.5, y: (best.y + 0.5) / scaleY - 0.5 },
    confidence: 1 - Math.exp(-margin / CLEAR_MARGIN),
  }
}

interface Place extends Point {
  readonly score: number
  /** Of the breast, working pixels. */
  readonly width: number
}

function most(places: readonly Place[]): Place | undefined {
  return places.reduce<Place | undefined>(
    (best, place) => (best === undefined || place.score > best.score ? place : best),
    undefined,
  )
}

interface Hanging {
  /** Sign of x from the chest wall forward. */
  readonly anterior: 1 | -1
  readonly view: 'CC' | 'MLO'
}

function front(image: GreyImage, exposed: Mask, size: Size, { anterior, view }: Hanging): Place[] {
  const [scaleX, scaleY] = [size.width / image.width, size.height / image.height]
  const inside = maskIntoFrame(exposed, { original: image, standard: size, scaleX, scaleY, offsetX: 0, offsetY: 0 })
  const border = contours(inside)[0]
  if (border === undefined) return []
  const points = evenlySpaced(border, PLACES)
  const step = lengthOf(border) / PLACES
  const { left, right, top, bottom } = boundsOf(points)
  const [width, height] = [right - left, bottom - top]
  const [fine = [], rough = []] = [FINE, ROUGH].map((share) => smoothedAlong(points, (share * height) / step))
  const normals = rough.map((_, i) => outward(rough, i))
  const rank = rankWithin(boxMean(resize(image, size).data, size, 2), inside)
  const below = fine.map((point, i) => brightBelow(rank, size, point, normals[i]!, SKIN_DEPTH * height))
  const bright = standingOut(below, (NIPPLE_WIDTH * height) / step)
  const tilt = view === 'MLO' ? (MLO_TILT * Math.PI) / 180 : 0
  const forward = fine.map(({ x, y }) => anterior * x * Math.cos(tilt) + y * Math.sin(tilt))
  const farthest = forward.reduce((far, value) => Math.max(far, value), Number.NEGATIVE_INFINITY)
  const wall = anterior === 1 ? left : right
  return fine.flatMap((point, i): Place[] => {
    const [away, down] = [(anterior * (point.x - wall)) / width, (point.y - top) / height]
    if (away < FRONT.least || down < FRONT.above || down > FRONT.below) return []
    const [from, normal] = [rough[i]!, normals[i]!]
    const bulge = ((point.x - from.x) * normal.x + (point.y - from.y) * normal.y) / width
    const back = (farthest - forward[i]!) / width
    const score = WEIGHTS.bulge * Math.min(MOST_BULGE, bulge) + WEIGHTS.bright * bright[i]! - WEIGHTS.back * back
    return [{ x: point.x, y: point.y, score, width }]
  })
}

function boundsOf(points: readonly Point[]) {
  const [xs, ys] = [points.map(({ x }) => x), points.map(({ y }) => y)]
  return { left: Math.min(...xs), right: Math.max(...xs), top: Math.min(...ys), bottom: Math.max(...ys) }
}

function around<T>(values: readonly T[], i: number): T {
  return values[((i % values.length) + values.length) % values.length]!
}

/** Of a line that runs clockwise on screen. */
function outward(line: readonly Point[], i: number): Point {
  const [before, after] = [around(line, i - 3), around(line, i + 3)]
  const length = Math.hypot(after.x - before.x, after.y - before.y) || 1
  return { x: (after.y - before.y) / length, y: (before.x - after.x) / length }
}

/** Mean rank on the way inward from a point of the outline. */
function brightBelow(rank: Float32Array, { width, height }: Size, from: Point, normal: Point, depth: number): number {
  const steps = 10
  let sum = 0
  for (let k = 1; k <= steps; k++) {
    const reach = (depth * k) / steps
    const [x, y] = [Math.round(from.x - normal.x * reach), Math.round(from.y - normal.y * reach)]
    if (x >= 0 && y >= 0 && x < width && y < height) sum += rank[y * width + x]!
  }
  return sum / steps
}

/** How much brighter than beside it it is at each place; a third of `reach` each way is the place, twice `reach` beside. */
function standingOut(values: readonly number[], reach: number): number[] {
  const farthest = Math.max(1, Math.round(2 * reach))
  return values.map((_, i) => {
    let [near, far, countNear, countFar] = [0, 0, 0, 0]
    for (let k = -farthest; k <= farthest; k++) {
      const value = around(values, i + k)
      if (Math.abs(k) <= reach / 3) {
        near += value
        countNear++
      } else if (Math.abs(k) > 0.8 * reach) {
        far += value
        countFar++
      }
    }
    return near / countNear - (countFar === 0 ? 0 : far / countFar)
  })
}
