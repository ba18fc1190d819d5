import { describe, expect, test } from 'vitest'
import { Intake, type IntakeField } from './intake.ts'
import { ANSWER_WORDS, INTAKE_LABELS } from './intake-words.ts'

describe('an intake', () => {
  test('of which nothing is told is unknown in every field, on both sides', () => {
    const answers = Object.values(Intake.parse({})).flatMap((answer): unknown[] =>
      typeof answer === 'object' ? Object.values(answer) : [answer],
    )
    expect(new Set(answers)).toEqual(new Set(['unknown']))
  })

  test('keeps what is told of one side and leaves the other unknown', () => {
    expect(Intake.parse({ lump: { L: 'yes' } }).lump).toEqual({ L: 'yes', R: 'unknown' })
  })

  test('refuses free text, a misspelt field, an age that is none', () => {
    const wrong = [{ lump: 'hard' }, { lump: { L: 'left, hard' } }, { lumps: {} }, { ageYears: 17.5 }, { ageYears: -1 }]
    for (const intake of wrong) expect(Intake.safeParse(intake).success, JSON.stringify(intake)).toBe(false)
  })

  test('has words in both languages for every field and every answer', () => {
    for (const field of Object.keys(Intake.shape) as IntakeField[]) {
      expect(INTAKE_LABELS[field].zh).toMatch(/\p{Script=Han}/u)
      if (field === 'ageYears') continue
      const { def } = Intake.shape[field].unwrap()
      const answers = 'entries' in def ? def.entries : 'shape' in def ? def.shape.R.unwrap().def.entries : {}
      expect(Object.keys(ANSWER_WORDS[field]).sort()).toEqual(Object.keys(answers).sort())
    }
  })
})
