import type { Mask } from '#core/mask.ts'
import { boundsOf, type PixelSides } from './shape.ts'

/** What is left out of a ring: other marked regions, and everything that is not tissue. */
export interface RingLimits {
  /** Every marked region of the image. */
  readonly marked: Mask
  /** Visible tissue, where it could be told from the background. */
  readonly tissue?: Mask | undefined
}

/** Indices of the pixels whose distance to the region is above 0 and at most `width`, less what is left out. */
export function ringAround(region: Mask, width: number, side: PixelSides, { marked, tissue }: RingLimits): number[] {
  const bounds = boundsOf(region)
  const [padX, padY] = [Math.ceil(width / side.x) + 1, Math.ceil(width / side.y) + 1]
  const [x0, x1] = [Math.max(0, bounds.left - padX), Math.min(region.width - 1, bounds.right + padX)]
  const [y0, y1] = [Math.max(0, bounds.top - padY), Math.min(region.height - 1, bounds.bottom + padY)]
  const squared = squaredDistances(region, { x0, y0, x1, y1 }, side)
  const ring: number[] = []
  // a hair of room: a distance equal to the width must not fall out by rounding
  const limit = width * width * (1 + 1e-9)
  let i = 0
  for (let y = y0; y <= y1; y++) {
    for (let x = x0; x <= x1; x++, i++) {
      const index = y * region.width + x
      if (squared[i]! === 0 || squared[i]! > limit || marked.data[index] !== 0) continue
      if (tissue === undefined || tissue.data[index] !== 0) ring.push(index)
    }
  }
  return ring
}

interface Window {
  readonly x0: number
  readonly y0: number
  readonly x1: number
  readonly y1: number
}

/** Exact squared Euclidean distance to the region within a window. Felzenszwalb and Huttenlocher, Theory of Computing 8, 2012. */
function squaredDistances(region: Mask, { x0, y0, x1, y1 }: Window, side: PixelSides): Float64Array {
  const [width, height] = [x1 - x0 + 1, y1 - y0 + 1]
  const out = new Float64Array(width * height)
  const row = new Float64Array(width)
  const column = new Float64Array(height)
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      row[x] = region.data[(y + y0) * region.width + x + x0] === 0 ? Number.POSITIVE_INFINITY : 0
    }
    out.set(lowerEnvelope(row, side.x), y * width)
  }
  for (let x = 0; x < width; x++) {
    for (let y = 0; y < height; y++) column[y] = out[y * width + x]!
    const distances = lowerEnvelope(column, side.y)
    for (let y = 0; y < height; y++) out[y * width + x] = distances[y]!
  }
  return out
}

/** min over q of f(q) + (step (p - q))², for every p. */
function lowerEnvelope(f: Float64Array, step: number): Float64Array {
  const n = f.length
  const out = new Float64Array(n).fill(Number.POSITIVE_INFINITY)
  const vertices: number[] = []
  const from: number[] = []
  for (let q = 0; q < n; q++) {
    if (f[q] === Number.POSITIVE_INFINITY) continue
    let start = Number.NEGATIVE_INFINITY
    while (vertices.length > 0) {
      const v = vertices.at(-1)!
      start = (f[q]! - f[v]! + step * step * (q * q - v * v)) / (2 * step * step * (q - v))
      if (start > from.at(-1)!) break
      vertices.pop()
      from.pop()
      start = Number.NEGATIVE_INFINITY
    }
    vertices.push(q)
    from.push(start)
  }
  for (let p = 0, k = 0; p < n && vertices.length > 0; p++) {
    while (k + 1 < vertices.length && from[k + 1]! <= p) k++
    const v = vertices[k]!
    out[p] = f[v]! + (step * (p - v)) ** 2
  }
  return out
}
