import { spawnSync } from 'node:child_process'
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { appendLine, clearTemporaries, cutBack, temporaryIn, writeWhole } from './durable.ts'
import { MACHINE } from './owner.ts'

let folder = ''
beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'zaoshai-durable-'))
})
afterEach(() => rm(folder, { recursive: true }))

describe('a file written whole', () => {
  test.skipIf(process.platform === 'win32')('may have a name as long as the file system takes', async () => {
    const name = 'x'.repeat(255)
    for (const text of ['first', 'second']) await writeWhole(path.join(folder, name), text)
    expect(await readdir(folder)).toEqual([name])
    expect(await readFile(path.join(folder, name), 'utf8')).toBe('second')
  })

  test('that cannot take its place leaves nothing beside it', async () => {
    await mkdir(path.join(folder, 'taken/by-a-folder'), { recursive: true })
    await expect(writeWhole(path.join(folder, 'taken'), 'text')).rejects.toThrow()
    expect(await readdir(folder)).toEqual(['taken'])
  })
})

test('temporary files are hidden, of one folder, and no two have one name', () => {
  const names = Array.from({ length: 100 }, () => temporaryIn(folder))
  expect(new Set(names).size).toBe(100)
  for (const name of names) expect(path.relative(folder, name)).toMatch(/^\.[^/\\]{1,60}\.tmp$/)
})

test('only temporary files of ended processes of this machine are cleared away', async () => {
  const { pid } = spawnSync(process.execPath, ['-e', ''])
  const other = MACHINE === '00000000' ? '11111111' : '00000000'
  const kept = [
    path.basename(temporaryIn(folder)),
    `.${pid}.${other}.0123abcd.tmp`,
    `.mine.${pid}.${MACHINE}.0123abcd.tmp`,
    `.${pid}.${MACHINE}.mine.tmp`,
  ]
  for (const name of [...kept, `.${pid}.${MACHINE}.0123abcd.tmp`]) await writeFile(path.join(folder, name), '')
  await clearTemporaries(folder)
  expect((await readdir(folder)).sort()).toEqual(kept.sort())
})

test('cutting back undoes an appended line', async () => {
  const file = path.join(folder, 'lines')
  await writeFile(file, 'one\n')
  await appendLine(file, 'two')
  await cutBack(file, 4)
  await appendLine(file, 'three')
  expect(await readFile(file, 'utf8')).toBe('one\nthree\n')
})
