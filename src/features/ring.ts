import type { Mask } from '#core/mask.ts'
import { PIXEL_GRID, type PixelSides } from '#core/units.ts'
import { squaredDistances } from '#imaging/distance.ts'
import { boundsOf } from './shape.ts'

/** What is left out of a ring: other marked regions, and everything that is not tissue. */
export interface RingLimits {
  /** Every marked region of the image. */
  readonly marked: Mask
  /** Visible tissue, where it could be told from the background. */
  readonly tissue?: Mask | undefined
}

/** Indices of the pixels whose distance to the region is above 0 and at most `width`, less what is left out. */
export function ringAround(region: Mask, width: number, side: PixelSides, { marked, tissue }: RingLimits): number[] {
  const bounds = boundsOf(region)
  const [padX, padY] = [Math.ceil(width / side.x) + 1, Math.ceil(width / side.y) + 1]
  const [x0, x1] = [Math.max(0, bounds.left - padX), Math.min(region.width - 1, bounds.right + padX)]
  const [y0, y1] = [Math.max(0, bounds.top - padY), Math.min(region.height - 1, bounds.bottom + padY)]
  const size = { width: x1 - x0 + 1, height: y1 - y0 + 1 }
  const window = new Uint8Array(size.width * size.height)
  for (let y = y0; y <= y1; y++) {
    const row = region.data.subarray(y * region.width + x0, y * region.width + x1 + 1)
    window.set(row, (y - y0) * size.width)
  }
  const squared = squaredDistances(window, size, side)
  const ring: number[] = []
  // a hair of room: a distance equal to the width must not fall out by rounding
  const limit = width * width * (1 + 1e-9)
  let i = 0
  for (let y = y0; y <= y1; y++) {
    for (let x = x0; x <= x1; x++, i++) {
      const index = y * region.width + x
      if (squared[i]! === 0 || squared[i]! > limit || marked.data[index] !== 0) continue
      if (tissue === undefined || tissue.data[index] !== 0) ring.push(index)
    }
  }
  return ring
}

/** A quarter of the region's equivalent diameter, at least two pixels. */
export function ringWidth(equivalentDiameter: number, side: PixelSides): number {
  return Math.max(equivalentDiameter / 4, 2 * Math.max(side.x, side.y))
}

/** The ring that contrasts are measured against, on the pixel grid. */
export function equivalentRing(region: Mask, limits: RingLimits): number[] {
  return ringAround(region, ringWidth(Math.sqrt((4 * region.areaPx) / Math.PI), PIXEL_GRID), PIXEL_GRID, limits)
}
