import { type Absent, isAbsent } from '#core/absent.ts'
import type { Point } from '#core/geometry.ts'
import { GreyImage } from '#core/image.ts'
import type { Side } from '#core/modality.ts'
import { gradientHistograms, histogramLength } from './gradient-histogram.ts'
import { nippleNear } from './nipple-blob.ts'
import { resize } from './resample.ts'
import { findTorso, median, mirrored, type Torso } from './torso.ts'

/** A linear function of a patch's gradient histograms: `outputs` numbers, each `weights · histogram + bias`. */
export interface LinearStage {
  /** outputs × inputs, row by row. */
  readonly weights: Float32Array
  readonly bias: Float32Array
}

/** What each stage looks at: the side of its square patch, and how many pixels of it a torso's width makes. */
export const STAGES = [
  { sidePx: 96, torsoPx: 64 },
  { sidePx: 64, torsoPx: 128 },
  { sidePx: 48, torsoPx: 224 },
  { sidePx: 32, torsoPx: 320 },
] as const

/** Numbers that a stage gives: the nipple's x and y, and the breast's left, top, right and bottom, from the patch's centre in torso widths. */
export const OUTPUTS = 6

/** Numbers that a stage reads. */
export const stageInputs = (stage: number) => histogramLength(STAGES[stage]!.sidePx)

/** One breast as the stages see it: the woman's right one, in the left half of the image. Pixels. */
export interface BreastLandmarks {
  readonly nipple: Point
  /** left, top, right, bottom. */
  readonly box: readonly [number, number, number, number]
}

/** An image and its torso with the image's sizes for every stage. */
export interface Prepared {
  readonly torso: Torso
  readonly levels: readonly { readonly image: GreyImage; readonly scaleX: number; readonly scaleY: number }[]
}

export function prepare(image: GreyImage, torso: Torso): Prepared {
  const levels = STAGES.map(({ torsoPx }) => {
    const scale = torsoPx / torso.width
    const size = { width: Math.round(image.width * scale), height: Math.round(image.height * scale) }
    return { image: resize(image, size), scaleX: size.width / image.width, scaleY: size.height / image.height }
  })
  return { torso, levels }
}

/** The gradient histograms that a stage reads around a place of the image. */
export function look({ levels }: Prepared, stage: number, at: Point): Float32Array {
  const { image, scaleX, scaleY } = levels[stage]!
  const centre = { x: (at.x + 0.5) * scaleX - 0.5, y: (at.y + 0.5) * scaleY - 0.5 }
  return gradientHistograms(patch(image, centre, STAGES[stage]!.sidePx))
}

/** Bilinear; what is outside of the image is black. */
function patch({ width, height, data }: GreyImage, centre: Point, side: number): GreyImage {
  const at = (x: number, y: number) => (x < 0 || y < 0 || x >= width || y >= height ? 0 : data[y * width + x]!)
  const out = new Float32Array(side * side)
  const [left, top] = [centre.x - (side - 1) / 2, centre.y - (side - 1) / 2]
  const [x0, y0] = [Math.floor(left), Math.floor(top)]
  const [u, v] = [left - x0, top - y0]
  for (let y = 0; y < side; y++) {
    for (let x = 0; x < side; x++) {
      const [px, py] = [x0 + x, y0 + y]
      const above = at(px, py) * (1 - u) + at(px + 1, py) * u
      const below = at(px, py + 1) * (1 - u) + at(px + 1, py + 1) * u
      out[y * side + x] = above * (1 - v) + below * v
    }
  }
  return GreyImage.from(out, { width: side, height: side })
}

export function applyStage({ weights, bias }: LinearStage, histogram: Float32Array): Float64Array {
  return Float64Array.from(bias, (sum, output) => {
    const first = output * histogram.length
    let total = sum
    for (let i = 0; i < histogram.length; i++) total += weights[first + i]! * histogram[i]!
    return total
  })
}

/** The first stage looks at the whole torso, each later one around the nipple of the one before it. */
export function refine(
  prepared: Prepared,
  stages: readonly LinearStage[],
  from: number,
  start: Point,
): BreastLandmarks {
  let found: BreastLandmarks | undefined
  let at = start
  for (let stage = from; stage < stages.length; stage++) {
    const next = landmarksAt(applyStage(stages[stage]!, look(prepared, stage, at)), at, prepared.torso.width)
    // the box needs a patch that holds the breast; those of the last stages hold the nipple's surroundings
    found = { nipple: next.nipple, box: stage <= LAST_BOX_STAGE || found === undefined ? next.box : found.box }
    at = next.nipple
  }
  return found ?? { nipple: at, box: [at.x, at.y, at.x, at.y] }
}

