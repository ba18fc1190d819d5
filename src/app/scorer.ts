import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { type Scorable, scoreLesion } from '#assessment/score.ts'
import { ScoreModel } from '#assessment/score-model.ts'
import { absent } from '#core/absent.ts'
import type { Modality } from '#core/modality.ts'
import type { ScoreValue } from '#core/score.ts'

/** The score that comes with this software. */
export const DEFAULT_SCORE = fileURLToPath(new URL('../../models/zaoshai-score-us.json', import.meta.url))

export function readScoreModel(file = DEFAULT_SCORE): ScoreModel {
  return ScoreModel.parse(JSON.parse(readFileSync(file, 'utf8')))
}

/** Scores a marked region, or says why it has no score. */
export type Scorer = (modality: Modality, region: Scorable) => ScoreValue

/**
 * The score of ultrasound regions. It was calibrated on the masks of one model, and there is none on the masks of another.
 * @param maskModelSha256 the model that marks. @param prevalence as the place of use states it.
 */
export function openScorer(maskModelSha256: string, prevalence?: number, model = readScoreModel()): Scorer {
  const isItsModel = model.provenance.maskModelSha256 === maskModelSha256
  return (modality, region) =>
    isItsModel && modality === model.modality ? scoreLesion(model, region, prevalence) : absent('risk-not-validated')
}
