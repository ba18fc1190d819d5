import type { Point } from '#core/geometry.ts'
import { Mask } from '#core/mask.ts'
import { components } from './components.ts'

/**
 * The mask without its small regions; the largest stays whatever its size, so that a mask never becomes empty.
 * @param minAreaPx regions of fewer pixels are dropped (8-connected).
 */
export function withoutSpecks(mask: Mask, minAreaPx: number): Mask {
  const kept = Mask.from(mask.data, mask)
  for (const { areaPx, firstPx } of components(mask).slice(1)) {
    if (areaPx < minAreaPx) clear(kept, firstPx)
  }
  return kept
}

/** Clears the region that holds a pixel. */
function clear({ data, width, height }: Mask, { x, y }: Point): void {
  const stack = [y * width + x]
  data[y * width + x] = 0
  for (let pixel = stack.pop(); pixel !== undefined; pixel = stack.pop()) {
    const [column, row] = [pixel % width, Math.floor(pixel / width)]
    for (let ny = Math.max(row - 1, 0); ny <= Math.min(row + 1, height - 1); ny++) {
      for (let nx = Math.max(column - 1, 0); nx <= Math.min(column + 1, width - 1); nx++) {
        const next = ny * width + nx
        if (data[next] === 0) continue
        data[next] = 0
        stack.push(next)
      }
    }
  }
}
