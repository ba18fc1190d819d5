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

/** The number that stands for a value in the regression: of presence its logit. */
export function termNumber(term: ScoreTerm, value: number): number {
  if (term !== 'presence') return value
  const p = Math.min(Math.max(value, 1 - SUREST_PRESENCE), SUREST_PRESENCE)
  return Math.log(p / (1 - p))
}

/**
 * Declared features that stay what they are when an image is sampled twice as finely or half: on lesions of the training
 * images no more than a fifth of their spread changes (docs/adr/0020-score.md has the table). Lengths and areas do not, nor
 * do co-occurrence and run lengths, which are taken pixel by pixel; nor, by this measure, convexity and fractal dimension.
 * gcnr is cut into more bins the more pixels there are. The signed orientation is free of scale but rises with nothing.
 */
export const SCALE_FREE = [
  'circularity',
  'depthToWidthRatio',
  'elongation',
  'eccentricity',
  'solidity',
  'radialLengthDeviation',
  'boundaryRoughness',
  'lobulationCount',
  'greyLevelEntropy',
  'ringDifference',
  'ringRatio',
  'michelsonContrast',
  'cnr',
  'marginSharpness',
  'posteriorAcousticRatio',
] as const satisfies readonly FeatureName[]

/** What may enter a score. */
export const SCORE_CANDIDATES: readonly ScoreTerm[] = [...SCALE_FREE, 'presence']
