import { ScreeningError } from '#core/errors.ts'
import type { Size } from '#core/image.ts'

/** Discretised grey levels of one slice, row by row: 1, 2, ... inside the region of interest, 0 outside of it. */
export interface GreyLevels extends Size {
  readonly data: Uint32Array
}

/** A step from one voxel to the next: columns, rows and slices. */
export interface Direction {
  readonly x: number
  readonly y: number
  readonly z: number
}

/** The level at a place of a stack of slices of one size; 0 outside of the stack. */
export function levelAt(slices: readonly GreyLevels[], x: number, y: number, z: number): number {
  const slice = slices[z]
  if (slice === undefined || x < 0 || y < 0 || x >= slice.width || y >= slice.height) return 0
  return slice.data[y * slice.width + x]!
}

/** The highest level that occurs: N_g of the IBSI manual where levels count from 1. 0 for an empty region. */
export function highestLevel(slices: readonly GreyLevels[]): number {
  let highest = 0
  for (const { data } of slices) for (let i = 0; i < data.length; i++) if (data[i]! > highest) highest = data[i]!
  return highest
}

/** @throws SHAPE_MISMATCH unless every slice has the size of the first and as many levels as pixels. */
export function checkSlices(slices: readonly GreyLevels[]): void {
  for (const { data, width, height } of slices) {
    const [first] = slices
    if (width !== first!.width || height !== first!.height || data.length !== width * height) {
      throw new ScreeningError('SHAPE_MISMATCH', { samples: data.length, size: [first!.width, first!.height] })
    }
  }
}
