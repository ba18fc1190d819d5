import type { Point } from '#core/geometry.ts'
import { GreyImage } from '#core/image.ts'
import type { Side } from '#core/modality.ts'
import { gradientHistograms, histogramLength } from './gradient-histogram.ts'
import { resize } from './resample.ts'
import { mirrored, mirroredTorso, type Torso } from './torso.ts'

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

/** The first stage looks at the whole torso, the second around the nipple of the first, for the breast's box. */
export function refine(prepared: Prepared, stages: readonly LinearStage[]): BreastLandmarks {
  const { centre, width } = prepared.torso
  let found: BreastLandmarks = { nipple: centre, box: [centre.x, centre.y, centre.x, centre.y] }
  for (const [index, stage] of stages.entries()) {
    const at = found.nipple
    found = landmarksAt(applyStage(stage, look(prepared, index, at)), at, width)
  }
  return found
}

function landmarksAt(out: Float64Array, at: Point, width: number): BreastLandmarks {
  const x = (index: number) => at.x + out[index]! * width
  const y = (index: number) => at.y + out[index]! * width
  return { nipple: { x: x(0), y: y(1) }, box: [x(2), y(3), x(4), y(5)] }
}

/** Both breasts. The woman's left is the image's right. */
export function locateBreasts(
  image: GreyImage,
  torso: Torso,
  stages: readonly LinearStage[],
): Readonly<Record<Side, BreastLandmarks>> {
  const right = refine(prepare(image, torso), stages)
  const left = refine(prepare(mirrored(image), mirroredTorso(torso, image.width)), stages)
  return { R: right, L: mirrorLandmarks(left, image.width) }
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
