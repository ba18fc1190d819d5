import { z } from 'zod'
import { Side } from './modality.ts'
import type { Words } from './words.ts'

/** What was asked of the woman before the images. Every answer is coded; what nobody knows is `unknown` and told as such. */
export const Answer = z.enum(['yes', 'no', 'unknown'])
export type Answer = z.infer<typeof Answer>

export const Sex = z.enum(['female', 'male', 'other', 'unknown'])
export const Discharge = z.enum(['none', 'bloody', 'other', 'unknown'])
export const Pregnancy = z.enum(['neither', 'pregnant', 'lactating', 'unknown'])
export const FamilyHistory = z.enum([
  'none',
  'distant',
  'one-first-degree',
  'first-degree-before-40',
  'several-first-degree',
  'unknown',
])
export const GeneticRisk = z.enum(['variant-carrier', 'no-variant-found', 'not-tested', 'unknown'])
export const Menopause = z.enum(['before', 'around', 'after', 'unknown'])
/** Whole years, or unknown. */
export const AgeYears = z.union([z.int().min(0).max(120), z.literal('unknown')])

const SidedAnswer = Answer.prefault('unknown')
const SidedDischarge = Discharge.prefault('unknown')
/** An answer for each breast; a side that is left out is unknown. */
const AnswerBySide = z.strictObject({ R: SidedAnswer, L: SidedAnswer }).prefault({})
const DischargeBySide = z.strictObject({ R: SidedDischarge, L: SidedDischarge }).prefault({})

/** What is left out of the file is unknown: nobody has said. */
export const Intake = z
  .strictObject({
    ageYears: AgeYears.prefault('unknown'),
    sex: Sex.prefault('unknown'),
    lump: AnswerBySide.describe('A new lump of the breast that nothing explains'),
    axillaryLump: AnswerBySide.describe('A new lump of the armpit that nothing explains'),
    discharge: DischargeBySide.describe('From the nipple, outside of lactation'),
    skinChange: AnswerBySide.describe('Dimpling, orange-peel skin, redness, ulcer'),
    nippleChange: AnswerBySide.describe('New retraction, eczema or erosion'),
    priorCancer: AnswerBySide.describe('Breast cancer before'),
    priorSurgery: AnswerBySide,
    implant: AnswerBySide,
    pregnancy: Pregnancy.prefault('unknown'),
    familyHistory: FamilyHistory.prefault('unknown').describe('Breast cancer of relatives'),
    geneticRisk: GeneticRisk.prefault('unknown').describe('BRCA1, BRCA2 and other genes of high risk'),
    menopause: Menopause.prefault('unknown'),
  })
  .meta({ id: 'Intake' })
export type Intake = z.infer<typeof Intake>
export type IntakeField = keyof Intake

/** Whom the software is not for. */
export const IntakeRefusal = z.enum(['under-18', 'not-female'])
export type IntakeRefusal = z.infer<typeof IntakeRefusal>

export const INTAKE_REFUSAL_WORDS = {
  'under-18': { zh: '本软件仅适用于成年女性：受检者未满 18 岁。', en: 'For adult women only: the person is under 18.' },
  'not-female': {
    zh: '本软件仅适用于成年女性：受检者并非女性。',
    en: 'For adult women only: the person is not a woman.',
  },
} as const satisfies Record<IntakeRefusal, Words>

/** What asks for referral whatever a score says. */
export const RedFlagCode = z.enum([
  'lump',
  'axillary-lump',
  'bloody-discharge',
  'one-sided-discharge',
  'skin-change',
  'nipple-change',
  'prior-cancer',
  'variant-carrier',
  'family-history',
])
export type RedFlagCode = z.infer<typeof RedFlagCode>

interface RedFlagDeclaration {
  readonly words: Words
  /** The guideline that asks for it, or that the rule is ours. */
  readonly source: string
}

const NG12 = 'NICE NG12 (suspected cancer), section 1.4'
const CG164 = 'NICE CG164 (familial breast cancer), section 1.3'
const ALSO_YOUNGER = 'an unknown age counts as one that the guideline names; younger women too: ours'

/** In the order in which they are told. */
export const RED_FLAGS = {
  lump: {
    words: { zh: '乳房肿块', en: 'Breast lump' },
    source: `${NG12}: from 30 on the suspected cancer pathway, below 30 a referral that is not urgent`,
  },
  'axillary-lump': {
    words: { zh: '腋窝肿块', en: 'Lump of the armpit' },
    source: `${NG12}, from 30 on; ${ALSO_YOUNGER}`,
  },
  'bloody-discharge': {
    words: { zh: '血性乳头溢液', en: 'Blood-stained nipple discharge' },
    source: 'Scottish referral guidelines for suspected cancer, breast: at any age',
  },
  'one-sided-discharge': {
    words: { zh: '50 岁及以上单侧乳头溢液', en: 'Discharge from one nipple only, from 50 years on' },
    source: `${NG12}; an unknown age, or an unknown other side, counts as named`,
  },
  'skin-change': {
    words: { zh: '乳房皮肤改变', en: 'Change of the skin of the breast' },
    source: `${NG12}: at any age`,
  },
  'nipple-change': {
    words: { zh: '乳头改变', en: 'Change of the nipple' },
    source: `${NG12}, one nipple only, from 50 on; ${ALSO_YOUNGER}`,
  },
  'prior-cancer': {
    words: { zh: '既往乳腺癌，应由专科随访', en: 'Breast cancer before: a matter of specialist follow-up' },
    source: 'Ours: follow-up after cancer is no screening',
  },
  'variant-carrier': {
    words: { zh: '乳腺癌高风险基因变异携带者', en: 'Carrier of a gene variant of high breast cancer risk' },
    source: `${CG164}: care by a specialist`,
  },
  'family-history': {
    words: {
      zh: '一级亲属 40 岁前患乳腺癌，或多名一级亲属患乳腺癌',
      en: 'A first-degree relative with breast cancer before 40, or several with breast cancer',
    },
    source: CG164,
  },
} as const satisfies Record<RedFlagCode, RedFlagDeclaration>

export const RedFlag = z.strictObject({
  code: RedFlagCode,
  sides: z.array(Side).describe('Empty where it belongs to no side'),
})
export type RedFlag = z.infer<typeof RedFlag>

/** Why the score may not hold for this woman: the images that it learned from say nothing of such breasts. */
export const IntakeLimit = z.enum(['implant', 'prior-surgery', 'pregnancy-or-lactation'])
export type IntakeLimit = z.infer<typeof IntakeLimit>

/** The intake as a report holds it. */
export const IntakeReport = z
  .strictObject({ answers: Intake, redFlags: z.array(RedFlag), limits: z.array(IntakeLimit) })
  .meta({ id: 'IntakeReport' })
export type IntakeReport = z.infer<typeof IntakeReport>
