import type { GreyImage } from '#core/image.ts'
import { boxMean } from './box-mean.ts'
import type { Tile } from './tiles.ts'

/** ln of mean vertical over mean horizontal difference of pixels `apart`, where all three are inside. */
export function layering({ width, height, data }: GreyImage, inside: Uint8Array, apart: number): number {
  let [across, down] = [0, 0]
  for (let y = 0; y + apart < height; y++) {
    for (let x = 0; x + apart < width; x++) {
      const i = y * width + x
      const right = i + apart
      const below = i + apart * width
      if (inside[i] === 0 || inside[right] === 0 || inside[below] === 0) continue
      across += Math.abs(data[right]! - data[i]!)
      down += Math.abs(data[below]! - data[i]!)
    }
  }
  return logRatio(down, across)
}

/** Share of tiles whose vertical differences exceed their horizontal ones by a tenth. */
export function layeredTiles({ width, height, data }: GreyImage, tiles: readonly Tile[]): number {
  let layered = 0
  for (const { left, top, right, bottom } of tiles) {
    let [across, down] = [0, 0]
    for (let y = top; y < Math.min(bottom, height - 1); y++) {
      for (let i = y * width + left; i < y * width + Math.min(right, width - 1); i++) {
        across += Math.abs(data[i + 1]! - data[i]!)
        down += Math.abs(data[i + width]! - data[i]!)
      }
    }
    if (down > 1.1 * across) layered++
  }
  return tiles.length === 0 ? 0 : layered / tiles.length
}

/** ln of root mean square over mean of horizontal differences inside. */
export function edgeTails({ width, height, data }: GreyImage, inside: Uint8Array): number {
  let [count, sum, squares] = [0, 0, 0]
  for (let y = 0; y < height; y++) {
    for (let i = y * width; i + 1 < (y + 1) * width; i++) {
      if (inside[i] === 0 || inside[i + 1] === 0) continue
      const difference = Math.abs(data[i + 1]! - data[i]!)
      count++
      sum += difference
      squares += difference ** 2
    }
  }
  return count === 0 ? 0 : logRatio(Math.sqrt(squares / count), sum / count)
}

/** Grain over the mean level, which counts from 0.02 up: of black, the least rounding would be a large share. */
export function grainOf({ fine, mean }: Tile): number {
  return fine / Math.max(mean, 0.02)
}

/** ln of 90th over 10th percentile of the tiles' grain. */
export function unevenness(tiles: readonly Tile[]): number {
  const grains = tiles.map(grainOf)
  return logRatio(quantile(grains, 0.9), quantile(grains, 0.1))
}

/**
 * Of the variance inside, once the means of rows and columns are taken off, the share that a mean over 11 pixels leaves,
 * 0..1.
 */
export function coarseShare({ width, height, data }: GreyImage, inside: Uint8Array): number {
  const rest = withoutProfiles(data, inside, width, height)
  const coarse = boxMean(rest, { width, height }, 5)
  let [before, after] = [0, 0]
  for (let i = 0; i < rest.length; i++) {
    if (inside[i] === 0) continue
    before += rest[i]! ** 2
    after += coarse[i]! ** 2
  }
  return before === 0 ? 0 : after / before
}

/** What is inside, less the means of its row and its column; 0 outside. */
function withoutProfiles(data: Float32Array, inside: Uint8Array, width: number, height: number): Float32Array {
  const [rows, inRow] = [new Float64Array(height), new Float64Array(height)]
  const [columns, inColumn] = [new Float64Array(width), new Float64Array(width)]
  let [sum, count] = [0, 0]
  for (let i = 0; i < data.length; i++) {
    if (inside[i] === 0) continue
    const [x, y] = [i % width, Math.floor(i / width)]
    rows[y]! += data[i]!
    inRow[y]!++
    columns[x]! += data[i]!
    inColumn[x]!++
    sum += data[i]!
    count++
  }
  const rest = new Float32Array(data.length)
  for (let i = 0; i < data.length; i++) {
    if (inside[i] === 0) continue
    const [x, y] = [i % width, Math.floor(i / width)]
    rest[i] = data[i]! - rows[y]! / inRow[y]! - columns[x]! / inColumn[x]! + sum / count
  }
  return rest
}

/** The smallest value that at least this share do not exceed; 0 of nothing. */
export function quantile(values: readonly number[], share: number): number {
  const sorted = Float64Array.from(values).sort()
  return sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? 0
}

/** Bounded, so that an image without one of the two does not outweigh all others. */
function logRatio(over: number, under: number): number {
  return over === 0 && under === 0 ? 0 : Math.max(-3, Math.min(3, Math.log(over / under)))
}