const LAST_BOX_STAGE = 1

function landmarksAt(out: Float64Array, at: Point, width: number): BreastLandmarks {
  const x = (index: number) => at.x + out[index]! * width
  const y = (index: number) => at.y + out[index]! * width
  return { nipple: { x: x(0), y: y(1) }, box: [x(2), y(3), x(4), y(5)] }
}

/** Starts of the second stage around what the first one says, in torso widths. */
const REACH = 0.06
const STARTS: readonly Point[] = [-1, 0, 1].flatMap((x) => [-1, 0, 1].map((y) => ({ x: x * REACH, y: y * REACH })))

export interface Proposal extends BreastLandmarks {
  /**
   * How far nine starts come together, 0..1: 1 where all end in one point, 0 where they end as far from each other as
   * they began. It was not calibrated: it is no probability.
   */
  readonly confidence: number
}

/** The median over nine starts. */
export function locate(prepared: Prepared, stages: readonly LinearStage[]): Proposal {
  const { torso } = prepared
  const coarse = refine(prepared, stages.slice(0, 1), 0, torso.centre)
  const ends = STARTS.map(({ x, y }) => {
    const start = { x: coarse.nipple.x + x * torso.width, y: coarse.nipple.y + y * torso.width }
    return refine(prepared, stages, 1, start)
  })
  const nipple = { x: median(ends.map((end) => end.nipple.x)), y: median(ends.map((end) => end.nipple.y)) }
  const side = (index: 0 | 1 | 2 | 3) => median(ends.map(({ box }) => box[index]))
  const distances = ends.map((end) => Math.hypot(end.nipple.x - nipple.x, end.nipple.y - nipple.y))
  const confidence = Math.max(0, 1 - median(distances) / (REACH * torso.width))
  return { nipple, box: [side(0), side(1), side(2), side(3)], confidence }
}

/** What the cascade says for each side, however little its starts come together. */
export function locateSides(
  image: GreyImage,
  stages: readonly LinearStage[],
): Readonly<Record<Side, Proposal>> | Absent {
  const torso = findTorso(image)
  if (isAbsent(torso)) return torso
  const mirror = mirrored(image)
  const mirroredTorso = { ...torso, centre: { x: image.width - 1 - torso.centre.x, y: torso.centre.y } }
  const right = locate(prepare(image, torso), stages)
  const left = mirrorLandmarks(locate(prepare(mirror, mirroredTorso), stages), image.width)
  return { R: right, L: left }
}

/**
 * A proposal for each breast of a frontal thermogram, to be confirmed by a doctor. The woman's left is the image's
 * right. Absent where there is no torso. Undefined for a side whose nipple would lie outside of the image, and for both
 * where the searches for the weaker side do not come together, as on images of another kind.
 */
export function proposeLandmarks(
  image: GreyImage,
  stages: readonly LinearStage[],
): Readonly<Record<Side, Proposal | undefined>> | Absent {
  const located = locateSides(image, stages)
  return isAbsent(located) ? located : acceptSides(image, located)
}

/**
 * Of the weaker side. Chosen by cross-validation as the greatest that at least 95 % of the frontal thermograms pass.
 */
export const LEAST_CONFIDENCE = 0.009

/** What becomes of the cascade's places: none of either side, or each nipple moved to the dark spot beside it. */
export function acceptSides(
  image: GreyImage,
  located: Readonly<Record<Side, Proposal>>,
  least = LEAST_CONFIDENCE,
): Readonly<Record<Side, Proposal | undefined>> {
  if (Math.min(located.R.confidence, located.L.confidence) < least) return { R: undefined, L: undefined }
  const found = (proposal: Proposal) => {
    const nipple = nippleNear(image, proposal.nipple, proposal.box[2] - proposal.box[0])
    return isInside(nipple, image) ? { ...proposal, nipple } : undefined
  }
  return { R: found(located.R), L: found(located.L) }
}

/** The same marks in the mirrored image of this width. */
export function mirrorLandmarks<T extends BreastLandmarks>(landmarks: T, width: number): T {
  const [left, top, right, bottom] = landmarks.box
  const x = (value: number) => width - 1 - value
  return {
    ...landmarks,
    nipple: { x: x(landmarks.nipple.x), y: landmarks.nipple.y },
    box: [x(right), top, x(left), bottom],
  }
}

function isInside({ x, y }: Point, { width, height }: GreyImage): boolean {
  return x >= -0.5 && y >= -0.5 && x < width - 0.5 && y < height - 0.5
}
