import { fork } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import os from 'node:os'
import path from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { Mask } from '#core/mask.ts'
import { seededRandom } from '#core/random.ts'
import { encodeMaskPng } from '#imaging/encode.ts'
import { isCompanion } from '#sam/companion.ts'
import type { DatasetImage } from './dataset.ts'
import { drawnViews, randomWeights, SETTINGS, tinyImages, tinyTraining } from './tiny-training.ts'
import { divide } from './train.ts'
import { startingWeights } from './training-graph.ts'

const TIMEOUT = 120_000
let folder = ''
const inside = (name: string) => path.join(folder, name)
const bytes = (run: string, name: string) => readFile(path.join(folder, run, name))

beforeAll(async () => {
  folder = await mkdtemp(path.join(os.tmpdir(), 'zaoshai-train-'))
  const size = { width: 40, height: 48 }
  for (let i = 0; i < 6; i++) {
    const lesion = Uint8Array.from({ length: 40 * 48 }, (_, at) => (i !== 2 && at % 40 < 20 ? 1 : 0))
    const png = await encodeMaskPng(Mask.from(lesion, size))
    await writeFile(inside(`tiny${i}.png`), png)
    await writeFile(inside(`tiny${i}-mask.png`), png)
  }
  await tinyTraining({ folder: inside('whole'), imageFolder: folder })
}, TIMEOUT)
afterAll(() => rm(folder, { recursive: true, force: true }))

test('a run leaves its configuration, one record an epoch, best and last weights and a page', {
  timeout: TIMEOUT,
}, async () => {
  const records = (await bytes('whole', 'metrics.jsonl'))
    .toString()
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line))
  expect(records.map((record) => record.epoch)).toEqual([0, 1])
  expect(records.at(-1).steps).toBe(4)
  expect(Object.keys(records[0].losses)).toEqual(
    expect.arrayContaining(['total', 'mask', 'firstLook', 'prompted', 'objectness', 'presence', 'gradientNorm']),
  )
  expect(records[0].val.images).toBe(2)
  const page = (await bytes('whole', 'learning-curve.html')).toString()
  expect(page).toContain('2 epochs')
  expect(page).not.toMatch(/https?:\/\//)
  expect((await bytes('whole', 'best.safetensors')).length).toBeGreaterThan(1e7)
})

test('a run that is asked to stop stops between two steps and lets its folder go', { timeout: TIMEOUT }, async () => {
  const options = { folder: inside('stopped'), imageFolder: folder, signal: AbortSignal.abort() }
  await expect(tinyTraining(options)).rejects.toThrow()
  await expect(tinyTraining({ ...options, resume: true })).rejects.toThrow(/abort/)
})

test('a run that was killed without warning resumes to the same weights, bit for bit', {
  timeout: TIMEOUT,
}, async () => {
  const child = fork(new URL('./tiny-training-process.ts', import.meta.url), [inside('killed'), folder])
  const exited = once(child, 'exit')
  child.on('message', (progress: { stage: string; epoch?: number; done?: number }) => {
    if (progress.stage === 'steps' && progress.epoch === 1 && progress.done === 1) child.kill('SIGKILL')
  })
  expect((await exited)[1]).toBe('SIGKILL')
  await tinyTraining({ folder: inside('killed'), imageFolder: folder, resume: true })
  for (const name of ['last.safetensors', 'best.safetensors']) {
    expect((await bytes('killed', name)).equals(await bytes('whole', name))).toBe(true)
  }
})

test('a modality is learned only where lesions of it both teach and validate', () => {
  const ultrasound = tinyImages('')
  const mammograms = (split: 'train' | 'val') =>
    ultrasound
      .filter(({ row }) => row.split === split)
      .map((image) => ({ ...image, row: { ...image.row, modality: 'MG' as const } }))
  expect(divide([...ultrasound, ...mammograms('train'), ...mammograms('val')]).modalities).toEqual(['MG', 'US'])
  for (const split of ['train', 'val'] as const) {
    expect(() => divide([...ultrasound, ...mammograms(split)])).toThrow(
      /TRAINING_DATA_UNFIT.*modalitiesWithLesionsInOneSplitOnly=\[MG\]/,
    )
  }
})

test('read together, both exposures of a view stand in a batch behind each other in the same view, and nothing else trains', {
  timeout: TIMEOUT,
}, async () => {
  const images = tinyImages(folder).map((image, i): DatasetImage => {
    const companion = inside(`tiny${i % 2 === 0 ? i + 1 : i - 1}.png`)
    const energy = i % 2 === 0 ? 'low-energy' : 'subtracted'
    const row = { ...image.row, class: 'malignant' as const, modality: 'MG' as const, energy, companionFile: companion }
    return { ...image, lesion: true, row: row as DatasetImage['row'] }
  })
  const read: string[] = []
  const views = drawnViews()
  const spying = {
    ...views,
    read: (image: DatasetImage, view: number) => {
      read.push(`${image.row.id} ${view}`)
      return views.read(image, view)
    },
  }
  const settings = { ...SETTINGS, together: true, batch: 4, newLearningRate: 1e-2 }
  const base = startingWeights(randomWeights(), { ...settings, modalities: ['MG'] }, seededRandom(3))
  const { weights } = await tinyTraining(
    { folder: inside('together'), imageFolder: folder },
    { images, views: spying, settings, base },
  )
  expect([...weights.keys()].every(isCompanion)).toBe(true)
  expect([...weights.values()].some(({ data }) => data.some((value) => value !== 0))).toBe(true)
  for (let i = 0; i < read.length; i += 2) {
    const [[low, lowView], [subtracted, view]] = [read[i]!.split(' '), read[i + 1]!.split(' ')] as [string[], string[]]
    expect([Number(subtracted!.slice(4)), view]).toEqual([Number(low!.slice(4)) + 1, lowView])
  }
  const alone = images.map((image) => ({ ...image, row: { ...image.row, companionFile: null } }))
  expect(() => divide(alone, settings)).toThrow(expect.objectContaining({ code: 'TRAINING_DATA_UNFIT' }))
})
