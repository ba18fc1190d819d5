/** Mean of the values at the given places, summed in float64. */
export function meanAt(values: Float32Array, places: readonly number[]): number {
  let sum = 0
  for (const place of places) sum += values[place]!
  return sum / places.length
}

/**
 * Contrast-to-noise ratio of two sets of values: |difference of the means| / sqrt(sum of the variances). Unitless, 0 and
 * more; infinite or undefined where neither varies. Compressing the dynamic range changes it, so {@link generalisedCnr}
 * leads. Source: Patterson and Foster, Ultrason. Imaging 5(3), 1983.
 */
export function contrastToNoiseRatio(inside: Float32Array, outside: Float32Array): number {
  const [a, b] = [momentsOf(inside), momentsOf(outside)]
  return Math.abs(a.mean - b.mean) / Math.sqrt(a.variance + b.variance)
}

function momentsOf(values: Float32Array): { readonly mean: number; readonly variance: number } {
  let [sum, squares] = [0, 0]
  for (let i = 0; i < values.length; i++) sum += values[i]!
  const mean = sum / values.length
  for (let i = 0; i < values.length; i++) squares += (values[i]! - mean) ** 2
  return { mean, variance: squares / values.length }
}

/** The largest number of histogram bins; an 8-bit image has one per level. */
const MAX_BINS = 256

/**
 * Generalised contrast-to-noise ratio of two sets of values: 1 - overlap of their histograms. Unitless, 0..1.
 * Bins are runs of ranks, one per level while there are at most 256 levels, so that a strictly increasing change of
 * the values leaves the result as it was. Source: Rodriguez-Molares et al. 2020, doi:10.1109/TUFFC.2019.2956855.
 */
export function generalisedCnr(inside: Float32Array, outside: Float32Array): number {
  const pooled = new Float32Array(inside.length + outside.length)
  pooled.set(inside)
  pooled.set(outside, inside.length)
  const edges = upperEdges(pooled.sort())
  const p = histogram(inside, edges)
  const q = histogram(outside, edges)
  let overlap = 0
  for (let bin = 0; bin < edges.length; bin++) overlap += Math.min(p[bin]! / inside.length, q[bin]! / outside.length)
  return 1 - overlap
}

/** The largest value of each bin: every level, or as equally filled as ties allow. */
function upperEdges(sorted: Float32Array): number[] {
  const levels: { value: number; count: number }[] = []
  for (const value of sorted) {
    const last = levels.at(-1)
    if (last !== undefined && last.value === value) last.count++
    else levels.push({ value, count: 1 })
  }
  if (levels.length <= MAX_BINS) return levels.map(({ value }) => value)
  const edges: number[] = []
  let seen = 0
  for (const { value, count } of levels) {
    seen += count
    if (seen >= ((edges.length + 1) * sorted.length) / MAX_BINS) edges.push(value)
  }
  return edges
}

function histogram(values: Float32Array, edges: readonly number[]): Float64Array {
  const counts = new Float64Array(edges.length)
  for (const value of values) {
    let [low, high] = [0, edges.length - 1]
    while (low < high) {
      const middle = (low + high) >> 1
      if (edges[middle]! < value) low = middle + 1
      else high = middle
    }
    counts[low]!++
  }
  return counts
}
