import type { Size } from '#core/image.ts'
import { PIXEL_GRID, type PixelSides } from '#core/units.ts'

/**
 * Exact squared Euclidean distance of every pixel to the nearest one that is set, in the unit of the pixel's sides;
 * infinite where none is. Source: Felzenszwalb and Huttenlocher, Theory of Computing 8, 2012.
 * @param set H×W, non-zero where set.
 */
export function squaredDistances(
  set: Uint8Array,
  { width, height }: Size,
  side: PixelSides = PIXEL_GRID,
): Float64Array {
  const out = new Float64Array(width * height)
  const row = new Float64Array(width)
  const column = new Float64Array(height)
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) row[x] = set[y * width + x] === 0 ? Number.POSITIVE_INFINITY : 0
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
