/** From which probability on a pixel belongs to a lesion, and how that choice holds on images it did not see. */
import { z } from 'zod'
import { seededRandom } from '#core/random.ts'
import { LEAST_CLUSTERS, turnsOf } from './folds.ts'
import { mean, median } from './metrics.ts'

/** What is tried; coarse, since the mean Dice of a hundred images tells no finer ones apart. */
export const MASK_THRESHOLDS = [0.2, 0.25, 0.3, 0.35, 0.4, 0.45, 0.5, 0.55, 0.6] as const

/** A lesion image that the model did not learn from. */
export interface ThresholdCurve {
  /** Dice of its mask at each of {@link MASK_THRESHOLDS}. */
  readonly dice: readonly number[]
  /** Images that are not independent of each other share one. */
  readonly cluster: string
}

export const MaskThresholdFigures = z.object({
  threshold: z.number(),
  /** Lesion images that it was chosen on. */
  chosenOn: z.int().positive(),
  /** Mean Dice of every image at a threshold that was chosen without it. */
  outOfFoldDice: z.number(),
  /** Mean Dice of all images at each threshold. */
  curve: z.array(z.object({ threshold: z.number(), dice: z.number() })),
})
export type MaskThresholdFigures = z.infer<typeof MaskThresholdFigures>

/**
 * Chooses the mask threshold by cross-validation: five folds of whole clusters, dealt twenty times; in each turn the best
 * mean of Dice and IoU over the other folds chooses, and the fold is judged by it. The threshold is the median of all
 * turns. Dice alone is flat where outlines are drawn generously: IoU keeps areas and diameters from growing with it.
 *
 * @returns `null` where there are too few images.
 */
export function chooseMaskThreshold(curves: readonly ThresholdCurve[], seed: number): MaskThresholdFigures | null {
  if (new Set(curves.map(({ cluster }) => cluster)).size < LEAST_CLUSTERS) return null
  const chosen: number[] = []
  const judged: number[] = []
  for (const { held, rest } of turnsOf(curves, { cluster }, (repeat) => seededRandom(seed, 'mask threshold', repeat))) {
    const best = bestOf(rest.map((i) => curves[i]!))
    chosen.push(best)
    judged.push(...held.map((i) => curves[i]!.dice[best]!))
  }
  return {
    threshold: MASK_THRESHOLDS[Math.round(median(chosen))]!,
    chosenOn: curves.length,
    outOfFoldDice: mean(judged),
    curve: meanCurve(curves).map((dice, i) => ({ threshold: MASK_THRESHOLDS[i]!, dice })),
  }
}

const cluster = (curve: ThresholdCurve) => curve.cluster

/** Index of the threshold with the highest mean of Dice and IoU, by which masks are judged; of equal ones the first. */
function bestOf(curves: readonly ThresholdCurve[]): number {
  const means = MASK_THRESHOLDS.map((_, i) => mean(curves.map(({ dice }) => dice[i]! + iouOf(dice[i]!))))
  return means.indexOf(Math.max(...means))
}

/** An image's IoU is a function of its Dice. */
const iouOf = (dice: number) => dice / (2 - dice)

function meanCurve(curves: readonly ThresholdCurve[]): number[] {
  return MASK_THRESHOLDS.map((_, i) => mean(curves.map(({ dice }) => dice[i]!)))
}

/** The choice as a line for a person. */
export function printMaskThreshold(
  modality: string,
  { threshold, chosenOn, outOfFoldDice, curve }: MaskThresholdFigures,
): string {
  const points = curve.map(({ threshold, dice }) => `${threshold}: ${dice.toFixed(3)}`).join(', ')
  return `${modality}: a pixel belongs to a lesion from a probability of ${threshold} on; chosen on ${chosenOn} lesion images, Dice ${outOfFoldDice.toFixed(3)} on images it was chosen without (all images, ${points})\n`
}
