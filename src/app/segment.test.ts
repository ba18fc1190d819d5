import { spawnSync } from 'node:child_process'
import { link, mkdir, mkdtemp, readdir, readFile, rename, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { setTimeout } from 'node:timers/promises'
import { parse } from 'csv-parse/sync'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { absent } from '#core/absent.ts'
import { ScreeningError } from '#core/errors.ts'
import type { RasterImage, Size } from '#core/image.ts'
import { Mask } from '#core/mask.ts'
import type { Modality } from '#core/modality.ts'
import { DEFAULT_PREPROCESSING } from '#core/preprocessing.ts'
import type { Energy } from '#core/study.ts'
import { MACHINE } from '#disk/owner.ts'
import { components } from '#imaging/components.ts'
import { decodeImage } from '#imaging/decode.ts'
import { encodePng } from '#imaging/encode.ts'
import { standardise } from '#imaging/standardise.ts'
import type { RefusedInput } from './inputs.ts'
import type { SecondLook } from './judgement.ts'
import { type Segmenter, type SegmentOptions, segment } from './segment.ts'

let folder = ''
let out = ''
beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'zaoshai-segment-'))
  out = path.join(folder, 'out')
})
afterEach(() => rm(folder, { recursive: true, force: true }))

const LIGHT = 200

/** Two 8x4 px boxes in every image; its model knows no thermograms, and of mammograms was validated on subtracted ones. */
class TwoBoxes implements Segmenter, AsyncDisposable {
  /** How many images it waits for before it answers any, which shows that they come ahead. */
  readonly expected: number
  standardised = 0
  segmented = 0
  mostAtOnce = 0
  isClosed = false
  /** What its trunk says of every picture. */
  readonly secondLook: SecondLook | undefined

  constructor(expected = 0, secondLook?: SecondLook) {
    this.expected = expected
    this.secondLook = secondLook
  }

  isValidatedOn(modality: Modality, energy: Energy | undefined) {
    return modality === 'US' || energy === 'subtracted'
  }

  /** Its pictures are all of one level: white ones are refused, and light ones doubted. */
  judge({ data }: RasterImage) {
    if (data[0] === 255) return absent('blank-image')
    return data[0] === LIGHT ? 'doubtful' : 'judgeable'
  }

  standardise(raster: RasterImage, modality: Modality) {
    if (modality === 'TG') throw new ScreeningError('MODALITY_NOT_VALIDATED', { modality })
    this.mostAtOnce = Math.max(this.mostAtOnce, ++this.standardised - this.segmented)
    return standardise(raster, DEFAULT_PREPROCESSING.US)
  }

  async segment({ frame }: ReturnType<typeof standardise>) {
    const { width, height } = frame.original
    const data = new Uint8Array(width * height)
    for (const left of [2, 20]) {
      for (let y = 5; y < 9; y++) data.fill(1, y * width + left, y * width + left + 8)
    }
    do await setTimeout(1)
    while (this.standardised < this.expected)
    this.segmented++
    const mask = Mask.from(data, frame.original)
    const regions = components(mask).map((region) => ({ region, expectedDice: 0.8, bandAreaPx: 12 }))
    return { mask, presence: 0.75, expectedDice: 0.7, regions, secondLook: this.secondLook }
  }

  async [Symbol.asyncDispose]() {
    this.isClosed = true
  }
}

function png({ width, height }: Size, level = 90): Promise<Uint8Array> {
  return encodePng({ width, height, channels: 1, bitDepth: 8, data: new Uint8Array(width * height).fill(level) })
}

async function put(name: string, content: Uint8Array | string = ''): Promise<string> {
  const file = path.join(folder, name)
  await mkdir(path.dirname(file), { recursive: true })
  await writeFile(file, content)
  return file
}

async function table(name: string): Promise<Record<string, string>[]> {
  return parse(await readFile(path.join(out, name)), { columns: true })
}

