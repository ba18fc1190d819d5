/** What evaluated images say of a model's confidence: the maps to be fitted, and how they hold. */
import { z } from 'zod'
import { Modality } from '#core/modality.ts'
import { expectedDice } from '#sam/confidence.ts'
import type { ConfidenceMap, ModalitySettings } from '#sam/model.ts'
import { Calibration, calibrationOf, fitConfidence, type GradedMask, outOfFold } from './calibration.ts'
import { type ImageEvaluation, isShown } from './evaluate.ts'
import { median, rankCorrelation } from './metrics.ts'

/** How the outline uncertainty went with the distance to the doctor's outline, over regions that met theirs. */
export const OutlineFigure = z.object({
  regions: z.int().positive(),
  /** Median of mean surface distance over outline uncertainty. */
  medianRatio: z.number(),
  /** Spearman's, of the two. */
  rankCorrelation: z.number().nullable(),
})
export type OutlineFigure = z.infer<typeof OutlineFigure>

const ModalityConfidence = z.object({ mask: Calibration, region: Calibration, outline: OutlineFigure.nullable() })

/** Of the masks that a user gets, of their regions and of their outlines; by modality. */
export const ConfidenceFigures = z.partialRecord(Modality, ModalityConfidence)
export type ConfidenceFigures = z.infer<typeof ConfidenceFigures>

interface Graded {
  readonly mask: readonly GradedMask[]
  readonly region: readonly GradedMask[]
}

/** The masks that a user gets, with what they turned out to be worth. Where there is no lesion a mask is worth 0. */
function graded(evaluations: readonly ImageEvaluation[], threshold: number | null): Graded {
  const shown = evaluations.filter((evaluation) => isShown(evaluation, threshold))
  return {
    mask: shown.map(({ image, softDice, mask }) => ({ softDice, dice: mask.dice, cluster: image.row.cluster })),
    region: shown.flatMap(({ image, regions }) =>
      regions.map(({ softDice, dice }) => ({ softDice, dice, cluster: image.row.cluster })),
    ),
  }
}

export interface LearnedConfidence {
  readonly confidence: NonNullable<ModalitySettings['confidence']>
  /** Of masks and regions that were left out of the fit in turn. */
  readonly figures: z.infer<typeof ModalityConfidence>
}

/**
 * Fits the expected Dice of one modality's masks and regions and tells, out-of-fold, how it holds.
 * @param threshold of presence; `null` where there is no gate.
 * @returns `null` where there is too little to fit.
 */
export function learnConfidence(
  evaluations: readonly ImageEvaluation[],
  threshold: number | null,
  seed: number,
): LearnedConfidence | null {
  const { mask, region } = graded(evaluations, threshold)
  const [ofMask, ofRegion] = [learn(mask, seed), learn(region, seed)]
  if (ofMask === null || ofRegion === null) return null
  const outline = outlineFigure(evaluations, threshold)
  return {
    confidence: { mask: ofMask.map, region: ofRegion.map },
    figures: { mask: ofMask.calibration, region: ofRegion.calibration, outline },
  }
}

function learn(masks: readonly GradedMask[], seed: number) {
  const map = fitConfidence(masks)
  const expected = outOfFold(masks, seed)
  const calibration = expected === null ? null : calibrationOf(masks, expected, seed)
  return map === null || calibration === null ? null : { map, calibration }
}

/** How the maps that a model carries hold on evaluated images of one modality; `null` where it carries none. */
export function carriedConfidence(
  evaluations: readonly ImageEvaluation[],
  { confidence }: Pick<ModalitySettings, 'confidence'>,
  threshold: number | null,
  seed: number,
): z.infer<typeof ModalityConfidence> | null {
  if (confidence === undefined) return null
  const { mask, region } = graded(evaluations, threshold)
  const of = (masks: readonly GradedMask[], map: ConfidenceMap) =>
    calibrationOf(
      masks,
      masks.map(({ softDice }) => expectedDice(map, softDice)),
      seed,
    )
  const [ofMask, ofRegion] = [of(mask, confidence.mask), of(region, confidence.region)]
  if (ofMask === null || ofRegion === null) return null
  return { mask: ofMask, region: ofRegion, outline: outlineFigure(evaluations, threshold) }
}

/** A region met its lesion when their Dice is at least this. */
const MET = 0.5

function outlineFigure(evaluations: readonly ImageEvaluation[], threshold: number | null): OutlineFigure | null {
  const met = evaluations
    .filter((evaluation) => isShown(evaluation, threshold))
    .flatMap(({ regions }) => regions)
    .filter(({ dice, outlineUncertainty }) => dice >= MET && outlineUncertainty > 0)
  if (met.length === 0) return null
  const uncertainties = met.map(({ outlineUncertainty }) => outlineUncertainty)
  const distances = met.map(({ surfaceDistance }) => surfaceDistance ?? 0)
  return {
    regions: met.length,
    medianRatio: median(distances.map((distance, i) => distance / uncertainties[i]!)),
    rankCorrelation: rankCorrelation(distances, uncertainties),
  }
}

/** The reliability tables as lines for a person. */
export function printConfidence(figures: ConfidenceFigures): string {
  const blocks = Object.entries(figures).flatMap(([modality, { mask, region, outline }]) => [
    ...printCalibration(`${modality}, all outlines of an image`, mask),
    ...printCalibration(`${modality}, each region by itself`, region),
    ...(outline === null ? [] : printOutline(modality, outline)),
  ])
  return `${blocks.join('\n')}\n`
}

function printCalibration(title: string, { bins, ...of }: Calibration): string[] {
  const error = `calibration error ${of.expectedCalibrationError.toFixed(3)}`
  const spread = `correlation ${printNullable(of.correlation)}  mean absolute error ${of.meanAbsoluteError.toFixed(3)}`
  return [
    title,
    `  n=${of.examples}  ${error}  ${spread}`,
    ...bins.map(({ examples, expected, observed, interval95 }) => {
      const interval = interval95 === null ? '' : ` [${interval95.low.toFixed(3)}, ${interval95.high.toFixed(3)}]`
      return `  expected ${expected.toFixed(3)}  observed ${observed.toFixed(3)}${interval}  n=${examples}`
    }),
  ]
}

function printOutline(modality: string, { regions, medianRatio, rankCorrelation }: OutlineFigure): string[] {
  return [
    `${modality}, outline uncertainty against the mean distance to the doctor's outline, regions with Dice from ${MET}`,
    `  n=${regions}  distance over uncertainty, median ${medianRatio.toFixed(2)}  rank correlation ${printNullable(rankCorrelation)}`,
  ]
}

const printNullable = (value: number | null) => (value === null ? '-' : value.toFixed(2))
