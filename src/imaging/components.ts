import type { Point } from '#core/geometry.ts'
import type { Size } from '#core/image.ts'
import { Mask } from '#core/mask.ts'

/** A rectangle of whole pixels; `left` and `top` are its first column and row. */
export interface BoundsPx extends Size {
  readonly left: number
  readonly top: number
}

/** One connected region of a mask. */
export interface Component {
  readonly areaPx: number
  readonly centroidPx: Point
  readonly boundsPx: BoundsPx
  /** Its first pixel in reading order. */
  readonly firstPx: Point
  /** The region alone, at the size of the whole mask; made anew at each reading. */
  readonly mask: Mask
  /** Whether a pixel belongs to it; none outside of the mask does. */
  contains(x: number, y: number): boolean
}

/** The 8-connected regions of a mask, largest first; regions of one size in reading order. */
export function components(mask: Mask): Component[] {
  const labels = new Int32Array(mask.data.length)
  const stack = new Int32Array(mask.areaPx)
  const found: Component[] = []
  for (let seed = 0; seed < labels.length; seed++) {
    if (mask.data[seed] === 0 || labels[seed] !== 0) continue
    found.push(flood(mask, labels, stack, seed, found.length + 1))
  }
  return found.sort((a, b) => b.areaPx - a.areaPx)
}

function flood(mask: Mask, labels: Int32Array, stack: Int32Array, seed: number, label: number): Component {
  const { width, height } = mask
  let [depth, areaPx, sumX, sumY] = [0, 0, 0, 0]
  let [left, right, top, bottom] = [width, 0, height, 0]
  stack[depth++] = seed
  labels[seed] = label
  while (depth > 0) {
    const pixel = stack[--depth]!
    const y = Math.floor(pixel / width)
    const x = pixel - y * width
    areaPx++
    sumX += x
    sumY += y
    left = Math.min(left, x)
    right = Math.max(right, x)
    top = Math.min(top, y)
    bottom = Math.max(bottom, y)
    for (let ny = Math.max(y - 1, 0); ny <= Math.min(y + 1, height - 1); ny++) {
      for (let nx = Math.max(x - 1, 0); nx <= Math.min(x + 1, width - 1); nx++) {
        const next = ny * width + nx
        if (mask.data[next] === 0 || labels[next] !== 0) continue
        labels[next] = label
        stack[depth++] = next
      }
    }
  }
  return {
    areaPx,
    centroidPx: { x: sumX / areaPx, y: sumY / areaPx },
    boundsPx: { left, top, width: right - left + 1, height: bottom - top + 1 },
    firstPx: { x: seed % width, y: Math.floor(seed / width) },
    get mask() {
      const alone = Mask.empty(mask)
      for (let i = 0; i < labels.length; i++) if (labels[i] === label) alone.data[i] = 1
      return alone
    },
    contains: (x, y) => x >= 0 && y >= 0 && x < width && y < height && labels[y * width + x] === label,
  }
}

/**
 * The outer outline of each 8-connected region, in the order of {@link components}; holes are not outlined.
 *
 * An outline runs along the edges of the pixels, so its corners lie halfway between pixel centres and the area it
 * encloses is exactly that of the region with its holes filled. It is a staircase: its length is not a perimeter.
 * Corners only, clockwise on screen, the first not repeated at the end.
 */
export function contours(mask: Mask): Point[][] {
  return components(mask).map((component) => outline(mask, component))
}

/** Follows the pixel edges with the region on the right hand, from the upper left corner of its first pixel. */
function outline(mask: Mask, { firstPx }: Component): Point[] {
  const inside = (x: number, y: number) =>
    x >= 0 && y >= 0 && x < mask.width && y < mask.height && mask.data[y * mask.width + x] === 1
  const corners: Point[] = []
  let [x, y, dx, dy] = [firstPx.x, firstPx.y, 1, 0]
  do {
    x += dx
    y += dy
    // The two pixels ahead of the corner (x, y), left and right of the way.
    const aheadX = x + (dx + dy - 1) / 2
    const aheadY = y + (dy - dx - 1) / 2
    const turn = inside(aheadX, aheadY) ? 'left' : inside(aheadX - dy, aheadY + dx) ? 'none' : 'right'
    if (turn === 'none') continue
    corners.push({ x: x - 0.5, y: y - 0.5 })
    ;[dx, dy] = turn === 'left' ? [dy, -dx] : [-dy, dx]
  } while (x !== firstPx.x || y !== firstPx.y)
  return corners
}
