import { describe, expect, test } from 'vitest'
import { BIOMARKER_NAMES, Biomarker, biomarkerOf } from './biomarkers.ts'

const ofMarker = (marker: (typeof BIOMARKER_NAMES)[number]) => {
  const { kind, unit } = biomarkerOf(marker)
  return { marker, value: 1, unit, ...(kind === 'pathology' ? { side: 'L' as const } : {}) }
}

describe.each(BIOMARKER_NAMES)('%s', (marker) => {
  const entry = ofMarker(marker)

  test('is taken in its declared unit, and in no other', () => {
    expect(Biomarker.parse(entry)).toEqual(entry)
    expect(Biomarker.safeParse({ ...entry, unit: 'mmol/L' }).success).toBe(false)
    expect(Biomarker.safeParse({ ...entry, unit: undefined }).success).toBe(false)
  })

  test('has a side where it is of tissue, and none where it is of the blood', () => {
    const { side, ...without } = entry
    const other = side === undefined ? { ...entry, side: 'R' } : without
    expect(Biomarker.safeParse(other).success).toBe(false)
  })

  test('is no less than 0 and no more than there can be', () => {
    const { most } = biomarkerOf(marker)
    expect(Biomarker.safeParse({ ...entry, value: -1 }).success).toBe(false)
    if (most !== undefined) expect(Biomarker.safeParse({ ...entry, value: most + 1 }).success).toBe(false)
  })

  test('has a LOINC code whose check digit is right, or none', () => {
    const { code } = biomarkerOf(marker)
    if (code === undefined) return
    const [digits = '', check] = code.value.split('-')
    // Luhn's modulus 10, from the right
    const sum = [...digits].reverse().reduce((total, digit, i) => {
      const value = Number(digit) * (i % 2 === 0 ? 2 : 1)
      return total + (value > 9 ? value - 9 : value)
    }, 0)
    expect(`${(10 - (sum % 10)) % 10}`).toBe(check)
  })
})

test('a HER2 score is a whole number', () => {
  const score = ofMarker('HER2-IHC')
  expect(Biomarker.safeParse({ ...score, value: 2.5 }).success).toBe(false)
  expect(Biomarker.safeParse({ ...score, value: 3 }).success).toBe(true)
})
