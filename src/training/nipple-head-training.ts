import { cholesky, solveCholesky } from '#core/cholesky.ts'
import type { Point } from '#core/geometry.ts'
import type { Size } from '#core/image.ts'
import type { Torso } from '#imaging/torso.ts'
import { cellCentres, MAP, type NippleHead, unusualness } from '#sam/nipple-head.ts'

/** A breast as the head learns from it: the woman's right one, or her left one in a mirrored image. Pixels. */
export interface SeenBreast {
  readonly map: Float32Array
  readonly torso: Torso
  readonly size: Size
  readonly nipple: Point
  readonly breastWidth: number
}

/** Chosen by cross-validation, and not critical: 10 to 100 and 0.04 to 0.08 are as good. */
const LAMBDA = 100
/** Standard deviation of a nipple's looks over its place, in breast widths. */
const SIGMA = 0.06
/** Cells further from the usual place than four standard deviations teach nothing: background, arms, the other breast. */
const FARTHEST = 4 ** 2

/** Ridge regression of a Gaussian around each nipple on the features of the cells, with a free bias. */
export function trainNippleHead(breasts: readonly SeenBreast[]): NippleHead {
  const place = usualPlace(breasts)
  const n = MAP.channels + 1
  const gram = new Float64Array(n * n)
  const right = new Float64Array(n)
  const row = new Float64Array(n).fill(1)
  for (const { map, torso, size, nipple, breastWidth } of breasts) {
    for (const [cell, at] of cellCentres(size).entries()) {
      if (unusualness(at, torso, place) >= FARTHEST) continue
      row.set(map.subarray(cell * MAP.channels, (cell + 1) * MAP.channels))
      const distance = Math.hypot(at.x - nipple.x, at.y - nipple.y) / (SIGMA * breastWidth)
      const target = Math.exp(-(distance ** 2) / 2)
      for (let i = 0; i < n; i++) {
        right[i]! += target * row[i]!
        for (let j = 0; j <= i; j++) gram[i * n + j]! += row[i]! * row[j]!
      }
    }
  }
  for (let i = 0; i < n - 1; i++) gram[i * n + i]! += LAMBDA
  const solved = solveCholesky(cholesky(gram, n), right)
  return { ...place, weights: Float32Array.from(solved.subarray(0, n - 1)), bias: solved[n - 1]! }
}

/** Mean and inverse covariance of the nipples, from the torso's centre, in torso widths. */
function usualPlace(breasts: readonly SeenBreast[]): Pick<NippleHead, 'mean' | 'precision'> {
  const places = breasts.map(({ torso: { centre, width }, nipple }) => ({
    x: (nipple.x - centre.x) / width,
    y: (nipple.y - centre.y) / width,
  }))
  const meanOf = (of: (place: Point) => number) => places.reduce((sum, place) => sum + of(place), 0) / places.length
  const mean = { x: meanOf(({ x }) => x), y: meanOf(({ y }) => y) }
  const xx = meanOf(({ x }) => (x - mean.x) ** 2)
  const yy = meanOf(({ y }) => (y - mean.y) ** 2)
  const xy = meanOf(({ x, y }) => (x - mean.x) * (y - mean.y))
  const determinant = xx * yy - xy * xy
  return { mean, precision: [yy / determinant, -xy / determinant, xx / determinant] }
}
