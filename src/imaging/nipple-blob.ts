import type { Point } from '#core/geometry.ts'
import type { GreyImage } from '#core/image.ts'

/** Lengths over the breast's width; chosen by cross-validation on the develop part. */
export const LOCAL_STEP = { reach: 0.08, sigma: 0.023, trust: 0.03, leastDarkness: 0.005 } as const

/**
 * In most thermograms the nipple is a small disc that is cooler, so darker, than the skin around it. The darkest spot
 * near a proposed place, weighted by a Gaussian of its distance; the place itself where no spot stands out. Bright
 * spots were tried and did not help.
 *
 * @param breastWidth pixels.
 */
export function nippleNear(image: GreyImage, place: Point, breastWidth: number): Point {
  const { reach, sigma, trust, leastDarkness } = LOCAL_STEP
  // a breast of less than some pixels has no spot to be seen, and no proposal has a sane box of that width
  if (!(breastWidth * sigma >= 0.5) || breastWidth > image.width) return place
  let best = { at: place, weight: 0 }
  for (const { at, darkness } of blobsAround(image, place, {
    reach: reach * breastWidth,
    sigma: sigma * breastWidth,
  })) {
    if (darkness < leastDarkness) continue
    const distance = Math.hypot(at.x - place.x, at.y - place.y) / (trust * breastWidth)
    const weight = darkness * Math.exp(-(distance ** 2) / 2)
    if (weight > best.weight) best = { at, weight }
  }
  return best.at
}

/** A place that is darker or brighter than its surroundings. */
export interface Blob {
  readonly at: Point
  /** Grey levels of 0..1 by which the surroundings are brighter; negative for a bright blob. */
  readonly darkness: number
}

/** The wide Gaussian's standard deviation over the narrow one's (D. Marr, E. Hildreth, Proc. R. Soc. B 207, 1980). */
const WIDE = 1.6

/**
 * The places within `reach` of `centre` that differ more from their surroundings than the eight pixels around them do:
 * extrema of a difference of Gaussians. A disc answers most where `sigma` is about 0.6 of its radius. Lengths in pixels;
 * the image's border is repeated outward.
 */
export function blobsAround(
  image: GreyImage,
  centre: Point,
  { reach, sigma }: { readonly reach: number; readonly sigma: number },
): Blob[] {
  const half = Math.ceil(reach) + 1
  const [x0, y0] = [Math.round(centre.x) - half, Math.round(centre.y) - half]
  const side = 2 * half + 1
  const narrow = smoothed(image, { x0, y0, side }, sigma)
  const answer = smoothed(image, { x0, y0, side }, WIDE * sigma)
  for (let i = 0; i < answer.length; i++) answer[i]! -= narrow[i]!
  const blobs: Blob[] = []
  for (let y = 1; y < side - 1; y++) {
    for (let x = 1; x < side - 1; x++) {
      const at = { x: x0 + x, y: y0 + y }
      if (at.x < 0 || at.y < 0 || at.x >= image.width || at.y >= image.height) continue
      if (Math.hypot(at.x - centre.x, at.y - centre.y) > reach || !isExtremum(answer, side, y * side + x)) continue
      blobs.push({ at, darkness: answer[y * side + x]! })
    }
  }
  return blobs
}

/** Further from zero than every neighbour. */
function isExtremum(answer: Float64Array, side: number, i: number): boolean {
  const sign = Math.sign(answer[i]!)
  if (sign === 0) return false
  const value = sign * answer[i]!
  for (const step of [1, side - 1, side, side + 1]) {
    if (sign * answer[i - step]! >= value || sign * answer[i + step]! > value) return false
  }
  return true
}

interface Window {
  readonly x0: number
  readonly y0: number
  readonly side: number
}

/** The window of the image under a Gaussian, row by row. */
function smoothed({ width, height, data }: GreyImage, { x0, y0, side }: Window, sigma: number): Float64Array {
  const kernel = gaussian(sigma)
  const radius = (kernel.length - 1) / 2
  const tall = side + 2 * radius
  const rows = new Float64Array(tall * side)
  for (let y = 0; y < tall; y++) {
    const line = clamp(y0 - radius + y, height) * width
    for (let x = 0; x < side; x++) {
      let sum = 0
      for (let k = 0; k < kernel.length; k++) sum += kernel[k]! * data[line + clamp(x0 + x + k - radius, width)]!
      rows[y * side + x] = sum
    }
  }
  const out = new Float64Array(side * side)
  for (let i = 0; i < out.length; i++) {
    let sum = 0
    for (let k = 0; k < kernel.length; k++) sum += kernel[k]! * rows[i + k * side]!
    out[i] = sum
  }
  return out
}

const clamp = (at: number, size: number) => Math.min(Math.max(at, 0), size - 1)

/** Up to three standard deviations, of sum 1. */
function gaussian(sigma: number): Float64Array {
  const radius = Math.ceil(3 * sigma)
  const kernel = Float64Array.from({ length: 2 * radius + 1 }, (_, i) =>
    Math.exp(-((i - radius) ** 2) / (2 * sigma ** 2)),
  )
  const sum = kernel.reduce((total, value) => total + value, 0)
  return kernel.map((value) => value / sum)
}
