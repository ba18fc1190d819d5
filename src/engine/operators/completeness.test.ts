import { readdirSync, readFileSync } from 'node:fs'
import { expect, test } from 'vitest'

const folder = new URL('.', import.meta.url)
const files = readdirSync(folder).filter((file) => file.endsWith('.ts') && !file.endsWith('.test.ts'))

test.each(files)('the operators of %s are proved in a test beside it', (file) => {
  const source = readFileSync(new URL(file.replace('.ts', '.test.ts'), folder), 'utf8')
  expect(source).toContain(`from './${file}'`)
  expect(source).toContain('proveOperators(')
})
