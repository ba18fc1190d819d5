import { type Absent, isAbsent } from '#core/absent.ts'
import { type BreastMap, commonCells, MAP_CELLS } from '#core/breast-map.ts'
import { Mask } from '#core/mask.ts'
import { components } from '#imaging/components.ts'
import type { Celsius } from '#imaging/temperature.ts'
import { median } from '#imaging/torso.ts'

/** One breast in the frame of both, and how its grey becomes degrees Celsius. */
export interface WarmBreast {
  readonly map: BreastMap
  readonly celsius: Celsius
}

/** A place of a breast that is warmer than its mirrored place and than most of the breast. */
export interface WarmPlace {
  /** In the frame of both breasts. */
  readonly cells: Mask
  /** Of the cells that lie in both breasts, 0..1. */
  readonly share: number
  /** Mean over the place, °C. */
  readonly aboveMirrored: number
  /** Mean over the place less the breast's median, °C. */
  readonly aboveBreast: number
}

/**
 * What a hot spot is: each of its cells at least this much warmer than the other breast there and than the median of its own
 * breast, and of all cells at least this share. The definition is ours; what it finds in whom is in ADR 21.
 */
export const HOT_SPOT = { leastCelsius: 2, leastShare: 0.03 } as const

/** The hot spots of a breast, largest first; absent where the two breasts do not lie on each other. */
export function hotSpots(own: WarmBreast, other: WarmBreast): WarmPlace[] | Absent {
  const cells = commonCells(own.map, other.map)
  if (isAbsent(cells)) return cells
  const [inOwn, inOther] = [smoothCelsius(own, cells), smoothCelsius(other, cells)]
  const typical = median(cells.map((cell) => inOwn[cell]!))
  const warm = Mask.empty({ width: MAP_CELLS, height: MAP_CELLS })
  for (const cell of cells) {
    const least = Math.min(inOwn[cell]! - inOther[cell]!, inOwn[cell]! - typical)
    if (least >= HOT_SPOT.leastCelsius) warm.data[cell] = 1
  }
  return components(warm)
    .filter(({ areaPx }) => areaPx >= HOT_SPOT.leastShare * cells.length)
    .map(({ mask, areaPx }) => {
      const mean = (of: (cell: number) => number) =>
        cells.reduce((sum, cell) => sum + (mask.data[cell] === 1 ? of(cell) : 0), 0) / areaPx
      return {
        cells: mask,
        share: areaPx / cells.length,
        aboveMirrored: mean((cell) => inOwn[cell]! - inOther[cell]!),
        aboveBreast: mean((cell) => inOwn[cell]!) - typical,
      }
    })
}

/** Mean of the 3×3 cells around each, as far as they are among `cells`: a camera's noise is no spot. */
function smoothCelsius({ map, celsius: { perGrey, offset } }: WarmBreast, cells: readonly number[]): Float64Array {
  const isCommon = new Uint8Array(map.grey.length)
  for (const cell of cells) isCommon[cell] = 1
  const out = new Float64Array(map.grey.length)
  for (const cell of cells) {
    const [x, y] = [cell % MAP_CELLS, Math.floor(cell / MAP_CELLS)]
    let [sum, count] = [0, 0]
    for (let v = Math.max(0, y - 1); v <= Math.min(MAP_CELLS - 1, y + 1); v++) {
      for (let u = Math.max(0, x - 1); u <= Math.min(MAP_CELLS - 1, x + 1); u++) {
        const at = v * MAP_CELLS + u
        sum += isCommon[at]! * map.grey[at]!
        count += isCommon[at]!
      }
    }
    out[cell] = (sum / count) * perGrey + offset
  }
  return out
}