const run = (options: Partial<SegmentOptions>, segmenter = new TwoBoxes()) =>
  segment({ inputs: [path.join(folder, 'in')], out, modality: 'US', ...options }, async () => segmenter)

describe('results', () => {
  test('each image gets a 0/255 mask of its own size under its own name, and a row whose first five columns are always the same', async () => {
    await put('in/a.png', await png({ width: 64, height: 48 }))
    await put('in/deep/b.PNG', await png({ width: 100, height: 33 }))
    const { predictions, refused } = await run({})
    expect(refused).toEqual([])
    expect(predictions.map(({ file }) => file)).toEqual(['a.png', 'b.PNG'])
    const { width, height, channels, bitDepth, data } = await decodeImage(await readFile(path.join(out, 'b.png')), 'b')
    expect({ width, height, channels, bitDepth }).toEqual({ width: 100, height: 33, channels: 1, bitDepth: 8 })
    expect(new Set(data)).toEqual(new Set([0, 255]))
    expect((await readFile(path.join(out, 'predictions.csv'), 'utf8')).split('\n')[0]).toBe(
      'file,presence,lesions,areaPx,milliseconds,expectedDice,outlineExpectedDice,outlineUncertaintyPx,readWith',
    )
    const trust = { expectedDice: '0.700', outlineExpectedDice: '0.800;0.800', outlineUncertaintyPx: '0.6;0.6' }
    expect(await table('predictions.csv')).toMatchObject([
      { file: 'a.png', presence: '0.7500', lesions: '2', areaPx: '64', ...trust },
      { file: 'b.PNG', presence: '0.7500', lesions: '2', areaPx: '64', ...trust },
    ])
    expect((await readdir(out)).sort()).toEqual(['a.png', 'b.png', 'predictions.csv'])
  })

  test('the next image is decoded and looked at while one is, and never more than that one', async () => {
    const image = await png({ width: 64, height: 64 })
    for (let i = 0; i < 40; i++) await put(`in/${i}.png`, image)
    const segmenter = new TwoBoxes(2)
    expect((await run({}, segmenter)).predictions).toHaveLength(40)
    expect(segmenter.mostAtOnce).toBe(2)
    expect(segmenter.isClosed).toBe(true)
  })
})

