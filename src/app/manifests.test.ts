import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import os from 'node:os'
import path from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { readManifests } from './manifests.ts'

let folder = ''
beforeAll(async () => {
  folder = await mkdtemp(path.join(os.tmpdir(), 'zaoshai-manifests-'))
  await writeFile(path.join(folder, 'a.csv'), 'id,image,mask,split\na,a.png,a.png,train\n')
  await writeFile(path.join(folder, 'b.csv'), 'id,image,mask,split,modality\nb,b.png,b.png,val,TG\n')
})
afterAll(() => rm(folder, { recursive: true, force: true }))

test('a prefix says what the images of one manifest are of; its own column goes before that', async () => {
  const { rows } = await readManifests([`US:${folder}/a.csv`, `MG:${folder}/b.csv`], undefined)
  expect(rows.map(({ id, modality }) => [id, modality])).toEqual([
    ['a', 'US'],
    ['b', 'TG'],
  ])
})

test('without a prefix the given modality stands in, and without that nothing is guessed', async () => {
  const { rows } = await readManifests([`${folder}/a.csv`], 'MG')
  expect(rows[0]?.modality).toBe('MG')
  await expect(readManifests([`${folder}/a.csv`], undefined)).rejects.toThrow(/MODALITY_UNKNOWN/)
})
