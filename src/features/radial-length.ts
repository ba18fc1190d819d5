import type { Point } from '#core/geometry.ts'
import { areaOf } from './outline.ts'

/** What the distances from the centroid to the outline, each divided by the longest, say of its form. Unitless. */
export interface RadialLength {
  /** 1 for a disc, less for anything else; above 0. */
  readonly mean: number
  /** Without bias correction: 0 for a disc, at most 0.5. */
  readonly standardDeviation: number
  /** How far the distance rises and falls along a sixteenth of the outline, on average: 0 for a disc. */
  readonly boundaryRoughness: number
}

/** Segments of equal length in which Kilday's roughness is taken. The paper leaves their length free. */
const SEGMENTS = 16

/**
 * Normalised radial length of an outline, points evenly spaced as smoothOutline gives them. The roughness is R = L/N times
 * the sum over N/L segments of L points of the sums of |d(i) - d(i+1)|, with N/L = 16, so that it does not depend on how
 * finely the outline is sampled.
 * Source: Kilday, Palmieri and Fox, IEEE Trans. Med. Imaging 12(4), 1993, doi:10.1109/42.251116.
 */
export function normalisedRadialLength(outline: readonly Point[]): RadialLength {
  const { centroid } = areaOf(outline)
  const radii = Float64Array.from(outline, ({ x, y }) => Math.hypot(x - centroid.x, y - centroid.y))
  let [longest, sum, changes] = [0, 0, 0]
  for (let i = 0; i < radii.length; i++) {
    longest = Math.max(longest, radii[i]!)
    sum += radii[i]!
    changes += Math.abs(radii[i]! - radii[(i + 1) % radii.length]!)
  }
  const mean = sum / radii.length
  let squares = 0
  for (let i = 0; i < radii.length; i++) squares += (radii[i]! - mean) ** 2
  return {
    mean: mean / longest,
    standardDeviation: Math.sqrt(squares / radii.length) / longest,
    boundaryRoughness: changes / longest / SEGMENTS,
  }
}