describe('inputs that cannot be segmented', () => {
  test('each bad file is refused by its name and code, and the rest goes on', async () => {
    const good = await png({ width: 64, height: 64 })
    await put('in/0-empty.png')
    await put('in/1-text.png', 'not an image')
    await put('in/2-truncated.png', good.subarray(0, good.length / 2))
    await put('in/3-small.png', await png({ width: 1, height: 1 }))
    await put('in/4-good.png', good)
    await put('in/notes.txt', 'a note')
    const told: string[] = []
    const missing = path.join(folder, 'missing.png')
    const inputs = [path.join(folder, 'in'), missing]
    const { predictions } = await run({ inputs, onRefused: ({ file }) => told.push(file) })
    expect(predictions.map(({ file }) => file)).toEqual(['4-good.png'])
    const errors = await table('errors.csv')
    expect(Object.fromEntries(errors.map(({ file, code }) => [file, code]))).toEqual({
      'missing.png': 'INPUT_NOT_FOUND',
      '0-empty.png': 'IMAGE_EMPTY',
      '1-text.png': 'IMAGE_FORMAT_UNKNOWN',
      '2-truncated.png': 'IMAGE_UNREADABLE',
      '3-small.png': 'IMAGE_TOO_SMALL',
      'notes.txt': 'IMAGE_FORMAT_UNKNOWN',
    })
    expect(told).toHaveLength(6)
  })

  test('of two images whose masks would share a name the second is refused, whatever the case of its letters', async () => {
    const image = await png({ width: 64, height: 64 })
    await put('in/a/scan.png', image)
    await put('in/b/SCAN.jpg', image)
    const { predictions, refused } = await run({})
    expect(predictions).toHaveLength(1)
    expect(refused.map(({ error }) => [error.code, error.facts])).toEqual([
      ['OUTPUT_NAME_TAKEN', { file: 'SCAN.jpg', mask: 'SCAN.png', takenBy: 'scan.png' }],
    ])
  })

  test('an image is never overwritten by a mask', async () => {
    const image = await png({ width: 64, height: 64 })
    const file = await put('in/scan.png', image)
    const other = await put('in/other.jpg', image)
    await put('in/other.png', 'not named as an input, and not ours')
    const { refused } = await run({ inputs: [file, other], out: path.join(folder, 'in') })
    expect(refused.map(({ error }) => error.code)).toEqual(['OUTPUT_IS_INPUT', 'OUTPUT_EXISTS'])
    expect(Buffer.compare(await readFile(file), image)).toBe(0)
    expect(await readFile(path.join(folder, 'in/other.png'), 'utf8')).toBe('not named as an input, and not ours')
  })

  test('a second run replaces the masks of the first and says how many, and drops an old errors.csv', async () => {
    await put('in/a.png', await png({ width: 64, height: 64 }))
    const bad = await put('in/b.png', 'not an image')
    expect(await run({})).toMatchObject({ replaced: 0 })
    await rm(bad)
    expect(await run({})).toMatchObject({ replaced: 1, refused: [] })
    expect((await readdir(out)).sort()).toEqual(['a.png', 'predictions.csv'])
  })

  test('an image that is refused leaves no mask of an earlier image of its name', async () => {
    const file = await put('in/IMG_0001.png', await png({ width: 64, height: 64 }))
    await run({})
    await writeFile(file, 'another woman, and the file is broken')
    await put('in/IMG_0002.png', await png({ width: 64, height: 64 }))
    expect(await run({})).toMatchObject({ refused: [{ file: 'IMG_0001.png' }] })
    expect((await readdir(out)).sort()).toEqual(['IMG_0002.png', 'errors.csv', 'predictions.csv'])
  })

  test('masks in an output folder within the input folder are no input of the next run, nor are hidden files', async () => {
    await put('in/a.png', await png({ width: 64, height: 64 }))
    await put('in/.hidden.png', 'x')
    await symlink(path.join(folder, 'in'), path.join(folder, 'in/round'))
    const inside = { out: path.join(folder, 'in/masks') }
    for (const replaced of [0, 1]) {
      expect(await run(inside)).toMatchObject({ predictions: [{ file: 'a.png' }], refused: [], replaced })
    }
    const spelled = { ...inside, inputs: [path.join(folder, 'in/round')] }
    expect(await run(spelled)).toMatchObject({ predictions: [{ file: 'a.png' }], refused: [], replaced: 1 })
  })

  test('a folder that cannot be written to ends the work with a code', async () => {
    await put('in/a.png', await png({ width: 64, height: 64 }))
    await put('out', 'a file where the folder should be')
    await expect(run({})).rejects.toMatchObject({ code: 'OUTPUT_UNWRITABLE' })
  })
})

const HEADER = 'file,presence,lesions,areaPx,milliseconds,expectedDice,outlineExpectedDice,outlineUncertaintyPx'
const rowOf = (file: string) => `"${file.replaceAll('"', '""')}",0.7500,2,64,9,0.700,0.800;0.800,0.6;0.6`
const codes = (refused: readonly RefusedInput[]) => refused.map(({ file, error }) => [file, error.code])

