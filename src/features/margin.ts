import { type Absent, absent } from '#core/absent.ts'
import type { Point } from '#core/geometry.ts'
import type { GreyImage } from '#core/image.ts'
import type { PixelSides } from '#core/units.ts'
import type { RingLimits } from './ring.ts'

/** The normal stands upright on the line between the points so many before and behind: the pixel grid has few directions. */
const NEIGHBOURS = 3
/** Of the outline's points, so many must have visible tissue beside them. */
const LEAST_SHARE = 0.5

/**
 * How much grey changes across an outline: mean, over its points, of the grey `reach` outside less that `reach` inside,
 * along the normal; its absolute value, so that dark and bright regions are alike. In the unit of the image, 0 and more.
 * `surroundings-not-visible` where less than half of the points have tissue outside of them.
 * outline: as outlineOf gives it, not smoothed, in the unit of the sides; reach: in that unit.
 * Source: boundary of the mass as the difference of grey beside it, Shen et al., Ultrasound Med. Biol. 33(11), 2007.
 */
export function marginSharpness(
  image: GreyImage,
  outline: readonly Point[],
  reach: number,
  side: PixelSides,
  limits: RingLimits,
): number | Absent {
  let [sum, count] = [0, 0]
  for (const [i, point] of outline.entries()) {
    const before = outline[(i + outline.length - NEIGHBOURS) % outline.length]!
    const after = outline[(i + NEIGHBOURS) % outline.length]!
    const [along, down] = [after.x - before.x, after.y - before.y]
    const step = reach / Math.hypot(along, down)
    const at = (way: number): Point => ({
      x: (point.x + way * step * down) / side.x,
      y: (point.y - way * step * along) / side.y,
    })
    const [outside, inside] = [at(1), at(-1)]
    // Where a region is one pixel thin, the points before and behind may be one place: no normal there.
    if (!Number.isFinite(step) || !isTissue(outside, limits)) continue
    sum += greyAt(image, outside) - greyAt(image, inside)
    count++
  }
  return count < LEAST_SHARE * outline.length ? absent('surroundings-not-visible') : Math.abs(sum / count)
}

function isTissue({ x, y }: Point, { marked, tissue }: RingLimits): boolean {
  const [column, row] = [Math.round(x), Math.round(y)]
  if (column < 0 || row < 0 || column >= marked.width || row >= marked.height) return false
  const index = row * marked.width + column
  return marked.data[index] === 0 && (tissue === undefined || tissue.data[index] !== 0)
}

/** Bilinear; the edge pixel goes on beyond the edge. */
function greyAt({ data, width, height }: GreyImage, { x, y }: Point): number {
  const within = (value: number, last: number) => Math.min(Math.max(value, 0), last)
  const [u, v] = [within(x, width - 1), within(y, height - 1)]
  const [left, top] = [Math.floor(u), Math.floor(v)]
  const [right, bottom] = [Math.min(left + 1, width - 1), Math.min(top + 1, height - 1)]
  const row = (at: number) => data[at * width + left]! * (1 - (u - left)) + data[at * width + right]! * (u - left)
  return row(top) * (1 - (v - top)) + row(bottom) * (v - top)
}
