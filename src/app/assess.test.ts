import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { parse } from 'csv-parse/sync'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { absent } from '#core/absent.ts'
import { Mask } from '#core/mask.ts'
import { DEFAULT_PREPROCESSING } from '#core/preprocessing.ts'
import { components } from '#imaging/components.ts'
import { encodePng } from '#imaging/encode.ts'
import type { FirstLook } from '#imaging/judgeable.ts'
import { standardise } from '#imaging/standardise.ts'
import { type Assessor, assess } from './assess.ts'
import { openScorer, readScoreModel } from './scorer.ts'

const SIZE = { width: 96, height: 80 }
let root = ''
beforeAll(async () => {
  root = await mkdtemp(path.join(tmpdir(), 'zaoshai-assess-'))
  const grey = Uint8Array.from({ length: SIZE.width * SIZE.height }, (_, i) => 60 + ((i * 7919) % 97))
  const picture = await encodePng({ ...SIZE, channels: 1, bits: 8, data: grey } as never)
  await writeFile(path.join(root, 'two.png'), picture)
  await writeFile(path.join(root, 'none.png'), picture)
  await writeFile(path.join(root, 'strange.png'), picture)
  await writeFile(path.join(root, 'broken.png'), 'no image')
  const rows = ['two.png,US', 'none.png,US', 'strange.png,US', 'broken.png,US', 'two.png,MG', 'missing.png,US']
  await writeFile(path.join(root, 'manifest.csv'), `image,modality\n${rows.join('\n')}\n`)
})
afterAll(() => rm(root, { recursive: true }))

/** Marks two discs, none, or refuses, by turns. No model: what it marks says nothing of anybody. */
function assessor(prevalence?: number): Assessor {
  const model = readScoreModel()
  let seen = 0
  let judged = 0
  return {
    scorer: openScorer(model.provenance.maskModelSha256, prevalence),
    segmenter: {
      judge: () => (++judged === 3 ? absent('not-for-this-modality') : 'judgeable'),
      standardise: (raster, modality) => standardise(raster, DEFAULT_PREPROCESSING[modality]),
      segment: async ({ frame }) => {
        const { width, height } = frame.original
        const isMarked = seen++ === 0
        const within = (i: number, x: number, r: number) => Math.hypot((i % width) - x, Math.floor(i / width) - 40) <= r
        const data = Uint8Array.from({ length: width * height }, (_, i) =>
          isMarked && (within(i, 30, 12) || within(i, 70, 8)) ? 1 : 0,
        )
        const mask = Mask.from(data, frame.original)
        const regions = components(mask).map((region) => ({ region, expectedDice: 0.8, bandAreaPx: 150 }))
        return { mask, presence: 0.75, expectedDice: 0.7, regions }
      },
    },
    [Symbol.asyncDispose]: async () => {},
  }
}

async function tableOf(prevalence?: number) {
  const out = path.join(root, 'out.csv')
  const result = await assess({ inputs: [path.join(root, 'manifest.csv')], out }, async () => assessor(prevalence))
  const rows: Record<string, string>[] = parse(await readFile(out), { columns: true })
  return { result, rows }
}

test('every image has a row: each region its score, an image without a mark the lowest rank, any other its reason', async () => {
  const { result, rows } = await tableOf()
  expect(Object.keys(rows[0]!)).toEqual(['file', 'lesion', 'score', 'band', 'pMalignant', 'birads', 'refused'])
  expect(rows.map(({ file, lesion, refused }) => [file, lesion, refused])).toEqual([
    ['two.png', '1', ''],
    ['two.png', '2', ''],
    ['none.png', '', ''],
    ['strange.png', '', 'not-for-this-modality'],
    ['broken.png', '', 'IMAGE_FORMAT_UNKNOWN'],
    ['two.png', '', 'risk-not-validated'],
    ['missing.png', '', 'FILE_UNREADABLE'],
  ])
  for (const { score, band } of rows.slice(0, 2)) {
    expect(Number(score)).toBeGreaterThan(0)
    expect(band).toMatch(/^(lower|moderate|higher)$/)
  }
  expect(rows[2]).toMatchObject({ score: '0', band: 'nothing-marked' })
  expect(result).toMatchObject({ images: 6, refused: 4, interrupted: false })
})

test('probability and category are there only where a prevalence is stated', async () => {
  const without = await tableOf()
  expect(without.rows.map(({ pMalignant, birads }) => `${pMalignant}${birads}`).join('')).toBe('')
  const { rows } = await tableOf(0.3)
  for (const { pMalignant, birads } of rows.slice(0, 2)) {
    expect(Number(pMalignant)).toBeGreaterThan(0)
    expect(birads).toMatch(/^(3|4[ABC]|5)$/)
  }
  expect(
    rows
      .slice(2)
      .map(({ birads }) => birads)
      .join(''),
  ).toBe('')
})

test('a picture that one look finds unlike is scored and named unfamiliar; one that both do is refused', async () => {
  const out = path.join(root, 'unlike.csv')
  const strange = (first: FirstLook): Assessor => {
    const { segmenter, ...rest } = assessor()
    const segment: typeof segmenter.segment = async (...given) => ({
      ...(await segmenter.segment(...given)),
      secondLook: 'unlike',
    })
    return { ...rest, segmenter: { ...segmenter, judge: () => first, segment } }
  }
  const options = { inputs: [path.join(root, 'two.png')], out, modality: 'US' } as const
  const scored = await assess(options, async () => strange('judgeable'))
  expect(scored.rows).toMatchObject([
    { judged: 'unfamiliar', lesion: 1 },
    { judged: 'unfamiliar', lesion: 2 },
  ])
  const { rows } = await assess(options, async () => strange('doubtful'))
  expect(rows).toEqual([{ file: 'two.png', refused: 'not-this-modality' }])
})

test('the masks of another model have no score', () => {
  expect(openScorer('0'.repeat(64))('US', { features: {} as never, presence: 0.5 })).toEqual(
    absent('risk-not-validated'),
  )
})