describe('what stands in the output folder', () => {
  test('is not overwritten by a mask, however often the run is repeated', async () => {
    const image = await png({ width: 64, height: 64 })
    const inputs = [await put('in/IMG1.jpg', image), await put('in/IMG2.jpg', image)]
    const original = await put('in/IMG1.png', 'the original, not named as an input')
    for (const replaced of [0, 1, 1]) {
      const { refused, ...result } = await run({ inputs, out: path.join(folder, 'in') })
      expect(codes(refused)).toEqual([['IMG1.jpg', 'OUTPUT_EXISTS']])
      expect(result).toMatchObject({ replaced, predictions: [{ file: 'IMG2.jpg' }] })
      expect(await readFile(original, 'utf8')).toBe('the original, not named as an input')
    }
  })

  test('is an input whatever way it is spelled, and stays even where a table lists it as a mask', async () => {
    const image = await png({ width: 64, height: 64 })
    const inputs = [await put('in/scan.png', image), path.join(folder, 'other/hard.png'), path.join(folder, 'soft.png')]
    await put('other/list.txt')
    await put('in/hard.png', image)
    await put('in/soft.png', image)
    await link(path.join(folder, 'in/hard.png'), inputs[1] as string)
    await symlink(path.join(folder, 'in/soft.png'), inputs[2] as string)
    await put('in/predictions.csv', [HEADER, ...['scan.png', 'hard.png', 'soft.png'].map(rowOf), ''].join('\n'))
    await symlink(path.join(folder, 'in'), out)
    const { refused } = await run({ inputs })
    expect(refused.map(({ error }) => error.code)).toEqual(Array(3).fill('OUTPUT_IS_INPUT'))
    for (const file of inputs) expect(Buffer.compare(await readFile(file), image)).toBe(0)
  })

  test.each([
    ['predictions.csv', 'dataset,id,dice\nBUSI,1,0.9\n'],
    ['predictions.csv', ''],
    ['predictions.csv', 'presence,file,lesions,areaPx,milliseconds\n'],
    ['errors.csv', 'line,code,message\n'],
    ['predictions.csv/a.txt', 'a folder of that name'],
  ])('refuses the folder before a model is loaded, where its %s is not ours', async (name, text) => {
    await put('in/a.png', await png({ width: 64, height: 64 }))
    const file = await put(`out/${name}`, text)
    const never = async () => expect.unreachable()
    const refusal = segment({ inputs: [path.join(folder, 'in')], out, modality: 'US' }, never)
    const facts = { output: 'out', found: name.split('/')[0] }
    await expect(refusal).rejects.toMatchObject({ code: 'OUTPUT_EXISTS', facts })
    expect(await readFile(file, 'utf8')).toBe(text)
    expect(await readdir(out)).toEqual([facts.found])
  })

  test('is a mask of an earlier run only as the file that the table lists: no folder, no link, nothing outside', async () => {
    await put('in/a.png', await png({ width: 64, height: 64 }))
    const outside = await put('mine.png', 'mine')
    await put('out/folder.png/mine.txt')
    await symlink(outside, path.join(out, 'link.png'))
    await put('out/old.png', 'a mask of an earlier run')
    const listed = ['folder.jpg', 'link.jpg', '../mine.png', 'old.jpg'].map(rowOf)
    await put('out/predictions.csv', [HEADER, ...listed, ''].join('\n'))
    await run({})
    expect((await readdir(out)).sort()).toEqual(['a.png', 'folder.png', 'link.png', 'predictions.csv'])
    expect(await readFile(outside, 'utf8')).toBe('mine')
  })

  test.skipIf(process.platform === 'win32')('is known by its name whatever letters that has', async () => {
    const names = ['a,b.png', 'say "ah".png', 'two\nlines.png', 'cr\r.png', ' space .png', '左.png']
    for (const name of names) await put(`in/${name}`, await png({ width: 64, height: 64 }))
    await run({})
    expect(await run({})).toMatchObject({ refused: [], replaced: names.length })
  })

  test('stays as an earlier run left it, where the model cannot be opened or the run is interrupted before', async () => {
    await put('in/a.png', await png({ width: 64, height: 64 }))
    await run({})
    await put('in/b.png', await png({ width: 64, height: 64 }))
    const failed = segment({ inputs: [path.join(folder, 'in')], out, modality: 'US' }, () => {
      throw new ScreeningError('MODEL_NOT_FOUND')
    })
    await expect(failed).rejects.toMatchObject({ code: 'MODEL_NOT_FOUND' })
    await run({ signal: AbortSignal.abort() })
    expect((await table('predictions.csv')).map(({ file }) => file)).toEqual(['a.png'])
    expect((await readdir(out)).sort()).toEqual(['a.png', 'predictions.csv'])
  })
})

