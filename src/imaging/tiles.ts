import type { GreyImage } from '#core/image.ts'

export const TILE_PX = 16

/** A square of an image, those at its right and lower border smaller; `right` and `bottom` are outside. */
export interface Tile {
  readonly left: number
  readonly top: number
  readonly right: number
  readonly bottom: number
  readonly mean: number
  /** Standard deviation of its levels. */
  readonly spread: number
  /** Root mean square of what the smooth image takes away. */
  readonly fine: number
}

/** @param smooth the same image, smoothed, as many samples. */
export function tilesOf({ width, height, data }: GreyImage, smooth: Float32Array): Tile[] {
  const tiles: Tile[] = []
  for (let top = 0; top < height; top += TILE_PX) {
    for (let left = 0; left < width; left += TILE_PX) {
      const right = Math.min(left + TILE_PX, width)
      const bottom = Math.min(top + TILE_PX, height)
      const count = (right - left) * (bottom - top)
      let [sum, squares, fine] = [0, 0, 0]
      for (let y = top; y < bottom; y++) {
        for (let i = y * width + left; i < y * width + right; i++) {
          sum += data[i]!
          squares += data[i]! ** 2
          fine += (data[i]! - smooth[i]!) ** 2
        }
      }
      const mean = sum / count
      const spread = Math.sqrt(Math.max(0, squares / count - mean ** 2))
      tiles.push({ left, top, right, bottom, mean, spread, fine: Math.sqrt(fine / count) })
    }
  }
  return tiles
}

/** 1 in the tiles, 0 elsewhere; of the size of the image. */
export function within(tiles: readonly Tile[], { width, height }: GreyImage): Uint8Array {
  const inside = new Uint8Array(width * height)
  for (const { left, top, right, bottom } of tiles) {
    for (let y = top; y < bottom; y++) inside.fill(1, y * width + left, y * width + right)
  }
  return inside
}
