import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import os from 'node:os'
import path from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { readManifests, readSources } from './manifests.ts'

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

test('a data set says its licence in the dataset.json beside its manifest; none is no error, a wrong one is', async () => {
  const source = { title: 'Records', licence: 'own use', citation: 'the clinic' }
  const manifest = path.join(folder, 'manifest.csv')
  expect(await readSources([`US:${manifest}`])).toEqual([])
  await writeFile(path.join(folder, 'dataset.json'), JSON.stringify(source))
  expect(await readSources([`US:${manifest}`, manifest])).toEqual([{ dataset: path.basename(folder), ...source }])
  for (const wrong of ['{', '{"title":"Records"}', JSON.stringify({ ...source, licence: '' })]) {
    await writeFile(path.join(folder, 'dataset.json'), wrong)
    await expect(readSources([manifest])).rejects.toMatchObject({ code: 'MANIFEST_INVALID' })
  }
})
