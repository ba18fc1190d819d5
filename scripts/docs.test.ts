import { existsSync, globSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { expect, test } from 'vitest'
import { ERRORS } from '#core/errors.ts'
import { drifted } from './docs.ts'
import { errorsPage } from './errors-page.ts'
import { ROOMS } from './rooms.ts'

test('the written documents say what the code says', () => {
  expect(drifted()).toEqual([])
})

test('the page of errors has every code with its cause and remedy', () => {
  const page = errorsPage()
  for (const [code, { cause, remedy }] of Object.entries(ERRORS)) {
    expect(page).toContain(`## ${code}\n\n${cause}\n\n**Remedy.** ${remedy}\n`)
  }
})

const root = join(import.meta.dirname, '..')
const pages = globSync(['*.md', 'docs/**/*.md', 'examples/**/*.md'], { cwd: root })

test.each(pages)('every link of %s leads to something', (page) => {
  const links = [...readFileSync(join(root, page), 'utf8').matchAll(/\]\(([^)#\s]+)[^)]*\)/g)].map(
    ([, link = '']) => link,
  )
  const files = links.filter((link) => !/^[a-z]+:/.test(link))
  expect(files.filter((file) => !existsSync(join(root, dirname(page), file)))).toEqual([])
})

test('the map of the architecture fits on one long page and gives every room the imports that lint does', () => {
  const map = readFileSync(join(root, 'ARCHITECTURE.md'), 'utf8')
  expect(map.split('\n').length).toBeLessThanOrEqual(150)
  for (const [room, { mayImport }] of Object.entries(ROOMS)) {
    const row = map.split('\n').find((line) => line.startsWith(`| \`${room}/\` |`))
    const imports = row?.split('|').at(-2)?.trim() ?? ''
    if (room !== 'app')
      expect(new Set(imports.replace(' (errors only)', '').split(', ')), room).toEqual(allowed(mayImport))
  }
})

function allowed(rooms: readonly string[]): Set<string> {
  return new Set(rooms.length === 0 ? ['nothing'] : rooms)
}
