import { GreyImage } from '#core/image.ts'
import { Mask } from '#core/mask.ts'
import { fixedBinSize } from './discretise.ts'
import type { GreyLevels } from './grey-levels.ts'
import type { Aggregation } from './texture-aggregation.ts'

/**
 * The IBSI-1 digital phantom: 5 x 4 x 4 voxels (x, y, z) of 2 mm, drawn in the reference manual (arXiv:1612.07003v11,
 * section 5.1; github.com/theibsi/data_sets, by Alex Zwanenburg, CC BY 4.0). Brackets mark voxels outside of the region.
 */
const PHANTOM = [
  ['1 4 4 1 1', '1 4 6 1 1', '4 1 6 4 1', '4 4 6 4 1'],
  ['1 4 4 1 1', '1 1 6 1 1', '[1] 1 3 1 1', '4 4 6 1 1'],
  ['1 4 4 [1] [1]', '1 1 1 1 1', '1 1 [9] 1 1', '1 1 6 1 1'],
  ['1 4 4 [1] [1]', '1 1 1 1 1', '1 1 1 1 1', '1 1 6 1 1'],
]

const SIZE = { width: 5, height: 4 }
const voxels = PHANTOM.map((rows) => rows.flatMap((row) => row.split(' ')))

/** The intensities of the region, which need no discretisation. */
export const PHANTOM_VALUES: readonly number[] = voxels
  .flat()
  .filter((text) => !text.startsWith('['))
  .map(Number)

/** The slices as grey levels: fixed bins of size 1 from 1, which leave the levels as they are. */
export const PHANTOM_SLICES: readonly GreyLevels[] = voxels.map((slice) => {
  const grey = Float32Array.from(slice, (text) => Number(text.replace(/\D/g, '')))
  const inside = Uint8Array.from(slice, (text) => (text.startsWith('[') ? 0 : 1))
  return fixedBinSize(GreyImage.from(grey, SIZE), Mask.from(inside, SIZE), { lowest: 1, binWidth: 1 })
})

/** Half a unit of the third significant digit: the manual prints three and gives the phantom no other tolerance. */
export function halfUnit(published: number): number {
  return 0.5 * 10 ** (Math.floor(Math.log10(Math.abs(published))) - 2)
}

/** The published values of one feature, in the order of the columns of the manual's tables. */
export type Published = readonly [number, number, number, number, number, number]

export const AGGREGATIONS: readonly Aggregation[] = [
  '2D-averaged',
  '2D-slice-merged',
  '2.5D-direction-merged',
  '2.5D-merged',
  '3D-averaged',
  '3D-merged',
]
