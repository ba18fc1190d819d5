import { isAbsent } from '#core/absent.ts'
import { GreyImage, type Size } from '#core/image.ts'
import { Mask } from '#core/mask.ts'
import type { PixelSides } from '#core/units.ts'
import type { Lesion } from './measure.ts'
import { boundsOf } from './shape.ts'

/**
 * The lesion with everything cut down to its region and the tissue within reach, so that the work grows with the lesion
 * and not with the mammogram. Positions are those of the cut.
 * @param reach of the surroundings at most, in the unit of the pixel's sides, given the area of the region's bounds.
 */
export function cropped(lesion: Lesion, side: PixelSides, reach: (boundsArea: number) => number): Lesion {
  const { image, nipplePx, tissue, burnedIn } = lesion
  const { left, top, right, bottom } = boundsOf(lesion.region)
  const margin = reach((right - left + 1) * side.x * (bottom - top + 1) * side.y)
  const [padX, padY] = [Math.ceil(margin / side.x) + 1, Math.ceil(margin / side.y) + 1]
  const [x0, y0] = [Math.max(0, left - padX), Math.max(0, top - padY)]
  const [x1, y1] = [Math.min(image.width - 1, right + padX), Math.min(image.height - 1, bottom + padY)]
  const window = { x0, y0, width: x1 - x0 + 1, height: y1 - y0 + 1 }
  return {
    ...lesion,
    image: GreyImage.from(cut(image.data, image, window), window),
    region: Mask.from(cut(lesion.region.data, image, window), window),
    marked: Mask.from(cut(lesion.marked.data, image, window), window),
    tissue: tissue && Mask.from(cut(tissue.data, image, window), window),
    exposed: undefined,
    burnedIn: burnedIn && Mask.from(cut(burnedIn.data, image, window), window),
    nipplePx: isAbsent(nipplePx) ? nipplePx : nipplePx && { x: nipplePx.x - x0, y: nipplePx.y - y0 },
  }
}

interface Window extends Size {
  readonly x0: number
  readonly y0: number
}

function cut<T extends Float32Array | Uint8Array>(data: T, { width }: Size, window: Window): T {
  const out = data.slice(0, window.width * window.height) as T
  for (let y = 0; y < window.height; y++) {
    const start = (window.y0 + y) * width + window.x0
    out.set(data.subarray(start, start + window.width), y * window.width)
  }
  return out
}
