import { unreachable } from '#core/errors.ts'
import { convexHull } from '#core/geometry.ts'
import { GreyImage, type Size } from '#core/image.ts'
import { Mask } from '#core/mask.ts'
import type { Modality } from '#core/modality.ts'
import { boxMean } from './box-mean.ts'
import { type BoundsPx, components } from './components.ts'
import { interior } from './interior.ts'
import { logitsToMask, resize } from './resample.ts'

/** The region is found on an image of at most this side; its outline is exact to a pixel of that. */
const WORKING_SIDE_PX = 384

/**
 * Where in the image there is breast, at the image's own size; empty for an image without any structure.
 *
 * - Mammography: the largest region brighter than the background, its holes filled. Lead letters, tags, lines along the
 *   film's edge and other things in the background are left out; where there is film within a black margin, so is that.
 *   The pectoral muscle belongs to it: see {@link pectoralMuscle}.
 * - Thermography and optical imaging, not validated: likewise, without the care for film.
 * - Ultrasound: the convex hull of the largest region that is not black, which is the scanned rectangle or sector with
 *   its shadows; text beside it is left out.
 */
export function breastRegion(image: GreyImage, modality: Modality): Mask {
  const small = resize(image, withinSide(image, WORKING_SIDE_PX))
  return enlarge(smallRegion(small, modality), image)
}

/** `size` reduced, aspect kept, so that no side is longer than `side`; never enlarged. */
export function withinSide({ width, height }: Size, side: number): Size {
  const scale = Math.min(1, side / Math.max(width, height))
  return { width: Math.max(1, Math.round(width * scale)), height: Math.max(1, Math.round(height * scale)) }
}

function smallRegion(small: GreyImage, modality: Modality): Mask {
  const smooth = GreyImage.from(boxMean(small.data, small, 1), small)
  switch (modality) {
    case 'US':
      return hull(largest(above(smooth, NEARLY_BLACK)))
    case 'MG':
      return breastOnFilm(smooth)
    case 'TG':
    case 'OT':
      return fillHoles(largest(above(smooth, backgroundThreshold(smooth.data))))
    default: {
      const never: never = modality
      throw unreachable(never)
    }
  }
}

/** A breast is round: a region that fills more of its bounds than this is the film that the breast lies on. */
const FILM_SHARE = 0.92
/** The skin on film fades into the base without a gap: the base ends where a level holds less than this of its peak. */
const FILM_END_SHARE = 0.15
/** Of the film's height, along the side that the breast does not reach. */
const BARE_SHARE = 0.8
/** Likewise, along the chest wall. */
const COVERED_SHARE = 0.5

function breastOnFilm(smooth: GreyImage): Mask {
  const lit = thickest(above(smooth, backgroundThreshold(smooth.data)))
  const whole = components(lit)[0]
  if (whole === undefined) return lit
  const { areaPx, boundsPx } = whole
  if (areaPx <= FILM_SHARE * boundsPx.width * boundsPx.height) return lit
  const onFilm = smooth.data.filter((_, i) => lit.data[i] === 1)
  const brighter = above(smooth, backgroundThreshold(onFilm, FILM_END_SHARE))
  const breast = thickest(brighter.and(lit))
  return isBareAlongOneSide(breast, lit, boundsPx) ? breast : lit
}

/**
 * Whether there is film from top to bottom on one side and breast along most of the other, as a breast lies on film;
 * otherwise the breast itself fills the view, and what is brighter is something in it.
 */
function isBareAlongOneSide(breast: Mask, lit: Mask, { left, top, width, height }: BoundsPx): boolean {
  const sides = [left + THIN_PX, left + width - 1 - THIN_PX].map((x) => {
    let [bare, covered] = [0, 0]
    for (let y = top; y < top + height; y++) {
      const at = y * lit.width + x
      covered += breast.data[at]!
      bare += lit.data[at]! - breast.data[at]!
    }
    return { isBare: bare >= BARE_SHARE * height, isCovered: covered >= COVERED_SHARE * height }
  })
  return sides.some(({ isBare }, i) => isBare && sides[1 - i]!.isCovered)
}

/** Half the width in working pixels of what is too thin to be breast, as the lit edge of a film. */
const THIN_PX = 3

/** The largest region without its holes, of that the largest that stays when everything thin is taken away, to its full outline. */
function thickest(mask: Mask): Mask {
  const solid = fillHoles(largest(mask))
  const core = largest(Mask.from(interior(solid, THIN_PX), mask))
  const around = boxMean(Float32Array.from(core.data), mask, THIN_PX + 1)
  return where(around, mask, (share, i) => share > 1e-6 && solid.data[i] === 1)
}

function where(values: Float32Array, size: Size, holds: (value: number, i: number) => boolean): Mask {
  return Mask.from(
    Uint8Array.from(values, (value, i) => Number(holds(value, i))),
    size,
  )
}

