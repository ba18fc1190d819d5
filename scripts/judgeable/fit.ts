import type { Appearance } from '#imaging/appearance.ts'
import { type Case, fitLogistic } from './logistic.ts'

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
 * By the develop part: no more than 1 in 1,000 of its ultrasounds are below it, also squashed, bent into a sector and made
 * coarse as another device would give them. Where photographs pass is not asked: a refused ultrasound costs more.
 */
const LEAST_SCORE = -1

/** A picture of the develop part that no other rule refuses. */
export interface Measured {
  readonly kind: string
  readonly isValid: boolean
  readonly measures: Appearance
}

/** The file of weights. Valid and wrong weigh the same; so does, among the wrong, every kind. */
export function fitUltrasound(pictures: readonly Measured[]) {
  const kinds = Map.groupBy(pictures, ({ kind, isValid }) => (isValid ? 'valid' : kind))
  const wrongKinds = [...kinds.keys()].filter((kind) => kind !== 'valid' && kinds.get(kind)!.length >= 5)
  const used = pictures.filter(({ kind, isValid }) => isValid || wrongKinds.includes(kind))
  const cases = used.map(({ kind, isValid, measures }): Case => {
    const share = isValid ? kinds.get('valid')!.length : wrongKinds.length * kinds.get(kind)!.length
    return { measures: MEASURES.map((name) => measures[name]), isValid, weight: TOTAL_WEIGHT / 2 / share }
  })
  const { centre, scale, intercept, weights } = fitLogistic(cases, PENALTY)
  return {
    madeBy: 'node scripts/judgeable.ts fit; see docs/judgeable.md',
    leastScore: LEAST_SCORE,
    intercept: rounded(intercept),
    terms: MEASURES.map((measure, k) => ({
      measure,
      centre: rounded(centre[k]!),
      scale: rounded(scale[k]!),
      weight: rounded(weights[k]!),
    })),
  }
}

const rounded = (value: number) => Number(value.toFixed(3))
