import { type Absent, absent } from './absent.ts'

/** Cells along each side of a {@link BreastMap}. */
export const MAP_CELLS = 128

/**
 * One breast in the frame that both share: 128×128 cells, the chest wall of a right breast where that of a left one is,
 * so that a cell of the left and the same cell of the right are mirrored places.
 */
export interface BreastMap {
  /** Mean grey of each cell, 0..1 of the file's range; 0 outside. */
  readonly grey: Float32Array
  /** Standard deviation of grey among the 5×5 cells around each one, as far as they are breast; 0 outside. */
  readonly texture: Float32Array
  /** 1 where the whole cell is breast, without the pectoral muscle where that was found. */
  readonly inside: Uint8Array
  /** 1 where the whole cell is breast or muscle: what lies on what is told by this. */
  readonly outline: Uint8Array
}

/** Below this overlap (Dice) of the outlines the same cell is not the same place. */
const LEAST_OVERLAP = 0.85

/** The cells that lie in both breasts and in no muscle of either, or why there are no mirrored places. */
export function commonCells(a: BreastMap, b: BreastMap): readonly number[] | Absent {
  const cells: number[] = []
  let [total, shared] = [0, 0]
  for (let i = 0; i < a.inside.length; i++) {
    total += a.outline[i]! + b.outline[i]!
    shared += a.outline[i]! & b.outline[i]!
    if (a.inside[i] === 1 && b.inside[i] === 1) cells.push(i)
  }
  return cells.length > 0 && 2 * shared >= LEAST_OVERLAP * total ? cells : absent('breasts-not-alike')
}
