import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import os from 'node:os'
import path from 'node:path'
import sharp from 'sharp'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { Mask } from '#core/mask.ts'
import { DEFAULT_PREPROCESSING } from '#core/preprocessing.ts'
import { encodeMaskPng } from '#imaging/encode.ts'
import { type DatasetImage, dataHash, examine, loadImage, refuseTaught, toSample } from './dataset.ts'
import { type ManifestRow, parseManifest } from './manifest.ts'

let folder = ''
beforeAll(async () => {
  folder = await mkdtemp(path.join(os.tmpdir(), 'zaoshai-dataset-'))
  const size = { width: 60, height: 40 }
  const half = Mask.from(
    Uint8Array.from({ length: 2400 }, (_, i) => (i % 60 < 30 ? 1 : 0)),
    size,
  )
  await writeFile(path.join(folder, 'half.png'), await encodeMaskPng(half))
  await writeFile(path.join(folder, 'empty.png'), await encodeMaskPng(Mask.empty(size)))
  await writeFile(path.join(folder, 'small.png'), await encodeMaskPng(Mask.empty({ width: 40, height: 40 })))
  await writeFile(path.join(folder, 'text.png'), 'not an image')
  await writeFile(path.join(folder, 'nothing.png'), '')
  const png = await encodeMaskPng(half)
  await writeFile(path.join(folder, 'torn.png'), png.subarray(0, png.length / 2))
  await writeFile(path.join(folder, 'soft.jpg'), await sharp(png).blur(3).jpeg().toBuffer())
  const small = await sharp(png).resize(41, 27).png().toBuffer()
  await writeFile(path.join(folder, 'smoothed.png'), await sharp(small).resize(60, 40).png().toBuffer())
  await writeFile(path.join(folder, 'compressed.jpg'), await sharp(png).jpeg().toBuffer())
})
afterAll(() => rm(folder, { recursive: true, force: true }))

const HEADER = 'id,image,mask,class,split,patient'
const rowsOf = (lines: readonly string[]): readonly ManifestRow[] =>
  parseManifest([HEADER, ...lines].join('\n'), { folder, modality: 'US' }).rows

test('a picture of the training among the rows of a test split is refused, whatever its name', async () => {
  const { images } = await examine(rowsOf(['a,half.png,half.png,benign,train,']), 'train')
  const others = rowsOf(['b,small.png,,normal,test,', 'lost,nowhere.png,,normal,test,'])
  await expect(refuseTaught(images, others)).resolves.toBeUndefined()
  await expect(
    refuseTaught(images, [...others, ...rowsOf(['c,half.png,half.png,benign,test,'])]),
  ).rejects.toMatchObject({
    code: 'SPLIT_LEAK',
    facts: { column: 'image', ids: ['a', 'c'], splits: ['train', 'test'] },
  })
})

test('rows that cannot be used are named with their reason and the others stay', async () => {
  const rows = rowsOf([
    'good,half.png,half.png,benign,train,',
    'normal,half.png,empty.png,normal,train,',
    'unmasked,half.png,,normal,train,',
    'othersize,half.png,small.png,benign,train,',
    'emptymask,half.png,empty.png,malignant,train,',
    'lesion,half.png,half.png,normal,train,',
    'missing,nowhere.png,half.png,benign,train,',
    'text,text.png,half.png,benign,train,',
    'nothing,nothing.png,half.png,benign,train,',
    'torn,torn.png,half.png,benign,train,',
    'maskless,half.png,nowhere.png,benign,train,',
    'tornmask,half.png,torn.png,benign,train,',
    'soft,half.png,soft.jpg,benign,train,',
    'smoothed,half.png,smoothed.png,benign,train,',
    'compressed,half.png,compressed.jpg,benign,train,',
  ])
  const { images, badRows } = await examine(rows, 'train')
  expect(images.map(({ row, lesion }) => [row.id, lesion])).toEqual([
    ['compressed', true],
    ['good', true],
    ['normal', false],
    ['unmasked', false],
  ])
  expect(badRows.map(({ id, line, reason }) => [id, line, reason.split(':')[0]])).toEqual([
    ['othersize', 5, 'MASK_SIZE_MISMATCH'],
    ['emptymask', 6, 'LESION_MASK_EMPTY'],
    ['lesion', 7, 'LESION_ON_NORMAL'],
    ['missing', 8, 'FILE_UNREADABLE'],
    ['text', 9, 'IMAGE_FORMAT_UNKNOWN'],
    ['nothing', 10, 'IMAGE_EMPTY'],
    ['torn', 11, 'IMAGE_UNREADABLE'],
    ['maskless', 12, 'FILE_UNREADABLE'],
    ['tornmask', 13, 'IMAGE_UNREADABLE'],
    ['soft', 14, 'MASK_NOT_BINARY'],
    ['smoothed', 15, 'MASK_NOT_BINARY'],
  ])
})

