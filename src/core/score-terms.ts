import type { FeatureName } from './features.ts'
import type { ScoreTerm } from './score.ts'

/** Farther from the mean a value counts as this many standard deviations: no single measurement decides alone. */
const FARTHEST_SD = 3
/** Nearer to 0 or 1 a presence counts as this: how sure a network is says little out there. */
const SUREST_PRESENCE = 0.999

/** Standard deviations from the mean, at most three either way. */
export function standardised(value: number, mean: number, sd: number): number {
  return Math.min(Math.max((value - mean) / sd, -FARTHEST_SD), FARTHEST_SD)
}

/** Ratios, which are as far from 1 at a half as at two. */
const RATIOS: ReadonlySet<ScoreTerm> = new Set(['depthToWidthRatio', 'posteriorAcousticRatio'])
/** Beyond this, or below its inverse, a ratio is one to next to nothing. */
const FARTHEST_RATIO = 20

/** The number that stands for a value in the regression: of presence its logit, of a ratio its logarithm. */
export function termNumber(term: ScoreTerm, value: number): number {
  if (RATIOS.has(term)) return Math.log(Math.min(Math.max(value, 1 / FARTHEST_RATIO), FARTHEST_RATIO))
  if (term !== 'presence') return value
  const p = Math.min(Math.max(value, 1 - SUREST_PRESENCE), SUREST_PRESENCE)
  return Math.log(p / (1 - p))
}

/**
 * Declared features that stay what they are on another device, as far as that can be tried (docs/adr/0020-score.md has the tables):
 * on lesions of the training images no more than a fifth of their spread changes when the image is sampled twice as finely or half, and
 * no more than a third when its gain or its gamma changes by 1.4 either way. Lengths and areas do not, nor do co-occurrence
 * and run lengths, convexity and fractal dimension; nor, by their grey, the entropy, the differences and ratios to the ring, the sharpness
 * of the margin and the halo. The signed orientation is free of scale but rises with nothing. Of two that say the same by another number
 * (elongation and eccentricity) one stands.
 */
export const STEADY = [
  'circularity',
  'depthToWidthRatio',
  'elongation',
  'solidity',
  'radialLengthDeviation',
  'boundaryRoughness',
  'lobulationCount',
  'gcnr',
  'cnr',
  'posteriorAcousticRatio',
] as const satisfies readonly FeatureName[]

/** What enters a score. */
export const SCORE_TERMS: readonly ScoreTerm[] = [...STEADY, 'presence']
