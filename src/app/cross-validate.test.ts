import { fork } from 'node:child_process'
import { once } from 'node:events'
import { cp, mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { parse } from 'csv-parse/sync'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { openModel } from '#sam/model.ts'
import { baseWeightsFile } from '#sam/weights-store.ts'
import { type CrossValidated, crossValidate } from './cross-validate.ts'
import { TINY_PIECES, tinyCrossValidation, writeTinyManifest } from './tiny-cross-validation.ts'
import type { TrainProgress } from './train.ts'

const TIMEOUT = 600_000
let folder = ''
let manifest = ''
let whole: CrossValidated
const steps: TrainProgress[] = []
const at = (...names: string[]) => path.join(folder, ...names)
const options = (out: string) => tinyCrossValidation(manifest, at(out), at('cache'))
const json = async (...names: string[]) => JSON.parse(await readFile(at(...names), 'utf8'))
const predictions = async (...names: string[]): Promise<Record<string, string>[]> => {
  const rows = parse(await readFile(at(...names, 'predictions.csv')), { columns: true }) as Record<string, string>[]
  return rows.map(({ milliseconds: _, ...row }) => row)
}

beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'zaoshai-folds-'))
  process.env.ZAOSHAI_BASE_WEIGHTS ??= (await baseWeightsFile()).file
  manifest = await writeTinyManifest(folder)
  whole = await crossValidate({ ...options('whole'), onTraining: (step) => steps.push(step) })
}, TIMEOUT)
afterAll(() => rm(folder, { recursive: true, force: true }))

test('every image has one out-of-fold prediction, and no patient is in two folds', async () => {
  const folds = [await predictions('whole', 'fold-1'), await predictions('whole', 'fold-2')]
  expect(folds.flatMap((rows) => rows.map(({ id }) => id)).sort()).toEqual(TINY_PIECES.map(({ id }) => id).sort())
  const patients = folds.map((rows) => rows.map(({ id }) => TINY_PIECES.find((piece) => piece.id === id)!.patient))
  expect(new Set(patients[0]).intersection(new Set(patients[1])).size).toBe(0)
  for (const rows of folds) for (const { presence } of rows) expect(presence).toMatch(/^[01]\.\d+$/)
})

test('each fold leaves its model, which names its fold and its data', async () => {
  for (const fold of [1, 2]) {
    const { metadata, sha256 } = await openModel(at('whole', `fold-${fold}`, 'model.safetensors'))
    expect(metadata.name).toBe(`tiny-fold-${fold}`)
    expect(metadata.provenance).toMatchObject({
      data: await json('whole', `fold-${fold}`, 'config.json').then((c) => c.data),
    })
    expect(whole.crossValidation.folds[fold - 1]).toMatchObject({ fold, modelSha256: sha256, images: 6, lesions: 4 })
  }
})

test('what all folds come to stands in JSON, as text and on a page', async () => {
  const { outOfFold, folds } = whole.crossValidation
  expect(outOfFold.allRows.lesionImages?.images).toBe(8)
  expect(outOfFold.allRows.presenceAuc?.interval95).not.toBeNull()
  expect(await json('whole', 'cross-validation.json')).toMatchObject({
    folds: [{ fold: 1 }, { fold: 2 }],
    settings: { seed: 1 },
  })
  expect(await readFile(whole.files.text, 'utf8')).toBe(whole.text)
  expect(await readFile(whole.files.page, 'utf8')).toContain(folds[0]!.dice.toFixed(3))
})

test('progress says which fold it is of', () => {
  const training = steps.filter(({ stage }) => stage === 'steps' || stage === 'epoch')
  expect([...new Set(training.map(({ fold }) => fold?.number))]).toEqual([1, 2])
  for (const { fold } of training) expect(fold?.count).toBe(2)
})

