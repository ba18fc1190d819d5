import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { absent } from '#core/absent.ts'
import { MaskFolder } from './mask-folder.ts'

let out = ''
beforeEach(async () => {
  out = await mkdtemp(path.join(tmpdir(), 'zaoshai-masks-'))
})
afterEach(() => rm(out, { recursive: true }))

test('a mask that cannot be written, as on a full disk, leaves no row', async () => {
  const folder = await MaskFolder.open(out)
  await folder.empty(new Set())
  const counts = { lesions: 0, areaPx: 0, milliseconds: 1, outlines: [] }
  const prediction = { ...counts, presence: 0.5, expectedDice: absent('modality-not-validated') }
  await folder.put({ ...prediction, file: '左.png' }, new Uint8Array(1))
  const table = path.join(out, 'predictions.csv')
  const before = await readFile(table, 'utf8')
  const unwritten = 1 as unknown as Uint8Array
  await expect(folder.put({ ...prediction, file: 'b.png' }, unwritten)).rejects.toMatchObject({
    code: 'OUTPUT_UNWRITABLE',
    facts: { output: 'b.png' },
  })
  expect(await readFile(table, 'utf8')).toBe(before)
  expect((await readdir(out)).sort()).toEqual(['predictions.csv', '左.png'])
})
