import { existsSync } from 'node:fs'
import { readdir, readFile } from 'node:fs/promises'
import path from 'node:path'
import { expect, test } from 'vitest'
import { isLeftOut, sha256 } from './left-out.ts'
import { energyOfColumn, joinManifests, type ManifestRow, parseManifest, readManifest } from './manifest.ts'

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
  const { rows, badRows } = read(withColumn)
  expect(rows.map((row) => row.id)).toEqual(['a'])
  expect(badRows).toMatchObject([{ line: 3, id: 'b', reason: expect.stringContaining('modality') }])
})

test('where nothing says of any row what it is of, the whole manifest is refused', () => {
  expect(() => read('id,image,mask,split\na,a.png,a.png,train\n')).toThrow(/MODALITY_UNKNOWN/)
  const blank = 'id,image,mask,split,modality\na,a.png,a.png,train,\nb,b.png,b.png,train,\n'
  expect(() => read(blank)).toThrow(/MODALITY_UNKNOWN/)
  expect(read(blank, 'MG').rows).toHaveLength(2)
})

test('the energy is one of the known spellings in any case, or none; another is a bad row', () => {
  const of = (energies: readonly string[]) => {
    const rows = energies.map((energy, i) => `i${i},a.png,a.png,train,${energy}`)
    return read(`id,image,mask,split,energy\n${rows.join('\n')}\n`, 'MG')
  }
  const low = ['low-energy', 'Low-Energy', 'LE', 'dm', ' DM ']
  const subtracted = ['subtracted', 'Subtracted-Contrast', 'recombined', 'CM', 're']
  expect(of(low).rows.map(({ energy }) => energy)).toEqual(low.map(() => 'low-energy'))
  expect(of(subtracted).rows.map(({ energy }) => energy)).toEqual(subtracted.map(() => 'subtracted'))
  expect(of(['']).rows).toMatchObject([{ energy: null }])
  const { rows, badRows } = of(['high', 'LE', 'constructor'])
  expect(rows).toMatchObject([{ id: 'i1', energy: 'low-energy' }])
  expect(badRows.map(({ line, id }) => [line, id])).toEqual([
    [2, 'i0'],
    [4, 'i2'],
  ])
  for (const { reason } of badRows) {
    expect(reason).toMatch(/^energy: .*"low-energy".*"subtracted"/)
    expect(reason).not.toMatch(/high|constructor/)
  }
  expect(['Recombined', 'constructor', '', null, undefined].map(energyOfColumn)).toEqual(['subtracted', ...Array(4)])
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

test('a row with a comma too many or too few is a bad row and the others stay', () => {
  const text = 'id,image,mask,split\na,a,a,train\nb,b,b,,train\nc,c\nd,d,d,train\n'
  const { rows, badRows } = read(text, 'US')
  expect(rows.map(({ id, line }) => [id, line])).toEqual([
    ['a', 2],
    ['d', 5],
  ])
  // Which cell is the id is not known; it may be a name.
  expect(badRows.map(({ line, id }) => [line, id])).toEqual([
    [3, ''],
    [4, ''],
  ])
  const modality = 'id,image,mask,split,modality\na,a,a,train,US,\n'
  expect(read(modality)).toMatchObject({ rows: [], badRows: [{ line: 2 }] })
})

test.each(['\n', '\r\n', '\r'])('a line is where the row begins, past blank lines and breaks in quotes: %j', (end) => {
  const lines = [
    ...['id,"image","the', 'mask",split,mask', ''],
    ...['a,a,,train,a', '', '  ', 'b,b,"two', '', 'lines",train,b', 'c,c,,holiday,c', '"d', '",d,,holiday,d'],
    ...['e,e,,holiday,e'],
  ]
  for (const text of [lines.join(end), `\uFEFF${lines.join(end)}${end}`, lines.join('\n').replace('\n', end)]) {
    const { rows, badRows } = read(text, 'US')
    expect(rows.map(({ id, line }) => [id, line])).toEqual([
      ['a', 4],
      ['b', 7],
    ])
    expect(badRows.map(({ line }) => line)).toEqual([10, 11, 13])
  }
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

test('so do those whose original is missing or a bad row, and chains of them', () => {
  const of = (...rows: string[]) => read(`id,image,mask,split,near_duplicate_of\n${rows.join('\n')}\n`, 'US')
  const [a, c] = ['a,a,a,train,b', 'c,c,c,val,b']
  const refused = /SPLIT_LEAK.*column=near_duplicate_of, ids=\[a,c\]/
  expect(() => of(a, c)).toThrow(refused)
  expect(() => of(a, 'b,b,,train,', c)).toThrow(refused)
  expect(() => of(a, 'b,b,b,val,z', 'z,z,z,val,')).toThrow(/SPLIT_LEAK.*ids=\[a,b\]/)
  expect(of(a, c.replace('val', 'train')).rows).toHaveLength(2)
  const join = (one: string, other: string) => joinManifests([of(one), of(other)])
  expect(() => join(a, c)).toThrow(refused)
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

test('images of one patient, one group or one picture are one cluster, also where only others connect them', () => {
  const columns = 'id,image,mask,split,group,patient,near_duplicate_of'
  const rows = [
    'a,a,a,train,g,,',
    'b,b,b,train,g,p,',
    'c,c,c,train,,p,',
    'd,d,d,train,,,c',
    'e,e,e,train,,,lost',
    'f,f,f,train,,,lost',
  ]
  const clusters = read([columns, ...rows, 'g,g,g,train,,,'].join('\n'), 'US').rows.map(({ cluster }) => cluster)
  expect(new Set(clusters.slice(0, 4)).size).toBe(1)
  expect(clusters[4]).toBe(clusters[5])
  expect(new Set(clusters).size).toBe(3)
})

test('the example woman is left out by bytes, id or file name, her neighbours are not', () => {
  const row = { sha256: '0', id: 'x', imageFile: 'x.png' }
  expect(isLeftOut(row)).toBe(false)
  expect(isLeftOut({ ...row, id: 'cesm_P313_L_CM_CC' })).toBe(true)
  expect(isLeftOut({ ...row, imageFile: '/d/images/P313_R_DM_MLO.jpg' })).toBe(true)
  expect(isLeftOut({ ...row, id: 'cesm_P3131_L_CM_CC' })).toBe(false)
  expect(isLeftOut({ ...row, imageFile: '/d/XP313_R_DM_MLO.jpg' })).toBe(false)
  const first = '3865702726354cfce2579d3510f685bdfc44277f6f9d3655166d3eaa4d843540'
  expect(isLeftOut({ ...row, sha256: first })).toBe(true)
})

test("a clinic's own P313, or a folder that is called so, is not left out", () => {
  const row = { sha256: '0', id: 'x', imageFile: 'x.png' }
  expect(isLeftOut({ ...row, id: 'P313' })).toBe(false)
  expect(isLeftOut({ ...row, id: 'P313_L_CC', imageFile: '/records/P313/P313_L_CC.png' })).toBe(false)
  expect(isLeftOut({ ...row, imageFile: '/data/P313_L_CM_CC/x.png' })).toBe(false)
})

const exampleImages = existsSync(EXAMPLES)
  ? (await readdir(EXAMPLES, { recursive: true })).filter((file) => /^(?!.*ground-truth).*\.(jpe?g|png)$/.test(file))
  : []

test.skipIf(exampleImages.length === 0)(
  'every bundled example is left out of training whatever it is called',
  async () => {
    for (const file of exampleImages) {
      const bytes = await readFile(path.join(EXAMPLES, file))
      expect(isLeftOut({ sha256: sha256(bytes), id: 'renamed', imageFile: 'renamed.jpg' })).toBe(true)
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

test.skipIf(!existsSync(DATA))(
  'the eight views of P313 in the shared cesm are left out by id and by file name',
  async () => {
    const { rows } = await readManifest(path.join(DATA, 'cesm/manifest.csv'), 'MG')
    const by = (of: (row: ManifestRow) => { id: string; imageFile: string }) =>
      rows.filter((row) => isLeftOut({ sha256: '0', ...of(row) })).map(({ patient }) => patient)
    const hers = Array.from({ length: 8 }, () => 'P313')
    expect(by(({ id }) => ({ id, imageFile: 'renamed.jpg' }))).toEqual(hers)
    expect(by(({ imageFile }) => ({ id: 'renamed', imageFile }))).toEqual(hers)
  },
)
