import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { parse } from 'csv-parse/sync'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type ModelMetadata, readModelFile, writeModel } from '#sam/model.ts'
import { Comparison } from '#training/paired.ts'
import type { EvaluateProgress } from './evaluate.ts'
import { HOSTILE_ID, writeExampleManifest } from './example-manifest.ts'
import { type CompareOptions, compareModels, type ModelComparison } from './models-compare.ts'

let folder = ''
let manifest = ''
beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'zaoshai-compare-'))
  manifest = await writeExampleManifest(folder)
})
afterAll(() => rm(folder, { recursive: true, force: true }))

/** The default model under other settings. */
async function variant(name: string, change: (modalities: ModelMetadata['modalities']) => void): Promise<string> {
  const { tensors, metadata } = await readModelFile()
  const modalities = structuredClone(metadata.modalities)
  change(modalities)
  const file = path.join(folder, `${name}.safetensors`)
  await writeFile(file, writeModel(tensors, { ...metadata, name, modalities }))
  return file
}

async function table(out: string): Promise<Record<string, string>[]> {
  return parse(await readFile(path.join(out, 'differences.csv')), { columns: true })
}

const compare = (models: CompareOptions['models'], out: string, over: Partial<CompareOptions> = {}) =>
  compareModels({ models, data: [manifest], split: 'val', out: path.join(folder, out), language: 'en', ...over })

describe('the default model against one of a higher mask threshold that knows no mammograms', () => {
  const steps: EvaluateProgress[] = []
  let result: ModelComparison
  let page = ''
  beforeAll(async () => {
    const narrow = await variant(HOSTILE_ID.replaceAll('/', ''), (modalities) => {
      delete modalities.MG
      modalities.US!.maskThreshold = 0.9
    })
    result = await compare(['default', narrow], 'narrow', { onEvaluating: (step) => steps.push(step) })
    const written = await readFile(path.join(folder, 'narrow/comparison.html'), 'utf8')
    page = written.replaceAll(/base64,[^"]+/g, 'base64,')
  }, 300_000)

  test('is compared on the ultrasounds alone, and the mammograms are counted', () => {
    expect(result).toMatchObject({ images: 2, leftOut: [{ modality: 'MG', images: 2 }], badRows: [] })
    expect(result.verdicts).toEqual({ US: 'too-few' })
    expect(result.text).toContain('Not compared: 2 of mammography')
  })

  test('has a row for each image that says what the mean difference is the mean of', async () => {
    const rows = await table(path.join(folder, 'narrow'))
    expect(rows.map(({ id }) => id)).toEqual([HOSTILE_ID, 'made-up-blank'])
    for (const { diceA, diceB, diceDifference } of rows) {
      expect(Number(diceDifference)).toBeCloseTo(Number(diceB) - Number(diceA), 3)
    }
    const [lesion] = rows
    expect(Number(lesion!.areaBPx)).toBeLessThan(Number(lesion!.areaAPx))
    const { comparison } = JSON.parse(await readFile(path.join(folder, 'narrow/summary.json'), 'utf8'))
    const { dice } = Comparison.parse(comparison).headline.lesionImages!
    expect(dice.difference).toBeCloseTo(Number(lesion!.diceDifference), 3)
  })

  test('draws the image that differs with the outlines of doctor, A and B, its markup still ours', () => {
    expect(page.match(/class="line (doctor|first|second)" d="M-?\d/g)!.length).toBeGreaterThanOrEqual(3)
    expect(page).not.toMatch(/<script|https?:|\bon[a-z]+="/)
    expect(page).toContain('&lt;script&gt;')
    expect(page).not.toMatch(/undefined|NaN|\[object/)
  })

  test('says how far it is', () => {
    for (const [stage, total] of Object.entries({ examined: 4, evaluated: 2 })) {
      expect(steps.filter((step) => step.stage === stage).map(({ done }) => done)).toEqual(
        Array.from({ length: total }, (_, i) => i + 1),
      )
    }
    expect(steps.some(({ stage }) => stage === 'drawn')).toBe(true)
  })
})

test('a model against itself differs on no image, and the page says that there is none to show', async () => {
  const { comparison } = await compare(['default', 'default'], 'same')
  expect(comparison.allRows.allImages).toMatchObject({ images: 4, same: 4, dice: { difference: 0 } })
  expect((await table(path.join(folder, 'same'))).map(({ diceDifference }) => Number(diceDifference))).toEqual([
    0, 0, 0, 0,
  ])
  const page = await readFile(path.join(folder, 'same/comparison.html'), 'utf8')
  expect(page.match(/There is no such image/g)).toHaveLength(2)
}, 300_000)

test('two models without a modality in common are refused by name', async () => {
  const us = await variant('us-only', (modalities) => delete modalities.MG)
  const mg = await variant('mg-only', (modalities) => delete modalities.US)
  await expect(compare([us, mg], 'none')).rejects.toMatchObject({ code: 'MODALITY_NOT_VALIDATED' })
})

test('a model that is not there is refused before an image is looked at', async () => {
  const steps: EvaluateProgress[] = []
  const run = compare(['default', path.join(folder, 'absent')], 'none', { onEvaluating: (step) => steps.push(step) })
  await expect(run).rejects.toMatchObject({ code: 'MODEL_NOT_FOUND', facts: { file: 'absent' } })
  expect(steps).toEqual([])
})
