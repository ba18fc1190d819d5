import { type Absent, absent, isAbsent } from '#core/absent.ts'
import { between } from '#core/closed-line.ts'
import type { Point } from '#core/geometry.ts'
import type { GreyImage, Size } from '#core/image.ts'
import { Mask } from '#core/mask.ts'
import { boxMean } from './box-mean.ts'
import { withinSide } from './breast-region.ts'
import { chestWallOf } from './chest-wall.ts'
import { rankWithin } from './rank.ts'
import { maskIntoFrame, resize } from './resample.ts'

/** The pectoral muscle of an MLO view, as far as one straight line tells it from the breast. */
export interface PectoralMuscle {
  /** Its edge, in pixels of the image: from the upper end of the exposed breast to the chest wall, or to the lower end of the breast. */
  readonly edgePx: readonly [Point, Point]
  /** What of the exposed breast lies behind the edge. */
  readonly mask: Mask
}

const WORKING_SIDE_PX = 384
/** Lines that are tried, each way. */
const STEPS = 40
/** Places along a line at which it is judged. */
const PLACES = 40
/** Shares of the extent of the breast along the chest wall: width of the smoothing, half the width of an edge. */
const SMOOTHING = 0.012
const HALF_EDGE = 0.016
/** A place with the skin or the picture's end on one side of it speaks against a muscle. */
const NO_TISSUE = -0.3
/** One place counts for no more than this share of the breast's grey levels. */
const MOST_STEP = 0.4
/** A longer line is the better one of two that are equally clear. */
const LENGTH_POWER = 0.3
/** Angle between edge and chest wall, degrees. */
const ANGLES = { least: 6, most: 55 }

/** What a line must show to be taken for the muscle's edge; chosen on the marked images of the developing half. */
const LEAST_STEP = 0.1
const LEAST_CLEAR = 0.85
const CLEAR_STEP = 0.03
const LEAST_LENGTH = 0.26

/**
 * The edge of the pectoral muscle on an MLO view hung upright: of all straight lines from the upper end of the breast to
 * the chest wall the one along which grey falls most from behind to before it. Grey is taken as its rank among the
 * pixels of the breast, so that film and processed images are alike.
 * @param breast the exposed breast, of the image's size
 * @returns absent where no line is clear enough: the muscle may not be in the picture.
 * Source: a straight line from gradients as N. Karssemeijer, Phys. Med. Biol. 43(2), 1998, and S. M. Kwok and others,
 * IEEE Trans. Med. Imaging 23(9), 2004, without their refinement to a curve.
 */
export function pectoralMuscle(image: GreyImage, breast: Mask): PectoralMuscle | Absent {
  const wall = chestWallOf(breast)
  if (isAbsent(wall)) return wall
  const size = withinSide(image, WORKING_SIDE_PX)
  const [scaleX, scaleY] = [size.width / image.width, size.height / image.height]
  const corner = cornerOf(image, breast, size, {
    wall: (wall.chestWallPx * wall.posterior.x + 0.5) * scaleX - 0.5,
    anterior: wall.posterior.x === 1 ? -1 : 1,
  })
  const line = clearestLine(corner)
  const { step, clear, length, forward, down } = line
  if (step < LEAST_STEP || clear < LEAST_CLEAR || length < LEAST_LENGTH) return absent('pectoral-muscle-not-found')
  const original = (x: number, y: number): Point => ({ x: (x + 0.5) / scaleX - 0.5, y: (y + 0.5) / scaleY - 0.5 })
  const upper = original(corner.wall + corner.anterior * forward, corner.top)
  const lower = original(corner.wall, corner.top + down)
  const bottom = Math.min(lower.y, original(0, corner.top + corner.breastHeight - 1).y)
  const seen = between(upper, lower, (bottom - upper.y) / (lower.y - upper.y))
  return { edgePx: [upper, seen], mask: behind(breast, upper, lower) }
}

/** The image in working pixels, and where its upper corner at the chest wall lies. */
interface Corner extends Size {
  /** Rank of the smoothed grey within the breast, 0..1; NaN outside. */
  readonly rank: Float32Array
  readonly wall: number
  /** Sign of x from the chest wall forward. */
  readonly anterior: 1 | -1
  readonly top: number
  readonly breastWidth: number
  readonly breastHeight: number
}

