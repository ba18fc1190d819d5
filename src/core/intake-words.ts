import type { z } from 'zod'
import type {
  Answer,
  Discharge,
  FamilyHistory,
  GeneticRisk,
  IntakeField,
  IntakeLimit,
  Menopause,
  Pregnancy,
  Sex,
} from './intake.ts'
import type { Words } from './words.ts'

/** What a person reads of an intake. */
export const INTAKE_LABELS = {
  ageYears: { zh: '年龄', en: 'Age' },
  sex: { zh: '性别', en: 'Sex' },
  lump: { zh: '乳房肿块', en: 'Breast lump' },
  axillaryLump: { zh: '腋窝肿块', en: 'Lump of the armpit' },
  discharge: { zh: '乳头溢液', en: 'Nipple discharge' },
  skinChange: { zh: '皮肤改变', en: 'Skin change' },
  nippleChange: { zh: '乳头改变', en: 'Nipple change' },
  priorCancer: { zh: '既往乳腺癌', en: 'Breast cancer before' },
  priorSurgery: { zh: '乳房手术史', en: 'Breast surgery before' },
  implant: { zh: '乳房假体', en: 'Implant' },
  pregnancy: { zh: '妊娠或哺乳', en: 'Pregnancy or lactation' },
  familyHistory: { zh: '乳腺癌家族史', en: 'Family history of breast cancer' },
  geneticRisk: { zh: '乳腺癌易感基因（BRCA 等）', en: 'Genes of high risk (BRCA and others)' },
  menopause: { zh: '绝经情况', en: 'Menopause' },
} as const satisfies Record<IntakeField, Words>

const UNKNOWN: Words = { zh: '不详', en: 'Not known' }

const ANSWERS = {
  yes: { zh: '有', en: 'Yes' },
  no: { zh: '无', en: 'No' },
  unknown: UNKNOWN,
} as const satisfies Record<Answer, Words>

const SEX = {
  female: { zh: '女', en: 'Female' },
  male: { zh: '男', en: 'Male' },
  other: { zh: '其他', en: 'Other' },
  unknown: UNKNOWN,
} as const satisfies Record<z.infer<typeof Sex>, Words>

const DISCHARGE = {
  none: { zh: '无', en: 'None' },
  bloody: { zh: '血性', en: 'Blood-stained' },
  other: { zh: '非血性', en: 'Not blood-stained' },
  unknown: UNKNOWN,
} as const satisfies Record<z.infer<typeof Discharge>, Words>

const PREGNANCY = {
  neither: { zh: '均无', en: 'Neither' },
  pregnant: { zh: '妊娠', en: 'Pregnant' },
  lactating: { zh: '哺乳', en: 'Lactating' },
  unknown: UNKNOWN,
} as const satisfies Record<z.infer<typeof Pregnancy>, Words>

const FAMILY_HISTORY = {
  none: { zh: '无', en: 'None' },
  distant: { zh: '二级及以上亲属', en: 'More distant relatives' },
  'one-first-degree': { zh: '一名一级亲属，40 岁及以后', en: 'One first-degree relative, at 40 or later' },
  'first-degree-before-40': { zh: '一级亲属，40 岁前', en: 'A first-degree relative before 40' },
  'several-first-degree': { zh: '多名一级亲属', en: 'Several first-degree relatives' },
  unknown: UNKNOWN,
} as const satisfies Record<z.infer<typeof FamilyHistory>, Words>

const GENETIC_RISK = {
  'variant-carrier': { zh: '携带致病变异', en: 'Carrier of a pathogenic variant' },
  'no-variant-found': { zh: '已检测，未发现致病变异', en: 'Tested, no pathogenic variant found' },
  'not-tested': { zh: '未检测', en: 'Not tested' },
  unknown: UNKNOWN,
} as const satisfies Record<z.infer<typeof GeneticRisk>, Words>

const MENOPAUSE = {
  before: { zh: '绝经前', en: 'Before menopause' },
  around: { zh: '围绝经期', en: 'Around menopause' },
  after: { zh: '绝经后', en: 'After menopause' },
  unknown: UNKNOWN,
} as const satisfies Record<z.infer<typeof Menopause>, Words>

/** The words of every coded answer, by field. */
export const ANSWER_WORDS: Readonly<Record<Exclude<IntakeField, 'ageYears'>, Readonly<Record<string, Words>>>> = {
  sex: SEX,
  lump: ANSWERS,
  axillaryLump: ANSWERS,
  discharge: DISCHARGE,
  skinChange: ANSWERS,
  nippleChange: ANSWERS,
  priorCancer: ANSWERS,
  priorSurgery: ANSWERS,
  implant: ANSWERS,
  pregnancy: PREGNANCY,
  familyHistory: FAMILY_HISTORY,
  geneticRisk: GENETIC_RISK,
  menopause: MENOPAUSE,
}

export function ageWords(ageYears: number | 'unknown'): Words {
  return ageYears === 'unknown' ? UNKNOWN : { zh: `${ageYears} 岁`, en: `${ageYears} years` }
}

export const INTAKE_LIMIT_WORDS = {
  implant: { zh: '乳房假体', en: 'an implant' },
  'prior-surgery': { zh: '乳房手术史', en: 'earlier breast surgery' },
  'pregnancy-or-lactation': { zh: '妊娠或哺乳', en: 'pregnancy or lactation' },
} as const satisfies Record<IntakeLimit, Words>