/** 6 of 255: above the noise of a video chain, below the darkest tissue. */
export const NEARLY_BLACK = 0.024

/**
 * The upper end of the background's peak in the histogram: the peak is the fullest level below Otsu's threshold
 * (N. Otsu, IEEE SMC 9(1), 1979) and ends where a level holds less than `endShare` of it. Otsu's threshold alone is too high:
 * beside bright glands it takes fat for background.
 */
function backgroundThreshold(data: Float32Array, endShare = 0.02): number {
  const bins = 256
  const counts = new Float64Array(bins)
  for (let i = 0; i < data.length; i++) counts[Math.round(data[i]! * (bins - 1))]!++
  const otsu = otsuBin(counts, data.length)
  let peak = 0
  for (let bin = 0; bin <= otsu; bin++) if (counts[bin]! > counts[peak]!) peak = bin
  let end = peak
  while (end < otsu && counts[end]! >= endShare * counts[peak]!) end++
  return (end + 0.5) / (bins - 1)
}

/** The last bin of the darker of the two classes that differ most. */
function otsuBin(counts: Float64Array, samples: number): number {
  const total = counts.reduce((sum, count, bin) => sum + bin * count, 0)
  let [below, sumBelow, best, last] = [0, 0, 0, 0]
  for (let bin = 0; bin < counts.length - 1; bin++) {
    below += counts[bin]!
    sumBelow += bin * counts[bin]!
    if (below === 0 || below === samples) continue
    const gap = sumBelow / below - (total - sumBelow) / (samples - below)
    const between = below * (samples - below) * gap * gap
    if (between > best) [best, last] = [between, bin]
  }
  return last
}

function above({ width, height, data }: GreyImage, threshold: number): Mask {
  const mask = Mask.empty({ width, height })
  for (let i = 0; i < data.length; i++) if (data[i]! > threshold) mask.data[i] = 1
  return mask
}

function largest(mask: Mask): Mask {
  return components(mask)[0]?.mask ?? mask
}

function hull(mask: Mask): Mask {
  const ends = []
  for (let y = 0; y < mask.height; y++) {
    const row = mask.data.subarray(y * mask.width, (y + 1) * mask.width)
    const first = row.indexOf(1)
    if (first >= 0) ends.push({ x: first, y }, { x: row.lastIndexOf(1), y })
  }
  const corners = convexHull(ends)
  const filled = Mask.empty(mask)
  for (let y = 0; y < mask.height; y++) {
    const [from, to] = span(corners, y)
    filled.data.fill(1, y * mask.width + Math.ceil(from), y * mask.width + Math.floor(to) + 1)
  }
  return filled
}

/** The leftmost and rightmost x at which a convex polygon meets the row y; empty (1, 0) where it does not. */
function span(corners: readonly { x: number; y: number }[], y: number): [number, number] {
  let [from, to] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY]
  for (const [i, a] of corners.entries()) {
    const b = corners[(i + 1) % corners.length] ?? a
    if (y < Math.min(a.y, b.y) || y > Math.max(a.y, b.y)) continue
    for (const x of a.y === b.y ? [a.x, b.x] : [a.x + ((y - a.y) * (b.x - a.x)) / (b.y - a.y)]) {
      from = Math.min(from, x)
      to = Math.max(to, x)
    }
  }
  return from <= to ? [from, to] : [0, -1]
}

/** Everything that a 4-connected path of background from the border does not reach. */
function fillHoles(mask: Mask): Mask {
  const { width, height } = mask
  const filled = Mask.empty(mask)
  filled.data.fill(1)
  const stack: number[] = []
  const enter = (x: number, y: number) => {
    const at = y * width + x
    if (x < 0 || y < 0 || x >= width || y >= height || mask.data[at] === 1 || filled.data[at] === 0) return
    filled.data[at] = 0
    stack.push(at)
  }
  for (let x = 0; x < width; x++) for (const y of [0, height - 1]) enter(x, y)
  for (let y = 0; y < height; y++) for (const x of [0, width - 1]) enter(x, y)
  for (let at = stack.pop(); at !== undefined; at = stack.pop()) {
    const [x, y] = [at % width, Math.floor(at / width)]
    enter(x - 1, y)
    enter(x + 1, y)
    enter(x, y - 1)
    enter(x, y + 1)
  }
  return filled
}

function enlarge(small: Mask, to: Size): Mask {
  const scale = { scaleX: small.width / to.width, scaleY: small.height / to.height }
  const original = { width: to.width, height: to.height }
  return logitsToMask(
    Float32Array.from(small.data),
    small,
    { original, standard: small, ...scale, offsetX: 0, offsetY: 0 },
    0.5,
  )
}
