/** What a model's own probabilities say of how far its mask can be trusted. */
import type { Size } from '#core/image.ts'
import type { Component } from '#imaging/components.ts'
import { type Frame, toOriginal } from '#imaging/frame.ts'
import { logitSampler } from '#imaging/resample.ts'
import { spread } from '#imaging/spread.ts'
import type { ConfidenceMap } from './model.ts'
import type { Prediction } from './predict.ts'

/** Soft Dice of a mask and of each of its regions, in the order of the regions. */
export interface SoftDice {
  readonly mask: number
  readonly regions: readonly number[]
}

/**
 * Soft Dice of a mask against the probabilities it came from: 2·Σp over the mask / (Σp over the image + its area), on the
 * model's own cells. It is the Dice that the mask would have if the probabilities were true and pixels independent. Of
 * a region alone, the image is the cells that are nearer to it than to any other. Unitless, 0..1; of an empty mask 0.
 * Source: Borges, Pacheco and Silva 2024, Soft Dice Confidence, arXiv:2402.10665.
 *
 * @param regions the components of the mask at the original's size.
 */
export function softDice({ maskLogits, maskSize }: Prediction, frame: Frame, regions: readonly Component[]): SoftDice {
  const owners = ownersOfCells(maskSize, frame, regions)
  const nearest = Int32Array.from(owners)
  spread(nearest, maskSize, () => true)
  const [inside, near, cells] = [0, 1, 2].map(() => new Float64Array(regions.length + 1)) as [
    Float64Array,
    Float64Array,
    Float64Array,
  ]
  for (let i = 0; i < owners.length; i++) {
    if (nearest[i]! <= 0) continue
    const p = 1 / (1 + Math.exp(-maskLogits[i]!))
    near[nearest[i]!]! += p
    if (owners[i]! <= 0) continue
    inside[owners[i]!]! += p
    cells[owners[i]!]!++
  }
  const dice = (both: number, expected: number, marked: number) => (marked === 0 ? 0 : (2 * both) / (expected + marked))
  const total = (of: Float64Array) => of.reduce((sum, value) => sum + value, 0)
  return {
    mask: dice(total(inside), total(near), total(cells)),
    regions: regions.map((_, i) => dice(inside[i + 1]!, near[i + 1]!, cells[i + 1]!)),
  }
}

const OUTSIDE = -1

/** The number (from 1) of the region that each cell's centre lies in, 0 for none, -1 for a letterbox's padding. */
function ownersOfCells(grid: Size, frame: Frame, regions: readonly Component[]): Int32Array {
  const { original, standard } = frame
  const owners = new Int32Array(grid.width * grid.height)
  for (let i = 0; i < owners.length; i++) {
    const centre = toOriginal(frame, {
      x: (((i % grid.width) + 0.5) * standard.width) / grid.width - 0.5,
      y: ((Math.floor(i / grid.width) + 0.5) * standard.height) / grid.height - 0.5,
    })
    const [x, y] = [Math.round(centre.x), Math.round(centre.y)]
    const isOutside = x < 0 || y < 0 || x >= original.width || y >= original.height
    owners[i] = isOutside ? OUTSIDE : regions.findIndex((region) => region.contains(x, y)) + 1
  }
  return owners
}

/** Half the width of the band, as a logit: odds of three times the outline's own, and of a third. */
const BAND_LOGIT = Math.log(3)

/**
 * Where the outline of each region might as well run: the area, in pixels of the original, between the contours on which
 * the odds are a third and three times those of the mask's threshold; at a threshold of 1/2 these are the probabilities
 * 1/4 and 3/4. A pixel outside of the mask counts for the region that reaches it first through pixels of the band.
 *
 * @param maskThreshold the probability along the outline.
 * @param regions the components of the mask at the original's size.
 */
export function bandAreasPx(
  { maskLogits, maskSize }: Prediction,
  frame: Frame,
  regions: readonly Component[],
  maskThreshold: number,
): readonly number[] {
  const outlineLogit = Math.log(maskThreshold / (1 - maskThreshold))
  const size = frame.original
  const logit = logitSampler(maskLogits, maskSize, frame)
  const beyond = (x: number, y: number) => logit(x, y) - outlineLogit
  const owners = new Int32Array(size.width * size.height)
  for (const [i, region] of regions.entries()) {
    const { left, top, width, height } = region.boundsPx
    for (let y = top; y < top + height; y++) {
      for (let x = left; x < left + width; x++) if (region.contains(x, y)) owners[y * size.width + x] = i + 1
    }
  }
  spread(owners, size, (x, y) => beyond(x, y) > -BAND_LOGIT)
  const areas = regions.map(() => 0)
  for (let y = 0; y < size.height; y++) {
    for (let x = 0; x < size.width; x++) {
      const owner = owners[y * size.width + x]!
      if (owner > 0 && Math.abs(beyond(x, y)) < BAND_LOGIT) areas[owner - 1]!++
    }
  }
  return areas
}

/** Soft Dice on the scale on which a confidence map is linear; what lies within a thousandth of 0 or 1 counts as that. */
export function confidenceLogit(softDice: number): number {
  const p = Math.min(Math.max(softDice, 0.001), 0.999)
  return Math.log(p / (1 - p))
}

/** The Dice to be expected, 0..1. */
export function expectedDice({ intercept, slope, range: [low, high] }: ConfidenceMap, softDice: number): number {
  const held = Math.min(Math.max(softDice, low), high)
  return 1 / (1 + Math.exp(-(intercept + slope * confidenceLogit(held))))
}
