import { z } from 'zod'
import { ScoreTerm } from '#core/score.ts'

const Sha256 = z.string().regex(/^[0-9a-f]{64}$/)
const Interval = z.strictObject({ low: z.number(), high: z.number() })
/** A share that was counted, with its exact 95% interval. */
const CountedShare = z.strictObject({ count: z.int(), of: z.int(), interval95: Interval })
export type CountedShare = z.infer<typeof CountedShare>

/** How a score holds on some images. */
export const ScoreFigures = z.strictObject({
  set: z.string(),
  malignant: z.int(),
  benign: z.int(),
  /** Images of malignant lesions on which nothing that touches the lesion was marked: they count as scored lowest. */
  missedMalignant: z.int(),
  auc: z.number().nullable(),
  /** DeLong, 95%. */
  aucInterval95: Interval.nullable(),
  /** At the operating point; missed lesions stay in the denominator. */
  sensitivity: CountedShare.nullable(),
  specificity: CountedShare.nullable(),
  /** Images without a lesion that reach the operating point. */
  normalsAbove: CountedShare.nullable(),
})
export type ScoreFigures = z.infer<typeof ScoreFigures>

const CalibrationBin = z.strictObject({ lesions: z.int(), expected: z.number(), observed: CountedShare })

/**
 * A score as a file that a person can read: L2-regularised logistic regression over standardised values. Everything that it
 * needs stands in it, and how it was made.
 */
export const ScoreModel = z.strictObject({
  format: z.literal('zaoshai-score-1'),
  name: z.string(),
  modality: z.literal('US'),
  terms: z
    .array(z.strictObject({ term: ScoreTerm, mean: z.number(), sd: z.number().positive(), coefficient: z.number() }))
    .min(1),
  intercept: z.number(),
  /** Logits of the training lesions, by models that had not seen them, at the ranks beside them: the scale of the score. */
  rank: z.array(z.strictObject({ score: z.number().gt(0).lt(100), logit: z.number() })).min(2),
  /** Logits from which on a region is of moderate suspicion (the operating point) and of higher suspicion. */
  bands: z.strictObject({ moderateFrom: z.number(), higherFrom: z.number() }),
  /** Probability = sigmoid(intercept + slope · logit), at the share of malignant lesions that it was fitted at. */
  calibration: z.strictObject({
    intercept: z.number(),
    slope: z.number().positive(),
    prevalence: z.number().gt(0).lt(1),
    lesions: z.int(),
  }),
  figures: z.array(ScoreFigures),
  /** Cross-fitted on the images that calibrated it. */
  reliability: z.strictObject({ expectedCalibrationError: z.number(), bins: z.array(CalibrationBin) }),
  notes: z.array(z.string()),
  provenance: z.strictObject({
    /** The model whose masks it was calibrated on, and on whose masks alone it may be used. */
    maskModelSha256: Sha256,
    /** The models of the folds that made the training masks. */
    foldModelsSha256: z.array(Sha256),
    dataSha256: Sha256,
    trainLesions: z.strictObject({ malignant: z.int(), benign: z.int() }),
    lambda: z.number(),
    seed: z.int(),
    zaoshai: z.string(),
  }),
})
export type ScoreModel = z.infer<typeof ScoreModel>
