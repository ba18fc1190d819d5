import { type Absent, absent, isAbsent } from '#core/absent.ts'
import type { FeatureName, FeatureValue } from '#core/features.ts'
import type { LesionScore, ScoreReason, ScoreTerm, SuggestedCategory, SuspicionBand } from '#core/score.ts'
import { standardised, termNumber } from '#core/score-terms.ts'
import type { ScoreModel } from './score-model.ts'

/** What is known of a marked region. */
export interface Scorable {
  readonly features: Readonly<Record<FeatureName, FeatureValue>>
  /** Of its image. */
  readonly presence: number | Absent
}

/**
 * The score of one marked region with its reasons. What is absent contributes nothing, as the mean of the training lesions
 * would, and is told as absent. The contributions and the intercept sum to the logit.
 * @param prevalence the share of cancers at the place of use, above 0 and below 1.
 */
export function scoreLesion(model: ScoreModel, region: Scorable, prevalence: number | undefined): LesionScore {
  const reasons = model.terms.map(({ term, mean, sd, coefficient }): ScoreReason => {
    const measured = measuredOf(term, region)
    const contribution = isAbsent(measured) ? 0 : coefficient * standardised(termNumber(term, measured.value), mean, sd)
    return { term, value: measured, contribution }
  })
  const logit = reasons.reduce((sum, { contribution }) => sum + contribution, model.intercept)
  return {
    score: rankOf(model, logit),
    band: bandOf(model, logit),
    logit,
    reasons: reasons.sort((a, b) => Math.abs(b.contribution) - Math.abs(a.contribution)),
    estimate: prevalence === undefined ? absent('prevalence-not-stated') : estimate(model, logit, prevalence),
  }
}

function measuredOf(term: ScoreTerm, { features, presence }: Scorable): FeatureValue {
  if (term !== 'presence') return features[term]
  return isAbsent(presence) ? presence : { value: presence, unit: '1' }
}

/**
 * 0 to 100: the share of training lesions with a lower logit, between the stated ranks by straight lines; beyond the first and
 * the last it nears 0 and 100 and reaches neither, so that it always rises with the logit.
 */
export function rankOf({ rank }: Pick<ScoreModel, 'rank'>, logit: number): number {
  const [first, last] = [rank[0]!, rank.at(-1)!]
  if (logit <= first.logit) return first.score * Math.exp(logit - first.logit)
  if (logit >= last.logit) return 100 - (100 - last.score) * Math.exp(last.logit - logit)
  const above = rank.findIndex((knot) => knot.logit > logit)
  const [low, high] = [rank[above - 1]!, rank[above]!]
  return low.score + ((high.score - low.score) * (logit - low.logit)) / (high.logit - low.logit)
}

export function bandOf({ bands }: Pick<ScoreModel, 'bands'>, logit: number): SuspicionBand {
  if (logit >= bands.higherFrom) return 'higher'
  return logit >= bands.moderateFrom ? 'moderate' : 'lower'
}

function estimate(model: ScoreModel, logit: number, prevalence: number) {
  const probability = probabilityAt(model, logit, prevalence)
  return { prevalence, probability, category: categoryOf(probability) }
}

/**
 * Probability of cancer at a prevalence other than that of the calibration: its odds times the ratio of the two prior odds.
 * Source: Saerens, Latinne and Decaestecker, Neural Computation 14(1), 2002, equation 2.4. It supposes that at the place of use
 * the marked regions of each kind look as those of the calibration do.
 */
export function probabilityAt(
  { calibration }: Pick<ScoreModel, 'calibration'>,
  logit: number,
  prevalence: number,
): number {
  const calibrated = calibration.intercept + calibration.slope * logit
  return sigmoid(calibrated + logOdds(prevalence) - logOdds(calibration.prevalence))
}

/** The category that a probability suggests on ultrasound: BI-RADS, 5th edition, likelihood of cancer. */
export function categoryOf(probability: number): SuggestedCategory {
  if (probability <= 0.02) return '3'
  if (probability <= 0.1) return '4A'
  if (probability <= 0.5) return '4B'
  return probability < 0.95 ? '4C' : '5'
}

function logOdds(share: number): number {
  return Math.log(share / (1 - share))
}

function sigmoid(value: number): number {
  return 1 / (1 + Math.exp(-value))
}
