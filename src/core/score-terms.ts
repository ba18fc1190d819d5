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
const RATIOS: ReadonlySet<ScoreTerm> = new Set(['depthToWidthRatio', 'ringRatio', 'posteriorAcousticRatio'])
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
 * Declared features that stay what they are when an image is sampled twice as finely or half: on lesions of the training
 * images no more than a fifth of their spread changes (docs/adr/0020-score.md has the table). Lengths and areas do not, nor
 * do co-occurrence and run lengths, which are taken pixel by pixel; nor, by this measure, convexity and fractal dimension.
 * gcnr is cut into more bins the more pixels there are. The signed orientation is free of scale but rises with nothing.
 * Of two that say the same by another number (elongation and eccentricity, ring ratio and Michelson contrast) one stands.
 */
export const SCALE_FREE = [
  'circularity',
  'depthToWidthRatio',
  'elongation',
  'solidity',
  'radialLengthDeviation',
  'boundaryRoughness',
  'lobulationCount',
  'greyLevelEntropy',
  'ringDifference',
  'ringRatio',
  'cnr',
  'marginSharpness',
  'posteriorAcousticRatio',
] as const satisfies readonly FeatureName[]

/** What enters a score. */
export const SCORE_TERMS: readonly ScoreTerm[] = [...SCALE_FREE, 'presence']
