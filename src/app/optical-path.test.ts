/** The whole path of a modality without a model: synthetic records, a training, the declared modality, a report. */
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { isAbsent } from '#core/absent.ts'
import { Report } from '#core/report.ts'
import { decodeMask } from '#imaging/decode.ts'
import { encodeMaskPng } from '#imaging/encode.ts'
import { overlap } from '#training/metrics.ts'
import { modelReport } from './model-report.ts'
import { readStudy } from './read-study.ts'
import { screen } from './screen.ts'
import { openSegmenter } from './segmenter.ts'
import { pictureOf, SYNTHETIC_LESION, syntheticSide, writeOpticalStudy } from './tiny-optical-study.ts'
import { trainModel } from './train.ts'

const RECORDS = 12

let folder = ''
const at = (...names: string[]) => path.join(folder, ...names)
beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'zaoshai-optical-path-'))
})
afterAll(() => rm(folder, { recursive: true, force: true }))

/** Twelve women, every third without a lesion. */
async function writeRecords(): Promise<string> {
  await mkdir(at('records'))
  const rows = ['id,image,mask,class,split,patient']
  for (let i = 0; i < RECORDS; i++) {
    const isWithLesion = i % 3 !== 2
    const phantom = syntheticSide(100 + i, isWithLesion ? SYNTHETIC_LESION : undefined)
    await writeFile(at('records', `${i}.png`), await pictureOf(phantom.sequence))
    if (isWithLesion) await writeFile(at('records', `${i}-mask.png`), await encodeMaskPng(phantom.lesion))
    const kind = isWithLesion ? 'malignant' : 'normal'
    rows.push([`r${i}`, `${i}.png`, isWithLesion ? `${i}-mask.png` : '', kind, i < 8 ? 'train' : 'val', `p${i}`].join())
  }
  await writeFile(at('records', 'manifest.csv'), rows.join('\n'))
  return at('records', 'manifest.csv')
}

test('synthetic optical records train a model that declares the modality and marks the lesion of a new recording', async () => {
  const { modelFile } = await trainModel({
    ...{
      data: [await writeRecords()],
      modality: 'OT',
      out: at('run'),
      cache: at('cache'),
      threads: 2,
      name: 'synthetic',
    },
    settings: { epochs: 3, stepsPerEpoch: 12, batch: 4, trunkFrom: 12, views: 2, testViews: ['plain'] },
    preprocessing: { size: 128 },
  })
  await writeOpticalStudy(at('study'), 7)
  // the doctor's outline would take the place of the model's
  const file = at('study', 'study.json')
  const given = JSON.parse(await readFile(file, 'utf8'))
  await writeFile(
    file,
    JSON.stringify({ ...given, images: given.images.map(({ outline: _, ...rest }: { outline?: string }) => rest) }),
  )
  await using segmenter = await openSegmenter({ model: modelFile, threads: 2 })
  expect(Object.keys(segmenter.model.metadata.modalities)).toEqual(['OT'])
  const screening = { segmenter, model: modelReport(segmenter.model), out: at('report'), now: new Date(0) }
  await screen(await readStudy(at('study')), screening)

  const report = Report.parse(JSON.parse(await readFile(at('report', 'report.json'), 'utf8')))
  const [right] = report.sides.R.images
  if (right?.status !== 'read' || isAbsent(right.marking)) throw new Error('not marked')
  expect(right.marking.by).toBe('software')
  const mask = await decodeMask(await readFile(at('report', right.marking.mask)), 'mask.png')
  const truth = await decodeMask(await readFile(at('study', 'R-outline.png')), 'outline.png')
  expect(overlap(mask, truth).dice).toBeGreaterThan(0.5)
  const { temporal } = right.marking.lesions[0]!.features
  expect(isAbsent(temporal) ? temporal : temporal.map(({ channel }) => channel)).toEqual(['LED 1', 'LED 2', 'LED 3'])
})