test('killed in its second fold it resumes there, and comes to the same', { timeout: TIMEOUT }, async () => {
  const process = new URL('./tiny-cross-validation-process.ts', import.meta.url)
  const child = fork(process, [manifest, at('killed'), at('cache')], { execArgv: [] })
  const exited = once(child, 'exit')
  child.on('message', (step: TrainProgress) => {
    if (step.fold?.number === 2 && step.stage === 'steps' && step.epoch === 1) child.kill('SIGKILL')
  })
  expect((await exited)[1]).toBe('SIGKILL')
  const first = at('killed', 'fold-1', 'model.safetensors')
  const before = await stat(first)
  const resumed: TrainProgress[] = []
  const again = await crossValidate({ ...options('killed'), resume: true, onTraining: (step) => resumed.push(step) })
  expect((await stat(first)).mtimeMs).toBe(before.mtimeMs)
  expect(resumed.filter(({ stage }) => stage === 'epoch')).toMatchObject([
    { fold: { number: 2 }, record: { epoch: 1 } },
  ])
  expect(again.crossValidation).toEqual(whole.crossValidation)
  for (const fold of ['fold-1', 'fold-2']) {
    expect(await predictions('killed', fold)).toEqual(await predictions('whole', fold))
  }
})

test('other settings, or no --resume, do not go on with what is there', { timeout: TIMEOUT }, async () => {
  await expect(crossValidate(options('whole'))).rejects.toMatchObject({ code: 'RUN_FOLDER_TAKEN' })
  const other = { ...options('whole'), resume: true, folds: 3 }
  await expect(crossValidate(other)).rejects.toMatchObject({
    code: 'RUN_FOLDER_DIFFERS',
    facts: { settings: ['folds'] },
  })
})

test('the same rows in another order are the same run', { timeout: TIMEOUT }, async () => {
  const sorted = await readFile(manifest, 'utf8')
  const [header, ...rows] = sorted.trimEnd().split('\n')
  try {
    await writeFile(manifest, [header, ...rows.toReversed()].join('\n'))
    const stages: string[] = []
    const onTraining = ({ stage }: TrainProgress) => stages.push(stage)
    const resumed = await crossValidate({ ...options('whole'), resume: true, onTraining })
    expect(stages).not.toContain('steps')
    const anew = await crossValidate(options('anew'))
    for (const { crossValidation } of [resumed, anew]) expect(crossValidation).toEqual(whole.crossValidation)
  } finally {
    await writeFile(manifest, sorted)
  }
})

test('other data are not gone on with', { timeout: TIMEOUT }, async () => {
  const before = await readFile(manifest, 'utf8')
  try {
    for (const other of [before.replace('woman0', 'woman3'), before.replace('benign', 'malignant')]) {
      await writeFile(manifest, other)
      await expect(crossValidate({ ...options('whole'), resume: true })).rejects.toMatchObject({
        code: 'RUN_FOLDER_DIFFERS',
        facts: { settings: ['data.sha256'] },
      })
    }
  } finally {
    await writeFile(manifest, before)
  }
})

test('a finished fold of another run does not count', { timeout: TIMEOUT }, async () => {
  const config = await json('whole', 'fold-1', 'config.json')
  await cp(at('whole'), at('mixed'), { recursive: true })
  const resumed = async (text: string) => {
    await writeFile(at('mixed', 'fold-1', 'config.json'), text)
    return crossValidate({ ...options('mixed'), resume: true })
  }
  const { settings, data } = config
  for (const [other, part] of [
    [{ ...config, data: { ...data, sha256: 'd'.repeat(64) } }, 'data'],
    [{ ...config, settings: { ...settings, epochs: 9 } }, 'settings'],
    [{ ...config, startSha256: 'e'.repeat(64) }, 'startSha256'],
  ]) {
    await expect(resumed(JSON.stringify(other))).rejects.toMatchObject({
      code: 'RUN_FOLDER_DIFFERS',
      facts: { fold: 1, settings: [part] },
    })
  }
  await expect(resumed('{')).rejects.toMatchObject({ code: 'RUN_FOLDER_DIFFERS', facts: { fold: 1 } })
  const changed = { ...config, settings: { ...settings, learningRate: 1 }, changed: [{ learningRate: 2 }] }
  expect((await resumed(JSON.stringify(changed))).crossValidation).toEqual(whole.crossValidation)
})

test('more folds than women with lesions are refused before there is a folder', { timeout: TIMEOUT }, async () => {
  await expect(crossValidate({ ...options('many'), folds: 5 })).rejects.toMatchObject({ code: 'TRAINING_DATA_UNFIT' })
  await expect(stat(at('many'))).rejects.toThrow()
})
