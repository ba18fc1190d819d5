import { ABSENCE_WORDS, isAbsent } from '#core/absent.ts'
import { type Intake, type IntakeField, RED_FLAGS, type RedFlag } from '#core/intake.ts'
import { ANSWER_WORDS, ageWords, INTAKE_LABELS } from '#core/intake-words.ts'
import type { Side } from '#core/modality.ts'
import type { Report } from '#core/report.ts'
import type { Words } from '#core/words.ts'
import { SIDE_LABELS } from './labels.ts'
import type { Cell, Section, Table } from './sections.ts'

const WHERE = {
  R: { zh: '右侧', en: 'on the right' },
  L: { zh: '左侧', en: 'on the left' },
} as const satisfies Record<Side, Words>

/** What the woman was asked, and what of it asks for referral: before the images, since it stands above every score. */
export function intakeSection({ intake }: Report): Section {
  const head = { id: 'intake', title: { zh: '问诊信息', en: 'What the woman was asked' } }
  if (isAbsent(intake)) return { ...head, notes: [ABSENCE_WORDS[intake.absent]] }
  const flags = intake.redFlags.map(flagWords)
  const referral: Section['facts'] = flags.map((words) => [{ zh: '须转诊', en: 'Asks for referral' }, words])
  return { ...head, facts: referral, tables: [answers(intake.answers)] }
}

function flagWords({ code, sides }: RedFlag): Words {
  const { words } = RED_FLAGS[code]
  const of = (language: keyof Words) => [words[language], ...sides.map((side) => WHERE[side][language])].join(' · ')
  return { zh: of('zh'), en: of('en') }
}

function answers(intake: Intake): Table {
  return {
    columns: [{ name: { zh: '项目', en: 'Question' } }, { name: SIDE_LABELS.R }, { name: SIDE_LABELS.L }],
    rows: (Object.keys(INTAKE_LABELS) as IntakeField[]).map((field) => [INTAKE_LABELS[field], ...cells(intake, field)]),
  }
}

/** One answer for each breast; what is of the woman as a whole stands once. */
function cells(intake: Intake, field: IntakeField): Cell[] {
  if (field === 'ageYears') return [ageWords(intake.ageYears), '']
  const answer = intake[field]
  const words = (value: string): Words => ANSWER_WORDS[field][value]!
  return typeof answer === 'string' ? [words(answer), ''] : [words(answer.R), words(answer.L)]
}
