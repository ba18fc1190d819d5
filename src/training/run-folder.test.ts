import { spawnSync } from 'node:child_process'
import { appendFile, mkdir, mkdtemp, readdir, readFile, rm, utimes, writeFile } from 'node:fs/promises'
import os from 'node:os'
import path from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { type EpochRecord, openRunFolder, runHash } from './run-folder.ts'

let folder = ''
beforeEach(async () => {
  folder = await mkdtemp(path.join(os.tmpdir(), 'zaoshai-run-'))
})
afterEach(() => rm(folder, { recursive: true, force: true }))

const config = { seed: 1, epochs: 2, data: 'abc' }
const record = (epoch: number): EpochRecord => ({
  epoch,
  steps: 10 * (epoch + 1),
  seconds: 1.5,
  learningRateScale: 1,
  losses: { total: 0.5 },
  train: { images: 4, dice: 0.5, iou: 0.4 },
  val: { images: 4, dice: 0.4, iou: 0.3 },
  valPerDataset: { clinic: 0.4 },
  firstLookDice: 0.5,
  presenceAuc: null,
  score: 0.4,
  best: true,
})

test('a run writes its configuration and its records and reads them back', async () => {
  const run = await openRunFolder(folder, config, false)
  await run.record(record(0))
  await run.record(record(1))
  expect(await run.history()).toEqual([record(0), record(1)])
  expect(JSON.parse(await readFile(run.file('config.json'), 'utf8'))).toEqual(config)
  await run.close()
})

test('two runs never share a folder', async () => {
  const run = await openRunFolder(folder, config, false)
  await expect(openRunFolder(folder, config, true)).rejects.toThrow(/RUN_FOLDER_BUSY/)
  await run.close()
  await expect(openRunFolder(folder, config, false)).rejects.toThrow(/RUN_FOLDER_TAKEN/)
})

test('a run resumes under its own configuration only', async () => {
  await expect(openRunFolder(folder, config, true)).rejects.toThrow(/RUN_FOLDER_DIFFERS/)
  await (await openRunFolder(folder, config, false)).close()
  await expect(openRunFolder(folder, { ...config, seed: 2 }, true)).rejects.toThrow(/RUN_FOLDER_DIFFERS.*seed/)
  const run = await openRunFolder(folder, config, true)
  expect(run.resumed).toBe(true)
  await run.close()
})

test('a run resumes with another learning rate or batch, and says what they were', async () => {
  const settings = { seed: 1, learningRate: 2e-4, batch: 8 }
  const [first, second] = [
    { data: 'abc', settings },
    { data: 'abc', settings: { ...settings, learningRate: 1e-4 } },
  ]
  await (await openRunFolder(folder, first, false)).close()
  const run = await openRunFolder(folder, second, true)
  const changed = [{ learningRate: 2e-4, batch: 8 }]
  expect(run.config).toEqual({ ...second, changed })
  expect(JSON.parse(await readFile(run.file('config.json'), 'utf8'))).toEqual(run.config)
  expect(runHash(run.config)).toBe(runHash(first))
  await run.close()
  const again = await openRunFolder(folder, second, true)
  expect(again.config.changed).toEqual(changed)
  await again.close()
  await expect(openRunFolder(folder, { data: 'x', settings: { ...settings, seed: 2 } }, true)).rejects.toThrow(
    /RUN_FOLDER_DIFFERS.*settings=\[data,settings.seed\]/,
  )
})

test('what the disk refuses has a code and says that the run can go on', async () => {
  const blocked = path.join(folder, 'file')
  await writeFile(blocked, '')
  await expect(openRunFolder(blocked, config, false)).rejects.toThrow(/RUN_FOLDER_UNWRITABLE.*--resume/)
  const run = await openRunFolder(path.join(folder, 'run'), config, false)
  await mkdir(run.file('metrics.jsonl'))
  await expect(run.record(record(0))).rejects.toThrow(/RUN_FOLDER_UNWRITABLE.*EISDIR/)
  await run.close()
})

test('what a killed run had not finished writing is removed when it is resumed; a damaged configuration is refused', async () => {
  await (await openRunFolder(folder, config, false)).close()
  await writeFile(path.join(folder, '.last.safetensors.1.abc.tmp'), 'half')
  await (await openRunFolder(folder, config, true)).close()
  expect(await readdir(folder)).toEqual(['config.json'])
  await writeFile(path.join(folder, 'config.json'), '{"seed":')
  await expect(openRunFolder(folder, config, true)).rejects.toThrow(/RUN_FOLDER_DIFFERS.*damaged/)
})

test('the lock of a killed process does not keep its folder from being resumed', async () => {
  await (await openRunFolder(folder, config, false)).close()
  const { pid } = spawnSync(process.execPath, ['-e', ''])
  await writeFile(path.join(folder, 'run.lock'), JSON.stringify({ pid, host: os.hostname(), token: 'x' }))
  await (await openRunFolder(folder, config, true)).close()
  expect((await readdir(folder)).filter((name) => name.startsWith('run.lock'))).toEqual([])
})

test('nor does one of the same process number, as in a container, or one that was never signed', async () => {
  await (await openRunFolder(folder, config, false)).close()
  const file = path.join(folder, 'run.lock')
  await writeFile(file, JSON.stringify({ pid: process.pid, host: os.hostname(), token: 'of an earlier life' }))
  await (await openRunFolder(folder, config, true)).close()
  await writeFile(file, '')
  await expect(openRunFolder(folder, config, true)).rejects.toThrow(/RUN_FOLDER_BUSY/)
  const earlier = new Date(Date.now() - 10_000)
  await utimes(file, earlier, earlier)
  await (await openRunFolder(folder, config, true)).close()
  expect(await readdir(folder)).not.toContain('run.lock')
})

test('a line torn by a kill is dropped and a resumed run rewinds to its checkpoint', async () => {
  const run = await openRunFolder(folder, config, false)
  await run.record(record(0))
  await run.record(record(1))
  await appendFile(run.file('metrics.jsonl'), '{"epoch":2,"st')
  expect(await run.history()).toHaveLength(2)
  await run.rewind(1)
  expect(await run.history()).toEqual([record(0)])
  await run.record(record(1))
  expect(await run.history()).toEqual([record(0), record(1)])
  await run.close()
})
