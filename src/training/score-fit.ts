/** From lesions whose class is known to a logistic regression: how strongly its coefficients are held back. */
import { seededRandom } from '#core/random.ts'
import type { ScoreTerm } from '#core/score.ts'
import { standardised } from '#core/score-terms.ts'
import { groupedFolds } from './folds.ts'
import { fitLogistic, logLoss } from './logistic.ts'

/** A lesion that a model marked, with the numbers that may enter. */
export interface ScoreLesion {
  readonly cluster: string
  readonly malignant: 0 | 1
  /** `null` where absent. */
  readonly values: Readonly<Partial<Record<ScoreTerm, number | null>>>
}

export interface FittedTerm {
  readonly term: ScoreTerm
  readonly mean: number
  readonly sd: number
  readonly coefficient: number
}

export interface FittedScore {
  readonly intercept: number
  readonly terms: readonly FittedTerm[]
  readonly lambda: number
}

/** Weights of the penalty that are tried. */
const LAMBDAS = [1, 3, 10, 30, 100, 300]
/** Of the choice: folds of whole clusters, dealt anew this often. */
const FOLDS = 5
const DEALS = 5

/** The logit of a lesion; an absent value stands at its mean. */
export function logitOf({ intercept, terms }: FittedScore, lesion: ScoreLesion): number {
  return terms.reduce((sum, { term, mean, sd, coefficient }) => {
    const value = lesion.values[term] ?? null
    return value === null ? sum : sum + coefficient * standardised(value, mean, sd)
  }, intercept)
}

/**
 * Fits every term, held back by the penalty under which the log loss of held-out lesions is least: grouped cross-validation within
 * `lesions` alone.
 */
export function fitScore(lesions: readonly ScoreLesion[], terms: readonly ScoreTerm[], seed: number): FittedScore {
  const deals = Array.from({ length: DEALS }, (_, deal) => foldsOf(lesions, seededRandom(seed, 'score inner', deal)))
  const tried = LAMBDAS.map((lambda) => ({ lambda, loss: heldOutLoss(lesions, terms, lambda, deals) }))
  const { lambda } = tried.reduce((a, b) => (b.loss < a.loss ? b : a))
  return fitTerms(lesions, terms, lambda)
}

/**
 * By cluster the score that was fitted without it: the whole of {@link fitScore} once for each fold, so that the choice of
 * the penalty flatters nothing. `undefined` of clusters that no lesion belongs to.
 */
export function outOfFoldScores(
  lesions: readonly ScoreLesion[],
  terms: readonly ScoreTerm[],
  seed: number,
): ReadonlyMap<string, FittedScore> {
  const foldOf = foldsOf(lesions, seededRandom(seed, 'score outer'))
  const fits = Array.from({ length: FOLDS }, (_, fold) =>
    fitScore(
      lesions.filter((_, i) => foldOf[i] !== fold),
      terms,
      seed + 1 + fold,
    ),
  )
  return new Map(lesions.map(({ cluster }, i) => [cluster, fits[foldOf[i]!]!]))
}

export function fitTerms(lesions: readonly ScoreLesion[], terms: readonly ScoreTerm[], lambda: number): FittedScore {
  const scales = terms.map((term) => ({ term, ...scaleOf(lesions, term) }))
  const x = lesions.map(({ values }) =>
    scales.map(({ term, mean, sd }) => {
      const value = values[term] ?? null
      return value === null ? 0 : standardised(value, mean, sd)
    }),
  )
  const fit = fitLogistic(
    x,
    lesions.map(({ malignant }) => malignant),
    lambda,
  )
  return {
    intercept: fit.intercept,
    terms: scales.map((scale, i) => ({ ...scale, coefficient: fit.coefficients[i]! })),
    lambda,
  }
}

function scaleOf(lesions: readonly ScoreLesion[], term: ScoreTerm): { mean: number; sd: number } {
  const values = lesions.flatMap((lesion) => lesion.values[term] ?? [])
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length
  const variance = values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / (values.length - 1)
  return { mean, sd: Math.sqrt(variance) || 1 }
}

function heldOutLoss(
  lesions: readonly ScoreLesion[],
  terms: readonly ScoreTerm[],
  lambda: number,
  deals: readonly (readonly number[])[],
): number {
  const losses = deals.map((foldOf) => {
    const logits = new Array<number>(lesions.length)
    for (let fold = 0; fold < FOLDS; fold++) {
      const fit = fitTerms(
        lesions.filter((_, i) => foldOf[i] !== fold),
        terms,
        lambda,
      )
      for (const [i, lesion] of lesions.entries()) if (foldOf[i] === fold) logits[i] = logitOf(fit, lesion)
    }
    return logLoss(
      logits,
      lesions.map(({ malignant }) => malignant),
    )
  })
  return losses.reduce((sum, loss) => sum + loss, 0) / losses.length
}

function foldsOf(lesions: readonly ScoreLesion[], random: ReturnType<typeof seededRandom>): number[] {
  const by = {
    cluster: (lesion: ScoreLesion) => lesion.cluster,
    stratum: (lesion: ScoreLesion) => String(lesion.malignant),
  }
  return groupedFolds(lesions, FOLDS, by, random)
}

/** Platt's calibration: the line on the logit that makes it the log odds of these lesions. */
export function calibrate(
  logits: readonly number[],
  malignant: readonly (0 | 1)[],
): { readonly intercept: number; readonly slope: number } {
  const fit = fitLogistic(
    logits.map((logit) => [logit]),
    malignant,
    1e-3,
  )
  return { intercept: fit.intercept, slope: fit.coefficients[0]! }
}
