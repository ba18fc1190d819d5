import { type Absent, absent, isAbsent } from '#core/absent.ts'
import { type BreastMap, commonCells } from '#core/breast-map.ts'

/** Less of a region than this share within both breasts: its mirrored place is not seen. */
export const LEAST_SEEN_SHARE = 0.5

/**
 * Mean grey of a region less that of its mirrored place in the other breast, -1..1 of the range of the file.
 * @param share of each cell of the shared frame that the region covers
 */
export function contralateralDifference(share: Float32Array, own: BreastMap, other: BreastMap): number | Absent {
  const cells = commonCells(own, other)
  if (isAbsent(cells)) return cells
  let [weight, sum, whole] = [0, 0, 0]
  for (const value of share) whole += value
  for (const cell of cells) {
    weight += share[cell]!
    sum += share[cell]! * (own.grey[cell]! - other.grey[cell]!)
  }
  return whole > 0 && weight >= LEAST_SEEN_SHARE * whole ? sum / weight : absent('mirrored-place-not-seen')
}
