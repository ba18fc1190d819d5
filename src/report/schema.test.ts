import { readFileSync } from 'node:fs'
import { Ajv2020 } from 'ajv/dist/2020.js'
import { describe, expect, test } from 'vitest'
import { Report, reportJsonSchema } from '#core/report.ts'
import { SAMPLES } from './samples.ts'

const published = JSON.parse(readFileSync(new URL('../../docs/report.schema.json', import.meta.url), 'utf8'))
// formats are told by patterns as well; the validator brings none of its own
const isValid = new Ajv2020({ strict: false, validateFormats: false }).compile(published)

test('the published schema is that of the code', () => {
  expect(published).toEqual(JSON.parse(JSON.stringify(reportJsonSchema())))
})

describe.each(Object.entries(SAMPLES))('another validator, by the published schema,', (name, report) => {
  test(`accepts the report of ${name}`, () => {
    expect(isValid(JSON.parse(JSON.stringify(report))), JSON.stringify(isValid.errors?.slice(0, 3))).toBe(true)
  })
})

test('both refuse a report without one of its sides, with a made-up reason, or with a default in place of an absence', () => {
  const report = SAMPLES['mammography of both sides']!
  const text = JSON.stringify(report)
  const broken = [
    { ...report, sides: { R: report.sides.R } },
    JSON.parse(text.replace('"no-pixel-spacing"', '"forgotten"')),
    JSON.parse(text.replace('{"absent":"single-frame"}', '0')),
  ]
  for (const wrong of broken) {
    expect(isValid(wrong)).toBe(false)
    expect(Report.safeParse(wrong).success).toBe(false)
  }
})
