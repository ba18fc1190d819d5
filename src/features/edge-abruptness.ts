import { type Absent, absent } from '#core/absent.ts'
import type { Point } from '#core/geometry.ts'
import type { GreyImage } from '#core/image.ts'
import type { Mask } from '#core/mask.ts'
import type { PixelSides } from '#core/units.ts'
import { greyAt } from './margin.ts'
import type { RingLimits } from './ring.ts'

/** The outline in so many arcs of one length, each read along this many normals. */
const ARCS = 64
const NORMALS_PER_ARC = 4
/** Samples from the outline to a quarter of the diameter, on either side: one each 48th of it. */
const REACH = 12
const SAMPLES = 2 * REACH
/** Samples on each side of a step: a twelfth of the diameter. */
const STEP = 4
/** A step is looked for so many samples inward and outward: an eighth of the diameter. */
const SEARCH = 6
/** The normal stands upright on the line between the points this share of the outline before and behind. */
const CHORD = 0.01
/** Of the arcs, so many must lie in visible tissue. */
const LEAST_SHARE = 0.5
/** Below it a window of a twelfth is narrower than the blur of two pixels that every picture has. */
const SMALLEST_DIAMETER_PX = 24

/**
 * How abruptly grey changes at the margin: along 64 arcs of the outline the steepest step between neighbouring windows of a
 * twelfth of the diameter, at most an eighth of it beside the outline, from arc to arc by no more than a 48th (the best such
 * way all around, by dynamic programming, since no hand draws to the pixel); the mean of those steps over the range (5th to
 * 95th percentile) of grey within a quarter of the diameter. 1 for a sharp edge without speckle, 0.3 for one blurred by a
 * Gaussian of a tenth of the diameter and for speckle without an edge. Unitless; no increasing or decreasing affine change
 * of grey alters it.
 * outline: closed, smooth as smoothOutline gives it, in the unit of the sides; diameter: of the circle of the same area, in that
 * unit. `region-too-small` below 24 pixels of diameter, `surroundings-not-visible` where fewer than half the arcs are whole.
 */
export function edgeAbruptness(
  subject: RingLimits & { readonly image: GreyImage; readonly region: Mask },
  outline: readonly Point[],
  diameter: number,
  side: PixelSides,
): number | Absent {
  if (diameter < SMALLEST_DIAMETER_PX * Math.max(side.x, side.y)) return absent('region-too-small')
  const profiles = profilesAlong(subject, outline, diameter, side)
  const whole = profiles.filter((profile) => profile !== undefined)
  if (whole.length < LEAST_SHARE * ARCS) return absent('surroundings-not-visible')
  const greys = Float64Array.from(whole.flatMap((profile) => [...profile])).sort()
  const range = greys[Math.floor(0.95 * (greys.length - 1))]! - greys[Math.floor(0.05 * (greys.length - 1))]!
  if (range === 0) return absent('no-variation')
  const sign = Math.sign(whole.reduce((sum, profile) => sum + stepAt(profile, 0), 0))
  const gains = profiles.map((profile) => profile && stepsOf(profile, sign))
  return bestWayAround(gains) / whole.length / range
}

/** Mean grey along the normals of each arc, from inside to outside; undefined where something on the way is not visible. */
function profilesAlong(
  { image, region, marked, tissue }: RingLimits & { readonly image: GreyImage; readonly region: Mask },
  outline: readonly Point[],
  diameter: number,
  side: PixelSides,
): (Float64Array | undefined)[] {
  const isVisible = (index: number) =>
    (marked.data[index] === 0 || region.data[index] !== 0) && (tissue === undefined || tissue.data[index] !== 0)
  const chord = Math.max(1, Math.round(CHORD * outline.length))
  return Array.from({ length: ARCS }, (_, arc) => {
    const profile = new Float64Array(SAMPLES)
    for (let n = 0; n < NORMALS_PER_ARC; n++) {
      const i = Math.floor(((arc + (n + 0.5) / NORMALS_PER_ARC) * outline.length) / ARCS)
      const at = outline[i]!
      const before = outline[(i + outline.length - chord) % outline.length]!
      const after = outline[(i + chord) % outline.length]!
      const [along, down] = [after.x - before.x, after.y - before.y]
      const step = diameter / (4 * REACH * Math.hypot(along, down))
      for (let k = 0; k < SAMPLES; k++) {
        const out = (k + 0.5 - REACH) * step
        const place = { x: (at.x + out * down) / side.x, y: (at.y - out * along) / side.y }
        const grey = greyAt(image, place, isVisible)
        if (grey === undefined) return undefined
        profile[k]! += grey / NORMALS_PER_ARC
      }
    }
    return profile
  })
}

/** Mean grey of the window outside less that of the window inside, `offset` samples outward of the outline. */
function stepAt(profile: Float64Array, offset: number): number {
  let sum = 0
  for (let k = 0; k < STEP; k++) sum += profile[REACH + offset + k]! - profile[REACH + offset - 1 - k]!
  return sum / STEP
}

function stepsOf(profile: Float64Array, sign: number): Float64Array {
  return Float64Array.from({ length: 2 * SEARCH + 1 }, (_, k) => sign * stepAt(profile, k - SEARCH))
}

/**
 * The largest sum of steps on a way all around that moves by at most one sample from arc to arc. Twice around, of which the
 * second lap counts, so that it ends where it began or nearly so; an arc that is not visible adds nothing.
 */
function bestWayAround(gains: readonly (Float64Array | undefined)[]): number {
  const width = 2 * SEARCH + 1
  let sums = new Float64Array(width)
  const from: Int8Array[] = []
  const laps = [...gains, ...gains]
  for (const gain of laps) {
    const next = new Float64Array(width)
    const back = new Int8Array(width)
    for (let k = 0; k < width; k++) {
      let best = k
      if (k > 0 && sums[k - 1]! > sums[best]!) best = k - 1
      if (k < width - 1 && sums[k + 1]! > sums[best]!) best = k + 1
      back[k] = best
      next[k] = sums[best]! + (gain?.[k] ?? 0)
    }
    from.push(back)
    sums = next
  }
  let at = sums.indexOf(Math.max(...sums))
  let total = 0
  for (let arc = laps.length - 1; arc >= gains.length; arc--) {
    total += laps[arc]?.[at] ?? 0
    at = from[arc]![at]!
  }
  return total
}
