import type { Mask } from '#core/mask.ts'

/** Which share of the pixels inside is darker than each of them, 0..1; 0 outside. Free of the scale of the grey. */
export function rankWithin(data: Float32Array, inside: Mask): Float32Array {
  const sorted = data.filter((_, i) => inside.data[i] === 1).sort()
  const darker = (value: number) => {
    let [low, high] = [0, sorted.length]
    while (low < high) {
      const middle = (low + high) >> 1
      if (sorted[middle]! < value) low = middle + 1
      else high = middle
    }
    return low
  }
  return data.map((value, i) => (inside.data[i] === 1 ? darker(value) / sorted.length : 0))
}