describe('at every moment', () => {
  const masks = async () => (await readdir(out)).filter((name) => name.endsWith('.png')).sort()

  test('the rows of the table are the masks of this run, of which there are none before the first image', async () => {
    for (const name of ['a', 'b', 'c']) await put(`in/${name}.png`, await png({ width: 64, height: 64 }))
    await run({})
    await put('in/b.png', 'broken')
    await rename(path.join(folder, 'in/c.png'), path.join(folder, 'in/d.png'))
    const seen: string[][] = []
    const segmenter = new TwoBoxes()
    const look = segmenter.segment.bind(segmenter)
    segmenter.segment = async (standardised) => {
      const rows = await table('predictions.csv')
      expect(await masks()).toEqual(rows.map(({ file }) => file))
      seen.push(await masks())
      return look(standardised)
    }
    await run({}, segmenter)
    expect(seen).toEqual([[], ['a.png']])
    expect(await masks()).toEqual(['a.png', 'd.png'])
  })

  test.each([
    ['after a row, before its mask', `${rowOf('b.png')}\n`],
    ['within a row', rowOf('b.png').slice(0, 20)],
    ['within a name', '"b.p'],
  ])('a kill %s lets the same command end as if there had been none', async (_, torn) => {
    for (const name of ['a', 'b']) await put(`in/${name}.png`, await png({ width: 64, height: 64 }))
    const { pid } = spawnSync(process.execPath, ['-e', ''])
    await put(`out/.${pid}.${MACHINE}.0123abcd.tmp`, 'half a mask')
    await put('out/a.png', 'the mask of the killed run')
    await put('out/predictions.csv', `${HEADER}\n${rowOf('a.png')}\n${torn}`)
    expect(await run({})).toMatchObject({ refused: [], predictions: [{ file: 'a.png' }, { file: 'b.png' }] })
    expect((await readdir(out)).sort()).toEqual(['a.png', 'b.png', 'predictions.csv'])
    expect(await table('predictions.csv')).toHaveLength(2)
  })
})

describe('a mask that cannot be written under its name', () => {
  test.skipIf(process.platform === 'win32')(
    'is refused alone where the name is too long, and the rest goes on',
    async () => {
      const image = await png({ width: 64, height: 64 })
      const longest = `${'a'.repeat(251)}.jpg`
      const tooLong = 'b'.repeat(255)
      for (const name of [longest, tooLong, 'c.png']) await put(`in/${name}`, image)
      for (const replaced of [0, 2]) {
        const result = await run({})
        expect(result).toMatchObject({ replaced, predictions: [{ file: longest }, { file: 'c.png' }] })
        expect(result.refused.map(({ error }) => [error.code, error.facts.problem])).toEqual([
          ['OUTPUT_UNWRITABLE', 'ENAMETOOLONG'],
        ])
      }
      expect(await table('predictions.csv')).toHaveLength(2)
    },
  )

  test('is refused alone where a folder or a dead link has the name, and the rest goes on', async () => {
    for (const name of ['a', 'b', 'c']) await put(`in/${name}.png`, await png({ width: 64, height: 64 }))
    await mkdir(path.join(out, 'a.png'), { recursive: true })
    await symlink(path.join(folder, 'nowhere'), path.join(out, 'b.png'))
    for (const replaced of [0, 1]) {
      const { refused, ...result } = await run({})
      expect(codes(refused)).toEqual([
        ['a.png', 'OUTPUT_EXISTS'],
        ['b.png', 'OUTPUT_EXISTS'],
      ])
      expect(result).toMatchObject({ replaced, predictions: [{ file: 'c.png' }] })
    }
    expect((await table('predictions.csv')).map(({ file }) => file)).toEqual(['c.png'])
  })
})

