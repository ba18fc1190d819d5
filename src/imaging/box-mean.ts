import type { Size } from '#core/image.ts'

/** Mean over the (2·radius+1)² square around each pixel, of what lies inside the image. Running float64 sums. */
export function boxMean(data: Float32Array, { width, height }: Size, radius: number): Float32Array {
  const sums = new Float64Array(width)
  const out = new Float32Array(width * height)
  for (let y = -radius; y < height; y++) {
    const entering = y + radius
    const leaving = y - radius - 1
    if (entering < height) for (let x = 0; x < width; x++) sums[x]! += data[entering * width + x]!
    if (leaving >= 0) for (let x = 0; x < width; x++) sums[x]! -= data[leaving * width + x]!
    if (y < 0) continue
    const rows = Math.min(entering, height - 1) - Math.max(leaving, -1)
    let sum = 0
    for (let x = 0; x < Math.min(radius, width); x++) sum += sums[x]!
    for (let x = 0; x < width; x++) {
      if (x + radius < width) sum += sums[x + radius]!
      if (x - radius - 1 >= 0) sum -= sums[x - radius - 1]!
      const columns = Math.min(x + radius, width - 1) - Math.max(x - radius, 0) + 1
      out[y * width + x] = sum / (rows * columns)
    }
  }
  return out
}
