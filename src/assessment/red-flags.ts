import {
  type Intake,
  type IntakeField,
  type IntakeLimit,
  type IntakeRefusal,
  type IntakeReport,
  RED_FLAGS,
  type RedFlag,
  type RedFlagCode,
} from '#core/intake.ts'
import type { Side } from '#core/modality.ts'

const ADULT_FROM = 18
/** Discharge that is not bloody asks for referral from this age on (NICE NG12). */
const DISCHARGE_FROM = 50

/** Why the software is not for this person; undefined for an adult woman, and where age or sex is not known. */
export function refusalOf({ ageYears, sex }: Pick<Intake, 'ageYears' | 'sex'>): IntakeRefusal | undefined {
  if (sex === 'male' || sex === 'other') return 'not-female'
  return ageYears !== 'unknown' && ageYears < ADULT_FROM ? 'under-18' : undefined
}

/** What a report says of an intake. */
export function intakeReport(answers: Intake): IntakeReport {
  return { answers, redFlags: redFlagsOf(answers), limits: limitsOf(answers) }
}

/** What asks for referral whatever a score says, each with its sides. */
export function redFlagsOf(intake: Intake): RedFlag[] {
  const flags: Readonly<Record<RedFlagCode, readonly Side[] | boolean>> = {
    lump: sidesWith(intake, 'lump', 'yes'),
    'axillary-lump': sidesWith(intake, 'axillaryLump', 'yes'),
    'bloody-discharge': sidesWith(intake, 'discharge', 'bloody'),
    'one-sided-discharge': oneSidedDischarge(intake),
    'skin-change': sidesWith(intake, 'skinChange', 'yes'),
    'nipple-change': sidesWith(intake, 'nippleChange', 'yes'),
    'prior-cancer': sidesWith(intake, 'priorCancer', 'yes'),
    'variant-carrier': intake.geneticRisk === 'variant-carrier',
    'family-history':
      intake.familyHistory === 'first-degree-before-40' || intake.familyHistory === 'several-first-degree',
  }
  return (Object.keys(RED_FLAGS) as RedFlagCode[]).flatMap((code) => {
    const found = flags[code]
    if (typeof found === 'boolean') return found ? [{ code, sides: [] }] : []
    return found.length > 0 ? [{ code, sides: [...found] }] : []
  })
}

type SidedField = { [F in IntakeField]: Intake[F] extends Record<Side, string> ? F : never }[IntakeField]

function sidesWith(intake: Intake, field: SidedField, answer: string): Side[] {
  return (['R', 'L'] as const).filter((side) => intake[field][side] === answer)
}

/** Of both breasts alike it is seldom of a lesion; of one, or of one at least as far as anybody knows, it may be. */
function oneSidedDischarge(intake: Intake): Side[] {
  const { ageYears } = intake
  const sides = sidesWith(intake, 'discharge', 'other')
  return (ageYears === 'unknown' || ageYears >= DISCHARGE_FROM) && sides.length === 1 ? sides : []
}

function limitsOf(intake: Intake): IntakeLimit[] {
  const limits: Readonly<Record<IntakeLimit, boolean>> = {
    implant: sidesWith(intake, 'implant', 'yes').length > 0,
    'prior-surgery': sidesWith(intake, 'priorSurgery', 'yes').length > 0,
    'pregnancy-or-lactation': intake.pregnancy === 'pregnant' || intake.pregnancy === 'lactating',
  }
  return (Object.keys(limits) as IntakeLimit[]).filter((limit) => limits[limit])
}
