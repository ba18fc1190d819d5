import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import os from 'node:os'
import path from 'node:path'
import sharp from 'sharp'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { Mask } from '#core/mask.ts'
import { DEFAULT_PREPROCESSING } from '#core/preprocessing.ts'
import { encodeMaskPng } from '#imaging/encode.ts'
import { dataHash, examine, loadImage, toSample } from './dataset.ts'
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

const rowsOf = (lines: readonly string[]): readonly ManifestRow[] =>
  parseManifest(['id,image,mask,class,split,patient', ...lines].join('\n'), { folder, modality: 'US' }).rows

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
    ['good', true],
    ['normal', false],
    ['unmasked', false],
    ['compressed', true],
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
  const rows = rowsOf(['good,half.png,half.png,benign,train,P1', 'hers,half.png,half.png,benign,val,P313'])
  const training = await examine(rows, 'train')
  expect(training.images.map(({ row }) => row.id)).toEqual(['good'])
  expect(training.leftOut).toEqual(['hers'])
  expect((await examine(rows, 'evaluate')).images).toHaveLength(2)
})

test('image and mask are laid into the same square', async () => {
  const [row] = rowsOf(['good,half.png,half.png,benign,train,'])
  const { image, softMask } = toSample(await loadImage(row!), { ...DEFAULT_PREPROCESSING.US, size: 64 })
  expect([softMask.width, softMask.height]).toEqual([64, 64])
  // The picture is white where its mask is foreground, so both must come out alike.
  for (let i = 0; i < image.data.length; i++) expect(image.data[i]).toBeCloseTo(softMask.data[i]!, 5)
})

test('the data hash depends on ids, splits and bytes and not on the order of rows', async () => {
  const lines = ['a,half.png,half.png,benign,train,', 'b,half.png,empty.png,normal,train,']
  const hash = async (of: readonly string[]) => dataHash((await examine(rowsOf(of), 'evaluate')).images)
  expect(await hash(lines)).toBe(await hash(lines.toReversed()))
  expect(await hash(lines)).not.toBe(await hash([lines[0]!, lines[1]!.replace('train', 'val')]))
  expect(await hash(lines)).not.toBe(await hash(lines.slice(1)))
})
