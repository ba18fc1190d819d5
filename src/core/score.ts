import { z } from 'zod'
import { Absent } from './absent.ts'
import type { Code } from './codes.ts'
import { FEATURE_NAMES, FEATURES, FeatureValue } from './features.ts'
import { Side } from './modality.ts'
import type { Words } from './words.ts'

/** What enters a score: declared features that another device hardly changes, and the presence of the image. */
export const ScoreTerm = z.enum([...FEATURE_NAMES, 'presence'] as const)
export type ScoreTerm = z.infer<typeof ScoreTerm>

export function scoreTermLabel(term: ScoreTerm): Words {
  return term === 'presence' ? { zh: '病灶存在评分', en: 'Presence score' } : FEATURES[term].label
}

/** How suspicious a marked region is among those that the score was learned from. Never what it is. */
export const SuspicionBand = z.enum(['lower', 'moderate', 'higher'])
export type SuspicionBand = z.infer<typeof SuspicionBand>

export const SUSPICION_BAND_WORDS = {
  lower: { zh: '可疑程度较低', en: 'Lower suspicion' },
  moderate: { zh: '可疑程度中等', en: 'Moderate suspicion' },
  higher: { zh: '可疑程度较高', en: 'Higher suspicion' },
} as const satisfies Record<SuspicionBand, Words>

/** Categories that software may suggest on ultrasound: never 1, 2 or 6. */
export const SuggestedCategory = z.enum(['3', '4A', '4B', '4C', '5'])
export type SuggestedCategory = z.infer<typeof SuggestedCategory>

interface CategoryDeclaration {
  readonly followUp: Words
  readonly code: Code
}

const BIOPSY = {
  followUp: { zh: '应考虑活检，由医生决定', en: 'Biopsy should be considered; a doctor decides' },
  code: { value: '111143', scheme: 'DCM', meaning: 'Biopsy should be considered' },
} as const satisfies CategoryDeclaration

/** What is proposed with each category (BI-RADS, 5th edition; DICOM PS3.16 follow-up codes). */
export const CATEGORIES = {
  '3': {
    followUp: {
      zh: '须先由医生完成全面诊断性检查后方可采用；短期（1 至 11 个月）随访',
      en: "Only after a doctor's full diagnostic work-up; follow-up at 1 to 11 months",
    },
    code: { value: '111142', scheme: 'DCM', meaning: 'Follow-up at short interval (1-11 months)' },
  },
  '4A': BIOPSY,
  '4B': BIOPSY,
  '4C': BIOPSY,
  '5': BIOPSY,
} as const satisfies Record<SuggestedCategory, CategoryDeclaration>

/** Where a local prevalence is stated. */
export const RiskEstimate = z.strictObject({
  prevalence: z.number().gt(0).lt(1).describe('As stated by the place of use'),
  probability: z.number().min(0).max(1).describe('Of cancer, at that prevalence'),
  category: SuggestedCategory.describe('Suggested by the probability; a doctor decides'),
})
export type RiskEstimate = z.infer<typeof RiskEstimate>

export const ScoreReason = z.strictObject({
  term: ScoreTerm,
  value: FeatureValue.describe('Of presence, the score itself'),
  contribution: z
    .number()
    .describe('Standardised value times coefficient: above 0 it raises the score; 0 where absent'),
})
export type ScoreReason = z.infer<typeof ScoreReason>

/** The score of one marked region. */
export const LesionScore = z
  .strictObject({
    score: z.number().gt(0).lt(100).describe('Rank among the lesions of the training images; not a probability'),
    band: SuspicionBand,
    logit: z.number().describe('Intercept plus all contributions'),
    reasons: z.array(ScoreReason).describe('Largest contribution first, whatever its sign'),
    estimate: z.union([RiskEstimate, Absent]),
  })
  .meta({ id: 'LesionScore' })
export type LesionScore = z.infer<typeof LesionScore>

/** The highest score of a side, or of the woman, and whose it is. */
export const HighestScore = z
  .strictObject({
    score: z.number().gt(0).lt(100),
    band: SuspicionBand,
    side: Side,
    image: z.string().describe('Id of the image'),
    lesion: z.int().positive().describe('Number of the region on it'),
    estimate: z.union([RiskEstimate, Absent]),
  })
  .meta({ id: 'HighestScore' })
export type HighestScore = z.infer<typeof HighestScore>

export const ScoreValue = z.union([LesionScore, Absent])
export type ScoreValue = z.infer<typeof ScoreValue>
