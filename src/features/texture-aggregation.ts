import { type Absent, absent } from '#core/absent.ts'
import { unreachable } from '#core/errors.ts'
import { checkSlices, type Direction, type GreyLevels } from './grey-levels.ts'

/**
 * How the texture matrices of several directions and slices become one value, in the words of the IBSI reference manual
 * (section 3.6): averaged, each matrix gives its features and those are averaged (BTW3; in space ITBB); merged, counts
 * are added first, per slice (SUJT), per direction (JJUI), or all (ZW7Z; in space IAZD).
 */
export type Aggregation =
  | '2D-averaged'
  | '2D-slice-merged'
  | '2.5D-direction-merged'
  | '2.5D-merged'
  | '3D-averaged'
  | '3D-merged'

/** Counts by grey level (one row each, from level 1) and by what the matrix is of (columns). */
export interface TextureMatrix {
  readonly rows: number
  readonly columns: number
  readonly counts: Float64Array
}

/** The four directions at distance 1 in a plane; the opposite four say the same. */
const PLANE: readonly Direction[] = [
  { x: 1, y: 0, z: 0 },
  { x: 1, y: 1, z: 0 },
  { x: 0, y: 1, z: 0 },
  { x: -1, y: 1, z: 0 },
]

/** The thirteen directions at distance 1 in space. */
const SPACE: readonly Direction[] = [
  ...PLANE,
  ...[-1, 0, 1].flatMap((y) => [-1, 0, 1].map((x) => ({ x, y, z: 1 }) satisfies Direction)),
]

/**
 * Texture features of a stack of slices. Matrices without a count, as a region one pixel wide has across itself, are
 * left out of an average, and where there is no other the features are absent.
 * @param matrixOf counts along one direction; all of one size.
 * @param featuresOf features of one matrix that has counts.
 * @throws SHAPE_MISMATCH when the slices differ in size.
 */
export function aggregated<Name extends string>(
  slices: readonly GreyLevels[],
  aggregation: Aggregation,
  matrixOf: (slices: readonly GreyLevels[], direction: Direction) => TextureMatrix,
  featuresOf: (matrix: TextureMatrix) => Record<Name, number>,
): Record<Name, number> | Absent {
  checkSlices(slices)
  const found: Record<Name, number>[] = []
  for (const parts of partsOf(slices, aggregation)) {
    const matrix = merged(parts.map((part) => matrixOf(part.slices, part.direction)))
    if (matrix?.counts.some((count) => count > 0)) found.push(featuresOf(matrix))
  }
  const [first] = found
  if (first === undefined) return absent('region-too-small')
  const mean = { ...first }
  for (const name of Object.keys(first) as Name[]) {
    let sum = 0
    for (const features of found) sum += features[name]
    mean[name] = sum / found.length
  }
  return mean
}

interface Part {
  readonly slices: readonly GreyLevels[]
  readonly direction: Direction
}

/** Which directional matrices are added up (inner lists) before features are computed and averaged (outer list). */
function partsOf(slices: readonly GreyLevels[], aggregation: Aggregation): Part[][] {
  const bySlice = slices.map((slice) => PLANE.map((direction) => ({ slices: [slice], direction })))
  const inSpace = SPACE.map((direction) => ({ slices, direction }))
  switch (aggregation) {
    case '2D-averaged':
      return bySlice.flat().map((part) => [part])
    case '2D-slice-merged':
      return bySlice
    case '2.5D-direction-merged':
      return PLANE.map((_, direction) => bySlice.map((parts) => parts[direction]!))
    case '2.5D-merged':
      return [bySlice.flat()]
    case '3D-averaged':
      return inSpace.map((part) => [part])
    case '3D-merged':
      return [inSpace]
    default: {
      const never: never = aggregation
      throw unreachable(never)
    }
  }
}

function merged([first, ...others]: readonly TextureMatrix[]): TextureMatrix | undefined {
  for (const { counts } of others) for (let i = 0; i < counts.length; i++) first!.counts[i]! += counts[i]!
  return first
}