function cornerOf(
  image: GreyImage,
  breast: Mask,
  size: Size,
  { wall, anterior }: Pick<Corner, 'wall' | 'anterior'>,
): Corner {
  const small = resize(image, size)
  const [scaleX, scaleY] = [size.width / image.width, size.height / image.height]
  const inside = maskIntoFrame(breast, { original: image, standard: size, scaleX, scaleY, offsetX: 0, offsetY: 0 })
  let [top, bottom, reach] = [size.height, 0, 0]
  for (let i = 0; i < inside.data.length; i++) {
    if (inside.data[i] === 0) continue
    const y = Math.floor(i / size.width)
    top = Math.min(top, y)
    bottom = Math.max(bottom, y)
    reach = Math.max(reach, anterior * ((i % size.width) - wall))
  }
  const breastHeight = Math.max(1, bottom - top + 1)
  const radius = Math.max(1, Math.round(SMOOTHING * breastHeight))
  const rank = smoothInside(rankWithin(small.data, inside), inside, radius)
  return { ...size, rank, wall, anterior, top, breastWidth: reach + 1, breastHeight }
}

/** Box means, twice, over what lies inside alone; NaN outside. */
function smoothInside(values: Float32Array, inside: Mask, radius: number): Float32Array {
  const twice = (data: Float32Array) => boxMean(boxMean(data, inside, radius), inside, radius)
  const [sums, shares] = [twice(values), twice(Float32Array.from(inside.data))]
  return sums.map((sum, i) => (inside.data[i] === 1 ? sum / shares[i]! : Number.NaN))
}

interface Line {
  /** Where it meets the upper end and the chest wall, working pixels from the corner. */
  readonly forward: number
  readonly down: number
  /** As a share of the breast's extent along the chest wall. */
  readonly length: number
  /** Mean fall of the rank across it, and the share of its places where there is a fall worth the name. */
  readonly step: number
  readonly clear: number
}

function clearestLine(corner: Corner): Line {
  let best: Line = { forward: 0, down: 0, length: 0, step: 0, clear: 0 }
  let most = 0
  for (let i = 1; i <= STEPS; i++) {
    for (let j = 1; j <= STEPS; j++) {
      const forward = corner.breastWidth * (0.05 + (0.95 * i) / STEPS)
      const down = corner.breastHeight * (0.12 + (0.93 * j) / STEPS)
      const angle = (Math.atan2(forward, down) * 180) / Math.PI
      if (angle < ANGLES.least || angle > ANGLES.most) continue
      const line = judged(corner, forward, down)
      const score = line.step * line.length ** LENGTH_POWER
      if (score > most) [best, most] = [line, score]
    }
  }
  return best
}

function judged({ rank, width, height, ...corner }: Corner, forward: number, down: number): Line {
  const full = Math.hypot(forward, down)
  const edge = HALF_EDGE * corner.breastHeight
  const [acrossX, acrossY] = [(edge * down) / full, (edge * forward) / full]
  const at = (u: number, v: number) => {
    const [x, y] = [Math.round(corner.wall + corner.anterior * u), Math.round(corner.top + v)]
    return x < 0 || y < 0 || x >= width || y >= height ? Number.NaN : rank[y * width + x]!
  }
  let [places, sum, clear] = [0, 0, 0]
  for (let k = 0; k < PLACES; k++) {
    const t = (k + 0.5) / PLACES
    const [u, v] = [forward * (1 - t), down * t]
    if (u < acrossX || v < acrossY) continue
    places++
    const step = at(u - acrossX, v - acrossY) - at(u + acrossX, v + acrossY)
    sum += Number.isNaN(step) ? NO_TISSUE : Math.max(-MOST_STEP, Math.min(MOST_STEP, step))
    if (step > CLEAR_STEP) clear++
  }
  const isJudged = places >= PLACES / 3
  const length = full / corner.breastHeight
  return { forward, down, length, step: isJudged ? sum / places : 0, clear: isJudged ? clear / places : 0 }
}

/** The pixels of the breast between the line and the chest wall, above where they meet. */
function behind(breast: Mask, upper: Point, lower: Point): Mask {
  const { width, height, data } = breast
  const mask = Mask.empty(breast)
  const toWall = Math.sign(lower.x - upper.x)
  for (let y = 0; y < height && y <= lower.y; y++) {
    const edge = upper.x + ((y - upper.y) / (lower.y - upper.y)) * (lower.x - upper.x)
    for (let x = 0; x < width; x++) {
      if (data[y * width + x] === 1 && toWall * (x - edge) >= 0) mask.data[y * width + x] = 1
    }
  }
  return mask
}
