import type { Point } from '#core/geometry.ts'
import type { Mask } from '#core/mask.ts'

/** Pixels of a region beside one that is none, beyond the picture included; in reading order. */
export function borderOf({ data, width, height }: Mask): Point[] {
  const border: Point[] = []
  const isOut = (x: number, y: number) => x < 0 || y < 0 || x >= width || y >= height || data[y * width + x] === 0
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      if (data[y * width + x] === 0) continue
      if (isOut(x - 1, y) || isOut(x + 1, y) || isOut(x, y - 1) || isOut(x, y + 1)) border.push({ x, y })
    }
  }
  return border
}
