import type { ScoreModel } from '#assessment/score-model.ts'
import { seededRandom } from '#core/random.ts'
import type { ScoreTerm } from '#core/score.ts'
import { SCORE_TERMS, termNumber } from '#core/score-terms.ts'
import { turnsOf } from '#training/folds.ts'
import { mean, quantile } from '#training/metrics.ts'
import type { ScoredExample } from '#training/score-examples.ts'
import {
  countedShare,
  figuresOf,
  type JudgedImage,
  judged,
  lesionRegion,
  type Region,
  thresholdAbove,
  thresholdFor,
} from '#training/score-figures.ts'
import {
  calibrate,
  type FittedScore,
  fitScore,
  logitOf,
  outOfFoldScores,
  type ScoreLesion,
} from '#training/score-fit.ts'

/** The share of malignant images that the operating point is to reach on the training images. */
export const TARGET_SENSITIVITY = 0.95
/** The share of benign training images that may reach higher suspicion. */
const HIGHER_SHARE = 0.1
export const SCORE_SEED = 20
const BINS = 5

export interface ScoreData {
  /** Images of split train, with the masks of models that had not seen them. */
  readonly train: readonly ScoredExample[]
  /** Images of split val, with the masks of the model that the score is for. */
  readonly val: readonly ScoredExample[]
  /** Another hospital's images; looked at once, nothing is chosen by them. */
  readonly external: readonly ScoredExample[]
}

export type TrainedScore = Omit<ScoreModel, 'provenance' | 'name' | 'format' | 'modality'> & {
  readonly lambda: number
  readonly trainLesions: { readonly malignant: number; readonly benign: number }
}

/**
 * Learns the score: its penalty by grouped cross-validation on the training lesions, its scale and its operating point
 * by their out-of-fold logits, its calibration on the validation lesions.
 */
export function trainScore({ train, val, external }: ScoreData): TrainedScore {
  const lesions = lesionsOf(train)
  const fit = fitScore(lesions, SCORE_TERMS, SCORE_SEED)
  const heldOut = outOfFoldScores(lesions, SCORE_TERMS, SCORE_SEED)
  // An image of which no lesion trained was seen by none of the scores.
  const held = judged(train, (example, region) =>
    logitOf(heldOut.get(example.cluster) ?? fit, asLesion(example, region)),
  )
  const attained = thresholdFor(held, TARGET_SENSITIVITY)
  const moderateFrom = attained ?? thresholdFor(held.filter(isMarked), TARGET_SENSITIVITY)!
  const inUse = (examples: readonly ScoredExample[]) =>
    judged(examples, (example, region) => logitOf(fit, asLesion(example, region)))
  const [valImages, externalImages] = [inUse(val), inUse(external)]
  const calibration = calibrationOf(fit, val)
  const unmarked = (images: readonly JudgedImage[]) => images.filter(({ example }) => example.hasMarks === false)
  return {
    terms: [...fit.terms],
    intercept: fit.intercept,
    rank: ranksOf(lesions.map((lesion) => logitOf(heldOut.get(lesion.cluster) ?? fit, lesion))),
    bands: { moderateFrom, higherFrom: Math.max(thresholdAbove(held, HIGHER_SHARE), moderateFrom) },
    calibration: calibration.map,
    reliability: calibration.reliability,
    figures: [
      figuresOf('train, out of fold', held, moderateFrom),
      figuresOf('train, out of fold, without burned-in marks', unmarked(held), moderateFrom),
      figuresOf('val', valImages, moderateFrom),
      figuresOf('val, without burned-in marks', unmarked(valImages), moderateFrom),
      ...(external.length === 0 ? [] : [figuresOf('external', externalImages, moderateFrom)]),
    ],
    notes: attained === null ? [UNATTAINED] : [],
    lambda: fit.lambda,
    trainLesions: {
      malignant: lesions.filter(({ malignant }) => malignant === 1).length,
      benign: lesions.filter(({ malignant }) => malignant === 0).length,
    },
  }
}

