import { expect, test } from 'vitest'
import { ERRORS } from '#core/errors.ts'
import { drifted } from './docs.ts'
import { errorsPage } from './errors-page.ts'

test('the written documents say what the code says', () => {
  expect(drifted()).toEqual([])
})

test('the page of errors has every code with its cause and remedy', () => {
  const page = errorsPage()
  for (const [code, { cause, remedy }] of Object.entries(ERRORS)) {
    expect(page).toContain(`## ${code}\n\n${cause}\n\n**Remedy.** ${remedy}\n`)
  }
})
