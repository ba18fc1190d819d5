import { existsSync } from 'node:fs'
import { readdir, readFile } from 'node:fs/promises'
import path from 'node:path'
import { expect, test } from 'vitest'
import { isLeftOut, sha256 } from './left-out.ts'
import { clusterOf, joinManifests, parseManifest, readManifest } from './manifest.ts'

const DATA = process.env.ZAOSHAI_DATA ?? path.resolve(import.meta.dirname, '../../../shared/data')
const EXAMPLES = path.resolve(import.meta.dirname, '../../examples')
const folder = '/data/clinic'
const read = (text: string, modality?: 'US' | 'MG') => parseManifest(text, { folder, modality })

test('a row becomes absolute paths and known values', () => {
  const { rows, badRows } = read('id,image,mask,class,split,group\na,images/a.png,masks/a.png,benign,train,g1\n', 'US')
  expect(badRows).toEqual([])
  expect(rows[0]).toMatchObject({
    id: 'a',
    imageFile: '/data/clinic/images/a.png',
    maskFile: '/data/clinic/masks/a.png',
    class: 'benign',
    modality: 'US',
    group: 'g1',
    dataset: 'clinic',
    nearDuplicateOf: null,
  })
})

test('the modality comes from the column first, then from the argument, and is never guessed', () => {
  const withColumn = 'id,image,mask,split,modality\na,a.png,a.png,train,MG\nb,b.png,b.png,train,\n'
  expect(read(withColumn, 'US').rows.map((row) => row.modality)).toEqual(['MG', 'US'])
  expect(() => read(withColumn)).toThrow(/MODALITY_UNKNOWN/)
})

test('bad rows are named with their line and the good ones stay', () => {
  const text = [
    'id,image,mask,class,split',
    'a,a.png,a.png,benign,train',
    'a,b.png,b.png,benign,train',
    'c,,c.png,benign,train',
    'd,d.png,,malignant,train',
    'e,e.png,,normal,val',
    'f,f.png,f.png,benign,holiday',
  ].join('\n')
  const { rows, badRows } = read(text, 'US')
  expect(rows.map((row) => row.id)).toEqual(['a', 'e'])
  expect(badRows.map(({ line, id }) => [line, id])).toEqual([
    [3, 'a'],
    [4, 'c'],
    [5, 'd'],
    [7, 'f'],
  ])
  expect(badRows[0]?.reason).toContain('line 2')
})

test('a group or a patient in two splits refuses the whole manifest', () => {
  expect(() => read('id,image,mask,split,group\na,a,a,train,g\nb,b,b,val,g\n', 'US')).toThrow(/SPLIT_LEAK.*group/)
  expect(() => read('id,image,mask,split,patient\na,a,a,train,p\nb,b,b,val,p\n', 'US')).toThrow(/SPLIT_LEAK.*patient/)
})

test('near-duplicates in two splits refuse it too', () => {
  const rows = (split: string) =>
    `id,image,mask,split,near_duplicate_of\na,a,a,train,\nb,b,b,${split},a\nc,c,c,test,gone\n`
  expect(() => read(rows('val'), 'US')).toThrow(/SPLIT_LEAK.*column=near_duplicate_of, ids=\[a,b\]/)
  expect(read(rows('train'), 'US').rows).toHaveLength(3)
})

test('manifests of one folder are one data set: leaks between them are refused, an id counts once', () => {
  const of = (text: string, at = folder) => parseManifest(text, { folder: at, modality: 'US' })
  const first = of('id,image,mask,split,patient\na,a,a,train,p\n')
  const leak = of('id,image,mask,split,patient\nb,b,b,val,p\n')
  expect(() => joinManifests([first, leak])).toThrow(/SPLIT_LEAK/)
  expect(joinManifests([first, of('id,image,mask,split,patient\na,b,b,val,p\n', '/data/other')]).rows).toHaveLength(2)
  const twice = joinManifests([first, first])
  expect(twice.rows).toEqual(first.rows)
  expect(twice.badRows).toMatchObject([{ dataset: 'clinic', line: 2, id: 'a' }])
})

test('a file that is no manifest is refused by code', async () => {
  expect(() => read('name,picture\nx,y\n', 'US')).toThrow(/MANIFEST_INVALID.*id,image,split/)
  expect(() => read('', 'US')).toThrow(/MANIFEST_INVALID/)
  await expect(readManifest('/nowhere/manifest.csv', 'US')).rejects.toThrow(/MANIFEST_INVALID/)
})

test('images of one patient or one group are one cluster', () => {
  const { rows } = read('id,image,mask,split,group\na,a,a,train,g\nb,b,b,train,g\nc,c,c,train,\n', 'US')
  expect(new Set(rows.map(clusterOf)).size).toBe(2)
})

test('the example woman is left out by bytes, patient, id or file name, her neighbours are not', () => {
  const row = { sha256: '0', id: 'x', patient: null, imageFile: 'x.png' }
  expect(isLeftOut(row)).toBe(false)
  expect(isLeftOut({ ...row, patient: 'P313' })).toBe(true)
  expect(isLeftOut({ ...row, id: 'cesm_P313_L_CM_CC' })).toBe(true)
  expect(isLeftOut({ ...row, imageFile: '/d/images/P313_R_DM_MLO.jpg' })).toBe(true)
  expect(isLeftOut({ ...row, patient: 'P31', id: 'cesm_P3131_L_CM_CC' })).toBe(false)
  const first = '3865702726354cfce2579d3510f685bdfc44277f6f9d3655166d3eaa4d843540'
  expect(isLeftOut({ ...row, sha256: first })).toBe(true)
})

const exampleImages = existsSync(EXAMPLES)
  ? (await readdir(EXAMPLES, { recursive: true })).filter((file) => /^(?!.*ground-truth).*\.(jpe?g|png)$/.test(file))
  : []

test.skipIf(exampleImages.length === 0)(
  'every bundled example is left out of training whatever it is called',
  async () => {
    for (const file of exampleImages) {
      const bytes = await readFile(path.join(EXAMPLES, file))
      expect(isLeftOut({ sha256: sha256(bytes), id: 'renamed', patient: null, imageFile: 'renamed.jpg' })).toBe(true)
    }
  },
)

test.skipIf(!existsSync(DATA))('the shared manifests read whole: 584 busi, 488 cesm, 36 busbra rows', async () => {
  const counts: Record<string, number> = {}
  for (const [name, modality] of [
    ['busi', 'US'],
    ['cesm', 'MG'],
    ['busbra', 'US'],
  ] as const) {
    const { rows, badRows } = await readManifest(path.join(DATA, name, 'manifest.csv'), modality)
    expect(badRows).toEqual([])
    counts[name] = rows.length
  }
  expect(counts).toEqual({ busi: 584, cesm: 488, busbra: 36 })
})
