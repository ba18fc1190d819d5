import { ScreeningError } from '#core/errors.ts'
import type { Point } from '#core/geometry.ts'
import type { GreyImage, Size } from '#core/image.ts'
import { Graph } from '#engine/graph.ts'
import { toOnnx } from '#engine/onnx.ts'
import type { SessionOptions } from '#engine/protocol.ts'
import { openSession } from '#engine/session.ts'
import { resize } from '#imaging/resample.ts'
import type { Torso } from '#imaging/torso.ts'
import { trunkFeatures } from './image-encoder.ts'
import { normalise } from './normalise.ts'
import { parameterSource } from './parameters.ts'
import type { Weights } from './weights.ts'

/** The image is squeezed to `sidePx` squared, and the trunk's third stage gives `channels` numbers for each of `cells` x `cells`. */
export const MAP = { sidePx: 448, cells: 28, channels: 384 } as const

/** How far a cell looks like a nipple, as a linear function of its features, and where right nipples lie. */
export interface NippleHead {
  readonly weights: Float32Array
  readonly bias: number
  /** From the torso's centre, in torso widths. */
  readonly mean: Point
  /** Inverse covariance of that place: xx, xy, yy. */
  readonly precision: readonly [number, number, number]
}

export interface NipplePlace {
  /** Pixels of the image. */
  readonly point: Point
  /** About 1 for a nipple like those that were learned from, at a usual place; 0 for nothing like one. */
  readonly peak: number
}

/** The trunk up to its third stage, in a worker. */
export interface NippleMap extends AsyncDisposable {
  /** cells x cells x channels, row by row. */
  see(image: GreyImage): Promise<Float32Array>
}

/** @param weights the base weights, which the head was trained on. @throws DEVICE_UNAVAILABLE, ENGINE_FAILED */
export async function openNippleMap(weights: Weights, options: SessionOptions = {}): Promise<NippleMap> {
  const { sidePx } = MAP
  const graph = new Graph()
  const image = graph.input('image', [1, 3, sidePx, sidePx])
  const { stage3 } = trunkFeatures(image, weights, parameterSource(graph, weights))
  const session = await openSession(toOnnx({ stage3 }), options)
  return {
    see: async (grey) => {
      const data = normalise(resize(grey, { width: sidePx, height: sidePx }))
      const { stage3: seen } = await session.run({ image: { data, shape: [1, 3, sidePx, sidePx] } })
      return seen!.data as Float32Array
    },
    [Symbol.asyncDispose]: () => session.close(),
  }
}

/** Pixels of the image at the middle of each cell, row by row. */
export function cellCentres({ width, height }: Size): Point[] {
  const { cells } = MAP
  return Array.from({ length: cells * cells }, (_, i) => ({
    x: (((i % cells) + 0.5) * width) / cells - 0.5,
    y: ((Math.floor(i / cells) + 0.5) * height) / cells - 0.5,
  }))
}

/** How unusual a place is for a right nipple: the squared Mahalanobis distance from the mean one. */
export function unusualness(
  at: Point,
  { centre, width }: Torso,
  { mean, precision }: Omit<NippleHead, 'weights' | 'bias'>,
) {
  const [dx, dy] = [(at.x - centre.x) / width - mean.x, (at.y - centre.y) / width - mean.y]
  const [xx, xy, yy] = precision
  return xx * dx * dx + 2 * xy * dx * dy + yy * dy * dy
}

/** The usual place counts as a Gaussian of twice the spread: it decides between nipples and hardly moves one. */
const PLACE_SPREAD = 2
/** What counts beside the best cell, in torso widths. */
const REACH = 0.06

/**
 * The woman's right nipple: the mean, by looks, of the cells around the one that looks most like it.
 * @param map as {@link NippleMap} sees the image. @throws SHAPE_MISMATCH
 */
export function nippleOnMap(map: Float32Array, head: NippleHead, torso: Torso, size: Size): NipplePlace {
  const { cells, channels } = MAP
  if (map.length !== cells * cells * channels) throw new ScreeningError('SHAPE_MISMATCH', { map: map.length })
  const centres = cellCentres(size)
  const looks = centres.map((at, cell) => {
    let sum = head.bias
    for (let k = 0; k < channels; k++) sum += head.weights[k]! * map[cell * channels + k]!
    return Math.max(0, sum) * Math.exp(-unusualness(at, torso, head) / (2 * PLACE_SPREAD ** 2))
  })
  const peak = looks.reduce((most, value) => Math.max(most, value), 0)
  const best = centres[looks.indexOf(peak)]!
  let [x, y, total] = [0, 0, 0]
  for (const [cell, at] of centres.entries()) {
    if (Math.hypot(at.x - best.x, at.y - best.y) >= REACH * torso.width) continue
    x += looks[cell]! * at.x
    y += looks[cell]! * at.y
    total += looks[cell]!
  }
  return { point: total > 0 ? { x: x / total, y: y / total } : best, peak }
}