const UNATTAINED =
  'The folds missed more malignant lesions than the target allows whatever the threshold: it is reached by those that they marked.'

/** The lesion was marked at all. */
function isMarked({ logit }: JudgedImage): boolean {
  return logit > Number.NEGATIVE_INFINITY
}

/** One lesion for each image of a benign or malignant one that a model marked. */
function lesionsOf(examples: readonly ScoredExample[]): ScoreLesion[] {
  return examples.flatMap((example) => {
    const region = lesionRegion(example)
    const isKnown = example.class === 'benign' || example.class === 'malignant'
    return region === undefined || !isKnown ? [] : [asLesion(example, region)]
  })
}

function asLesion(example: ScoredExample, region: Region): ScoreLesion {
  const values = SCORE_TERMS.map((term): [ScoreTerm, number | null] => {
    const value = term === 'presence' ? example.presence : (region.values[term] ?? null)
    return [term, value === null ? null : termNumber(term, value)]
  })
  return {
    cluster: example.cluster,
    malignant: example.class === 'malignant' ? 1 : 0,
    values: Object.fromEntries(values),
  }
}

/** Logits at the ranks 1, 5, 10, ... 95, 99. */
function ranksOf(logits: readonly number[]): ScoreModel['rank'] {
  const scores = [1, ...Array.from({ length: 19 }, (_, i) => 5 * (i + 1)), 99]
  return scores.map((score) => ({ score, logit: quantile(logits, score / 100) }))
}

/** The calibration on all marked lesions, and how it holds on lesions that it was not fitted on. */
function calibrationOf(fit: FittedScore, val: readonly ScoredExample[]) {
  const lesions = lesionsOf(val)
  const logits = lesions.map((lesion) => logitOf(fit, lesion))
  const malignant = lesions.map((lesion) => lesion.malignant)
  const prevalence = mean(malignant)
  const map = { ...calibrate(logits, malignant), prevalence, lesions: lesions.length }
  return { map, reliability: reliabilityOf(malignant, crossFitted(lesions, logits)) }
}

/** The probability of each lesion by calibrations without it: five folds, dealt twenty times, the mean. */
function crossFitted(lesions: readonly ScoreLesion[], logits: readonly number[]): number[] {
  const sums = new Float64Array(lesions.length)
  const counts = new Float64Array(lesions.length)
  const by = { cluster: ({ cluster }: ScoreLesion) => cluster, stratum: (lesion: ScoreLesion) => `${lesion.malignant}` }
  for (const { held, rest } of turnsOf(lesions, by, (repeat) =>
    seededRandom(SCORE_SEED, 'score calibration', repeat),
  )) {
    const { intercept, slope } = calibrate(
      rest.map((i) => logits[i]!),
      rest.map((i) => lesions[i]!.malignant),
    )
    for (const i of held) {
      sums[i]! += 1 / (1 + Math.exp(-(intercept + slope * logits[i]!)))
      counts[i]!++
    }
  }
  return Array.from(sums, (sum, i) => sum / counts[i]!)
}

function reliabilityOf(malignant: readonly (0 | 1)[], expected: readonly number[]): ScoreModel['reliability'] {
  const order = [...expected.keys()].sort((a, b) => expected[a]! - expected[b]!)
  const bins = Array.from({ length: BINS }, (_, k) => {
    const of = order.slice(Math.round((k * order.length) / BINS), Math.round(((k + 1) * order.length) / BINS))
    const count = of.filter((i) => malignant[i] === 1).length
    return { lesions: of.length, expected: mean(of.map((i) => expected[i]!)), observed: countedShare(count, of.length) }
  })
  const off = bins.map(({ lesions, expected, observed }) => lesions * Math.abs(expected - observed.count / observed.of))
  return { expectedCalibrationError: off.reduce((sum, value) => sum + value, 0) / order.length, bins }
}