test('the same picture in two splits is refused, whatever it is called', async () => {
  const rows = rowsOf(['a,half.png,half.png,benign,train,', 'b,half.png,half.png,benign,val,'])
  await expect(examine(rows, 'train')).rejects.toMatchObject({ code: 'SPLIT_LEAK', facts: { ids: ['a', 'b'] } })
  await expect(examine(rows, 'evaluate')).resolves.toMatchObject({ badRows: [] })
})

test('reasons name files by their base name only', async () => {
  const { badRows } = await examine(rowsOf(['missing,nowhere.png,half.png,benign,train,']), 'train')
  expect(badRows[0]?.reason).toContain('nowhere.png')
  expect(badRows[0]?.reason).not.toContain(folder)
})

test('the example woman is left out of training, not of evaluation', async () => {
  const hers = 'P313_L_CM_CC'
  const rows = rowsOf(['own,half.png,half.png,benign,train,P313', `${hers},half.png,half.png,benign,val,P0`])
  const training = await examine(rows, 'train')
  expect(training.images.map(({ row }) => row.id)).toEqual(['own'])
  expect(training.leftOut).toEqual([hers])
  expect((await examine(rows, 'evaluate')).images).toHaveLength(2)
})

test('image and mask are laid into the same square', async () => {
  const [row] = rowsOf(['good,half.png,half.png,benign,train,'])
  const { image, softMask } = toSample(await loadImage(row!), { ...DEFAULT_PREPROCESSING.US, size: 64 })
  expect([softMask.width, softMask.height]).toEqual([64, 64])
  // The picture is white where its mask is foreground, so both must come out alike.
  for (let i = 0; i < image.data.length; i++) expect(image.data[i]).toBeCloseTo(softMask.data[i]!, 5)
})

test.each(['train', 'evaluate'] as const)(
  'images come by data set and id whatever the order of rows: %s',
  async (use) => {
    const ids = ['b', 'A', 'a10', 'a9', 'é']
    const rows = ids.map((id) => rowsOf([`${id},half.png,half.png,benign,train,`])[0]!)
    const other = { ...rows[0]!, dataset: '' }
    const order = async (of: readonly ManifestRow[]) =>
      (await examine(of, use)).images.map(({ row }) => `${row.dataset === '' ? '/' : ''}${row.id}`)
    expect(await order([...rows, other])).toEqual(['/b', 'A', 'a10', 'a9', 'b', 'é'])
    expect(await order([other, ...rows.toReversed()])).toEqual(['/b', 'A', 'a10', 'a9', 'b', 'é'])
  },
)

test('the data hash is the same whatever the order of rows, and another where ids, splits, masks or rows are', async () => {
  const lines = ['a,half.png,half.png,benign,train,', 'b,half.png,empty.png,normal,train,']
  const hash = async (of: readonly string[]) => dataHash((await examine(rowsOf(of), 'evaluate')).images)
  expect(await hash(lines)).toBe(await hash(lines.toReversed()))
  for (const other of [
    'b,half.png,empty.png,normal,val,',
    'c,half.png,empty.png,normal,train,',
    'b,half.png,,normal,train,',
  ]) {
    expect(await hash(lines)).not.toBe(await hash([lines[0]!, other]))
  }
  expect(await hash(lines)).not.toBe(await hash(lines.slice(1)))
})

test('the data hash depends on every column that decides sampling, folds, clusters or figures', async () => {
  const { images } = await examine(
    rowsOf(['a,half.png,half.png,benign,train,p', 'b,half.png,half.png,benign,train,q']),
    'train',
  )
  const [first, second] = images as [DatasetImage, DatasetImage]
  const changes: Partial<ManifestRow>[] = [
    ...[{ class: 'malignant' as const }, { modality: 'MG' as const }, { energy: 'subtracted' as const }],
    ...[{ group: 'q' }, { nearDuplicateOf: 'q' }, { patient: 'q' }, { patient: null }],
    ...[{ classConflict: true }, { dataset: 'other' }],
  ]
  const hashes = changes.map((change) => dataHash([{ ...first, row: { ...first.row, ...change } }, second]))
  expect(new Set([dataHash(images), ...hashes]).size).toBe(changes.length + 1)
  const elsewhere = { ...first, row: { ...first.row, line: 9, imageFile: '/elsewhere/a.png' } }
  expect(dataHash([second, elsewhere])).toBe(dataHash(images))
})
