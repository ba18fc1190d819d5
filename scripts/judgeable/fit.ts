import type { Appearance } from '#imaging/appearance.ts'
import { fitLogistic } from '#training/logistic.ts'
import { mean } from '#training/metrics.ts'

/** What the score of ultrasound weighs. */
const MEASURES = [
  'layeringFine',
  'layeringCoarse',
  'layeredTiles',
  'grain',
  'edgeTails',
  'unevenness',
  'hueSpread',
] as const satisfies readonly (keyof Appearance)[]
/** In cases of weight 1. Strong, so that the weights keep to what every device shares. */
const PENALTY = 20
const TOTAL_WEIGHT = 2000
/**
 * Alone, with no second look, it refuses below this. By the develop part: no more than 1 in 1,000 of its ultrasounds are below it, also squashed, bent into a sector and made
 * coarse as another device would give them. Where photographs pass is not asked: a refused ultrasound costs more.
 */
const LEAST_SCORE = -1
/** As likely as not: from here on down a second look is needed to judge a picture without a notice. */
const DOUBT_BELOW = 0

/** A picture of the develop part that no other rule refuses. */
export interface Measured {
  readonly kind: string
  readonly isValid: boolean
  readonly measures: Appearance
}

/** The file of weights. Valid and wrong weigh the same; so does, among the wrong, every kind. */
export function fitUltrasound(pictures: readonly Measured[]) {
  const scales = MEASURES.map((name) => scaleOf(pictures, name))
  const { intercept, coefficients } = fitLogistic(
    pictures.map(({ measures }) => scales.map(({ measure, centre, scale }) => (measures[measure] - centre) / scale)),
    pictures.map(({ isValid }) => (isValid ? 1 : 0)),
    PENALTY,
    sharesOf(pictures),
  )
  return {
    madeBy: 'node scripts/judgeable.ts fit; see docs/judgeable.md',
    leastScore: LEAST_SCORE,
    doubtBelow: DOUBT_BELOW,
    intercept: rounded(intercept),
    terms: scales.map(({ measure, centre, scale }, k) => ({
      measure,
      centre: rounded(centre),
      scale: rounded(scale),
      weight: rounded(coefficients[k]!),
    })),
  }
}

/** What each counts: valid and wrong the same; so does, among the wrong, every kind. */
export function sharesOf(pictures: readonly { readonly kind: string; readonly isValid: boolean }[]): number[] {
  const kindOf = ({ kind, isValid }: (typeof pictures)[number]) => (isValid ? 'valid' : kind)
  const kinds = Map.groupBy(pictures, kindOf)
  return pictures.map((picture) => {
    const alike = kinds.get(kindOf(picture))!.length
    return TOTAL_WEIGHT / 2 / (picture.isValid ? alike : (kinds.size - 1) * alike)
  })
}

/** Measures are centred on the mean of what is valid and scaled by the standard deviation of all. */
function scaleOf(pictures: readonly Measured[], measure: (typeof MEASURES)[number]) {
  const of = (some: readonly Measured[]) => some.map(({ measures }) => measures[measure])
  const middle = mean(of(pictures))
  const scale = Math.sqrt(mean(of(pictures).map((value) => (value - middle) ** 2)))
  return { measure, centre: mean(of(pictures.filter(({ isValid }) => isValid))), scale }
}

const rounded = (value: number) => Number(value.toFixed(3))
