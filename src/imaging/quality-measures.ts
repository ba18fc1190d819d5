import type { GreyImage } from '#core/image.ts'
import type { Mask } from '#core/mask.ts'
import { boxMean } from './box-mean.ts'
import { percentiles } from './contrast.ts'
import { interior } from './interior.ts'

/**
 * What is left of the differences between neighbouring pixels after a 5×5 mean: little in a sharp image, nearly all in
 * one that was blurred already. 0..1, 0 where there is no structure at all.
 * Source: F. Crété-Roffet et al., The blur effect, Proc. SPIE 6492, 2007 (which re-blurs by lines).
 */
export function blur({ width, height, data }: GreyImage, region: Mask): number {
  const size = { width, height }
  const smooth = boxMean(data, size, 2)
  const inside = interior(region, 4)
  let [before, after] = [0, 0]
  for (let y = 0; y < height - 1; y++) {
    for (let x = 0; x < width - 1; x++) {
      const i = y * width + x
      if (inside[i] === 0) continue
      before += Math.abs(data[i + 1]! - data[i]!) + Math.abs(data[i + width]! - data[i]!)
      after += Math.abs(smooth[i + 1]! - smooth[i]!) + Math.abs(smooth[i + width]! - smooth[i]!)
    }
  }
  return before === 0 ? 0 : after / before
}

/** Nearly white: 250 of 255. */
const SATURATED = 0.98

export interface Exposure {
  /** The levels that 5 % and 95 % of the region do not exceed, 0..1. */
  readonly p5: number
  readonly p95: number
  /** Share of the region that is nearly white. */
  readonly saturated: number
}

export function exposure({ data }: GreyImage, region: Mask): Exposure {
  const levels = new Float32Array(data.length)
  let [count, white] = [0, 0]
  for (let i = 0; i < data.length; i++) {
    if (region.data[i] === 0) continue
    levels[count++] = data[i]!
    if (data[i]! >= SATURATED) white++
  }
  const [p5 = 0, p95 = 0] = count === 0 ? [] : percentiles(levels.subarray(0, count), [5, 95])
  return { p5, p95, saturated: white / Math.max(count, 1) }
}

/**
 * Mammography: a breast ends in a curve at the nipple and in a straight line at the chest wall. The straighter of the
 * two sides is taken for the chest wall; this is the share of rows in which the other one runs along one column, as it
 * does where the detector's border cuts the breast.
 */
export function straightFront(region: Mask): number {
  const { width, height } = region
  const left: number[] = []
  const right: number[] = []
  for (let y = 0; y < height; y++) {
    const row = region.data.subarray(y * width, (y + 1) * width)
    const first = row.indexOf(1)
    if (first >= 0) {
      left.push(first)
      right.push(width - 1 - row.lastIndexOf(1))
    }
  }
  const tolerance = Math.max(1, Math.round(0.006 * width))
  const straight = (edge: readonly number[]) => {
    const outermost = Math.min(...edge)
    return edge.filter((x) => x - outermost <= tolerance).length / Math.max(edge.length, 1)
  }
  return Math.min(straight(left), straight(right))
}

/** Mean level (20 of 255) below which the shallow third of a scan line is taken for air. */
const NO_ECHO = 0.08

/**
 * Ultrasound: the share of the scanned columns whose shallow third is nearly black: there the probe had no contact and
 * the tissue below is missing. Columns shorter than 30 % of the image, at the edge of a sector, do not count.
 */
export function withoutContact({ width, height, data }: GreyImage, region: Mask): number {
  let [columns, dark] = [0, 0]
  for (let x = 0; x < width; x++) {
    let [top, bottom] = [height, 0]
    for (let y = 0; y < height; y++) {
      if (region.data[y * width + x] === 0) continue
      top = Math.min(top, y)
      bottom = y
    }
    const depth = bottom - top
    if (depth < 0.3 * height) continue
    const from = top + Math.round(0.04 * depth)
    const to = top + Math.round(depth / 3)
    let sum = 0
    for (let y = from; y < to; y++) sum += data[y * width + x]!
    columns++
    if (sum < NO_ECHO * (to - from)) dark++
  }
  return columns === 0 ? 0 : dark / columns
}

/**
 * Pixels of a mask whose place lies inside the region, away from its border by a 25th of the longer side.
 * @param region of the same picture, at any size
 */
export function pixelsWithin(mask: Mask, region: Mask): number {
  const inside = interior(region, Math.round(0.04 * Math.max(region.width, region.height)))
  const [scaleX, scaleY] = [region.width / mask.width, region.height / mask.height]
  let count = 0
  for (let i = 0; i < mask.data.length; i++) {
    if (mask.data[i] === 0) continue
    const [x, y] = [i % mask.width, Math.floor(i / mask.width)]
    count += inside[Math.floor((y + 0.5) * scaleY) * region.width + Math.floor((x + 0.5) * scaleX)]!
  }
  return count
}
