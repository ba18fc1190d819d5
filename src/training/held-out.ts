/** What a finished model learns from its validation images, and how that holds on those it was not learned from. */
import { z } from 'zod'
import { absent, isAbsent } from '#core/absent.ts'
import { Modality } from '#core/modality.ts'
import type { ModalitySettings } from '#sam/model.ts'
import { ConfidenceFigures, learnConfidence, printConfidence } from './confidence-figures.ts'
import { dataHash } from './dataset.ts'
import type { ImageEvaluation } from './evaluate.ts'
import { MaskThresholdFigures, printMaskThreshold } from './mask-threshold.ts'
import { chooseGate, PresenceGate, printGate, type ScoredImage } from './presence-gate.ts'

/**
 * Each choice and fit is judged on images that it was had without; the mask threshold's `curve` is of all images, and
 * confidence is of masks whose thresholds all images chose.
 */
export const HeldOutFigures = z.object({
  /** Of the images. */
  dataHash: z.string(),
  maskThreshold: z.partialRecord(Modality, MaskThresholdFigures).default({}),
  presenceGate: z.partialRecord(Modality, PresenceGate),
  confidence: ConfidenceFigures,
})
export type HeldOutFigures = z.infer<typeof HeldOutFigures>

/** What is had from validation images; where they are too few, what a model carried stays. */
export type HeldOutSettings = Pick<ModalitySettings, 'presenceThreshold' | 'confidence'> &
  Partial<Pick<ModalitySettings, 'maskThreshold'>>

/** Mask thresholds that were chosen on validation images. */
export type ChosenThresholds = ReadonlyMap<Modality, MaskThresholdFigures>

/** Share of lesions that the presence gate is to keep. */
export const LESIONS_KEPT = 0.95

/**
 * Chooses presence thresholds and fits confidence by cross-validation, after the mask thresholds.
 *
 * Only images that the model did not learn from are of use: its presence scores of training images are far too good.
 * @param evaluations of validation images, without a gate, by the mask thresholds that were chosen on them.
 * @param presenceModalities those whose training data has images without a lesion.
 */
export function learnFromHeldOut(
  evaluations: readonly ImageEvaluation[],
  thresholds: ChosenThresholds,
  presenceModalities: ReadonlySet<Modality>,
  seed: number,
): { readonly settings: ReadonlyMap<Modality, HeldOutSettings>; readonly figures: HeldOutFigures } {
  const settings = new Map<Modality, HeldOutSettings>()
  const figures: HeldOutFigures = {
    dataHash: dataHash(evaluations.map(({ image }) => image)),
    maskThreshold: Object.fromEntries(thresholds),
    presenceGate: {},
    confidence: {},
  }
  for (const [modality, of] of Map.groupBy(evaluations, ({ image }) => image.row.modality)) {
    const gate = presenceModalities.has(modality) ? chooseGate(scored(of), LESIONS_KEPT, seed) : null
    const presenceThreshold =
      gate?.threshold ??
      absent(presenceModalities.has(modality) ? 'presence-gate-not-chosen' : 'no-normal-training-data')
    const learned = learnConfidence(of, isAbsent(presenceThreshold) ? null : presenceThreshold, seed)
    const maskThreshold = thresholds.get(modality)?.threshold
    settings.set(modality, {
      presenceThreshold,
      ...(maskThreshold !== undefined && { maskThreshold }),
      ...(learned && { confidence: learned.confidence }),
    })
    if (gate !== null) figures.presenceGate[modality] = gate
    if (learned !== null) figures.confidence[modality] = learned.figures
  }
  return { settings, figures }
}

function scored(evaluations: readonly ImageEvaluation[]): ScoredImage[] {
  return evaluations.flatMap(({ image: { row, lesion }, presence }) => {
    const headline = row.nearDuplicateOf === null
    return presence === null ? [] : [{ presence, lesion, cluster: row.cluster, headline, source: row.split }]
  })
}

/** The figures as lines for a person. */
export function printHeldOut({ maskThreshold, presenceGate, confidence }: HeldOutFigures): string {
  const thresholds = Object.entries(maskThreshold).map(([modality, of]) => printMaskThreshold(modality, of))
  const gates = Object.entries(presenceGate).map(([modality, gate]) => printGate(modality, gate))
  const isFitted = Object.keys(confidence).length > 0
  const trust = isFitted ? printConfidence(confidence) : 'too few masks, or women, to fit an expected Dice to\n'
  return `${thresholds.join('')}${gates.join('')}Expected against observed Dice of the masks that a user gets\n${trust}`
}
