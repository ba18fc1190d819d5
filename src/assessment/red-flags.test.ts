import { describe, expect, test } from 'vitest'
import { Intake, RED_FLAGS, RedFlagCode } from '#core/intake.ts'
import { intakeReport, redFlagsOf, refusalOf } from './red-flags.ts'

const codesOf = (answers: object) => redFlagsOf(Intake.parse(answers)).map(({ code }) => code)

describe('a person', () => {
  test('under 18, or who is no woman, is refused; an adult woman is not, nor one of whom it is not known', () => {
    expect(refusalOf({ ageYears: 17, sex: 'female' })).toBe('under-18')
    expect(refusalOf({ ageYears: 17, sex: 'unknown' })).toBe('under-18')
    expect(refusalOf({ ageYears: 40, sex: 'male' })).toBe('not-female')
    expect(refusalOf({ ageYears: 'unknown', sex: 'other' })).toBe('not-female')
    for (const ageYears of [18, 120, 'unknown'] as const) {
      for (const sex of ['female', 'unknown'] as const) expect(refusalOf({ ageYears, sex })).toBeUndefined()
    }
  })
})

describe('red flags', () => {
  test('are none where nothing, or nothing but no, is told', () => {
    expect(codesOf({})).toEqual([])
    expect(codesOf({ lump: { L: 'no', R: 'no' }, discharge: { L: 'none', R: 'none' } })).toEqual([])
  })

  test.each([
    [{ lump: { L: 'yes' } }, 'lump', ['L']],
    [{ lump: { L: 'yes', R: 'yes' } }, 'lump', ['R', 'L']],
    [{ axillaryLump: { R: 'yes' } }, 'axillary-lump', ['R']],
    [{ discharge: { R: 'bloody' }, ageYears: 20 }, 'bloody-discharge', ['R']],
    [{ discharge: { R: 'other', L: 'none' }, ageYears: 50 }, 'one-sided-discharge', ['R']],
    [{ discharge: { R: 'other' } }, 'one-sided-discharge', ['R']],
    [{ skinChange: { L: 'yes' } }, 'skin-change', ['L']],
    [{ nippleChange: { L: 'yes' } }, 'nipple-change', ['L']],
    [{ priorCancer: { L: 'yes' } }, 'prior-cancer', ['L']],
    [{ geneticRisk: 'variant-carrier' }, 'variant-carrier', []],
    [{ familyHistory: 'several-first-degree' }, 'family-history', []],
  ] as const)('%j is %s of %j', (answers, code, sides) => {
    expect(redFlagsOf(Intake.parse(answers))).toEqual([{ code, sides }])
  })

  test('discharge that is not bloody is none below 50, nor where both breasts have it', () => {
    expect(codesOf({ discharge: { R: 'other', L: 'none' }, ageYears: 49 })).toEqual([])
    expect(codesOf({ discharge: { R: 'other', L: 'other' }, ageYears: 60 })).toEqual([])
  })

  test('each names a guideline, or says that the rule is ours', () => {
    for (const code of RedFlagCode.options) expect(RED_FLAGS[code].source).toMatch(/NICE|Scottish|Ours/)
  })
})

test('implants, surgery, pregnancy and lactation are told as what the software was not validated on', () => {
  const { limits } = intakeReport(Intake.parse({ implant: { L: 'yes' }, pregnancy: 'lactating' }))
  expect(limits).toEqual(['implant', 'pregnancy-or-lactation'])
})