describe('what the images are of', () => {
  test('is an error where nothing says it, before anything is written', async () => {
    await put('in/a.png', await png({ width: 64, height: 64 }))
    await expect(run({ modality: undefined })).rejects.toMatchObject({ code: 'MODALITY_UNKNOWN' })
    await expect(readdir(out)).rejects.toThrow()
  })

  test('comes from the manifest row, then from the option; a word that is no modality refuses the row', async () => {
    const image = await png({ width: 64, height: 64 })
    for (const name of ['a', 'b', 'c', 'd']) await put(`in/images/${name}.png`, image)
    const rows = ['images/a.png,US', 'images/b.png,', 'images/c.png,TG', 'images/d.png,sonar']
    await put('in/manifest.csv', ['image,modality', ...rows].join('\n'))
    const given = await run({ modality: 'US' })
    expect(given.predictions.map(({ file }) => file)).toEqual(['a.png', 'b.png'])
    expect(given.refused.map(({ file, error }) => [file, error.code])).toEqual([
      ['d.png', 'MODALITY_UNKNOWN'],
      ['c.png', 'MODALITY_NOT_VALIDATED'],
    ])
    const without = await run({ modality: undefined })
    expect(without.predictions.map(({ file }) => file)).toEqual(['a.png'])
  })

  test('a word in the column energy that is no exposure refuses the row, whatever its file is called', async () => {
    for (const name of ['L_DM_CC', 'R_DM_CC']) await put(`in/${name}.png`, await png({ width: 64, height: 64 }))
    await put('in/manifest.csv', 'image,modality,energy\nL_DM_CC.png,MG,high\nR_DM_CC.png,MG,\n')
    const { predictions, refused } = await run({ modality: undefined })
    expect(predictions.map(({ file }) => file)).toEqual(['R_DM_CC.png'])
    expect(refused.map(({ file, error }) => [file, error.code])).toEqual([['L_DM_CC.png', 'MANIFEST_ROW_REFUSED']])
  })

  test('a mammogram of which nothing says that it is contrast mammography gets its mask, and is named', async () => {
    const image = await png({ width: 64, height: 64 })
    for (const name of ['plain', 'L_CM_CC', 'told', 'other']) await put(`in/${name}.png`, image)
    const rows = ['plain.png,', 'L_CM_CC.png,', 'told.png,subtracted-contrast', 'other.png,low-energy']
    await put('in/manifest.csv', ['image,energy', ...rows].join('\n'))
    const { predictions, refused, notValidated } = await run({ modality: 'MG' })
    expect(predictions).toHaveLength(4)
    expect(refused).toEqual([])
    expect(notValidated).toEqual(['plain.png', 'other.png'])
    const trusted = predictions.filter(({ expectedDice }) => typeof expectedDice === 'number')
    expect(trusted.map(({ file }) => file)).toEqual(['L_CM_CC.png', 'told.png'])
    expect(predictions.at(-1)?.outlines[0]?.expectedDice).toEqual({ absent: 'modality-not-validated' })
  })

  test('an image that cannot be judged gets its mask without confidence, and is named', async () => {
    await put('in/a.png', await png({ width: 64, height: 64 }))
    const data = new Uint8Array(64 * 64).fill(255)
    await put('in/white.png', await encodePng({ width: 64, height: 64, channels: 1, bitDepth: 8, data }))
    const { predictions, refused, unjudgeable } = await run({})
    expect(refused).toEqual([])
    expect(unjudgeable).toEqual([{ file: 'white.png', reason: 'blank-image' }])
    const [good, white] = predictions
    expect(good?.expectedDice).toBe(0.7)
    expect(white).toMatchObject({ file: 'white.png', lesions: 2, expectedDice: { absent: 'blank-image' } })
    expect(white?.outlines[0]?.expectedDice).toEqual({ absent: 'blank-image' })
  })

  test('an image that one look finds unlike keeps its confidence and is named; one that both do loses it', async () => {
    await put('in/a.png', await png({ width: 64, height: 64 }))
    await put('in/light.png', await png({ width: 64, height: 64 }, LIGHT))
    const { predictions, unfamiliar, unjudgeable } = await run({}, new TwoBoxes(0, 'unlike'))
    expect(unfamiliar).toEqual(['a.png'])
    expect(unjudgeable).toEqual([{ file: 'light.png', reason: 'not-this-modality' }])
    expect(predictions.map(({ expectedDice }) => expectedDice)).toEqual([0.7, absent('not-this-modality')])
  })

  test('of two exposures of a view each is read alone where one cannot be judged, whichever it is', async () => {
    const levels = { readable: 90, white: 255 }
    const read = async (low: number, subtracted: number) => {
      await put('in/L_DM_CC.png', await png({ width: 64, height: 64 }, low))
      await put('in/L_CM_CC.png', await png({ width: 64, height: 64 }, subtracted))
      const segmenter = new TwoBoxes()
      let pairs = 0
      const segmentPair: Segmenter['segmentPair'] = async (pair) => {
        pairs++
        const of = (energy: Energy) => segmenter.segment(pair[energy])
        return { 'low-energy': await of('low-energy'), subtracted: await of('subtracted') }
      }
      const result = await run({ modality: 'MG' }, Object.assign(segmenter, { segmentPair }))
      const readWith = Object.fromEntries(result.predictions.map(({ file, readWith }) => [file, readWith]))
      return { pairs, readWith, refused: result.unjudgeable.map(({ file }) => file) }
    }
    const alone = { 'L_DM_CC.png': undefined, 'L_CM_CC.png': undefined }
    const { readable, white } = levels
    expect(await read(readable, readable)).toEqual({
      ...{ pairs: 1, refused: [] },
      readWith: { ...alone, 'L_DM_CC.png': 'L_CM_CC.png' },
    })
    expect(await read(white, readable)).toEqual({ pairs: 0, readWith: alone, refused: ['L_DM_CC.png'] })
    expect(await read(readable, white)).toEqual({ pairs: 0, readWith: alone, refused: ['L_CM_CC.png'] })
  })

  test('a table that cannot be parsed is refused without a word of what stands in it', async () => {
    const inputs = [await put('in/list.csv', 'image,patient\na.png,Zhang "San"\n')]
    const refusal = run({ inputs })
    await expect(refusal).rejects.toMatchObject({
      code: 'MANIFEST_INVALID',
      facts: { problem: expect.stringMatching(/^INVALID_OPENING_QUOTE/) },
    })
    await expect(refusal).rejects.not.toThrow('Zhang')
  })

  test('a manifest without the column image is refused whole', async () => {
    const inputs = [await put('in/list.csv', 'file\na.png\n')]
    await expect(run({ inputs })).rejects.toMatchObject({ code: 'MANIFEST_INVALID' })
  })

  test('a folder without images says so', async () => {
    await mkdir(path.join(folder, 'in'))
    await expect(run({})).rejects.toMatchObject({ code: 'NO_IMAGES' })
  })
})

test('an interrupted run keeps what is finished, in masks and table alike, and no other file', async () => {
  for (const name of ['a', 'b', 'c']) await put(`in/${name}.png`, await png({ width: 64, height: 64 }))
  const controller = new AbortController()
  const onProgress = ({ done }: { done: number }) => done === 1 && controller.abort()
  const { interrupted } = await run({ signal: controller.signal, onProgress })
  expect(interrupted).toBe(true)
  expect((await table('predictions.csv')).map(({ file }) => file)).toEqual(['a.png', 'b.png'])
  expect((await readdir(out)).sort()).toEqual(['a.png', 'b.png', 'predictions.csv'])
})
