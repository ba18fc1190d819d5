import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { copyFile, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { text } from 'node:stream/consumers'
import { parse } from 'csv-parse/sync'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { absent } from '#core/absent.ts'
import { DEFAULT_PREPROCESSING } from '#core/preprocessing.ts'
import { seededRandom } from '#core/random.ts'
import { decodeImage, decodeMask } from '#imaging/decode.ts'
import { writeModel } from '#sam/model.ts'
import { loadBaseWeights } from '#sam/weights.ts'
import { RECIPE } from '#training/train.ts'
import { startingWeights } from '#training/training-graph.ts'

const ROOT = path.join(import.meta.dirname, '../..')
const EXAMPLE = path.join(ROOT, 'examples/cesm-p313')
const HEADER = 'file,presence,lesions,areaPx,milliseconds,expectedDice,outlineExpectedDice,outlineUncertaintyPx'
let folder = ''
let images = ''
let model = ''
let whole = ''
let printed = ''
let code: number | null = null

/** A model that was never trained: what it marks means nothing, but it runs as any other does. One run to the end. */
beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'zaoshai-process-'))
  images = path.join(folder, 'images')
  model = path.join(folder, 'untrained.safetensors')
  const base = await loadBaseWeights()
  const start = startingWeights(base, { ...RECIPE, modalities: ['MG'] }, seededRandom(1))
  const changed = new Map([...start].filter(([name]) => !base.has(name)))
  const mammography = {
    preprocessing: DEFAULT_PREPROCESSING.MG,
    maskThreshold: 0.4,
    presenceThreshold: absent('no-normal-training-data'),
  }
  const metadata = { format: 1, name: 'untrained', baseSha256: base.id, provenance: {}, figures: {} } as const
  await writeFile(model, writeModel(changed, { ...metadata, modalities: { MG: mammography } }))
  await mkdir(images)
  for (const name of (await readdir(EXAMPLE)).filter((file) => file.endsWith('.jpg'))) {
    await copyFile(path.join(EXAMPLE, name), path.join(images, name))
  }
  whole = path.join(folder, 'whole')
  const child = segmentProcess(whole)
  const [document, exit] = await Promise.all([text(child.stdout), once(child, 'exit')])
  printed = document
  code = exit[0]
})
afterAll(() => rm(folder, { recursive: true, force: true }))

/** `npx zaoshai segment` of the example's pictures, as a process of its own. */
function segmentProcess(out: string): ChildProcess & { stdout: NodeJS.ReadableStream } {
  const args = ['segment', images, '--modality', 'MG', '--model', model, '--out', out, '--json']
  const child = spawn(process.execPath, [path.join(ROOT, 'bin/zaoshai.mjs'), ...args], {
    stdio: ['ignore', 'pipe', 'ignore'],
  })
  return child as typeof child & { stdout: NodeJS.ReadableStream }
}

const masksIn = async (out: string) =>
  (await readdir(out).catch(() => [])).filter((file) => /^[^.].*\.png$/.test(file)).sort()

async function untilMasks(out: string, count: number, child: ChildProcess): Promise<void> {
  while ((await masksIn(out)).length < count && child.exitCode === null)
    await new Promise((next) => setTimeout(next, 5))
}

async function table(out: string): Promise<Record<string, string>[]> {
  return parse(await readFile(path.join(out, 'predictions.csv')), { columns: true })
}

describe('zaoshai segment as a process, with an untrained model', () => {
  test('ends with 0, one JSON document, and a mask of each picture at its own size', async () => {
    expect(code).toBe(0)
    const { predictions } = JSON.parse(printed)
    expect(predictions).toHaveLength(8)
    for (const { file, presence } of predictions) {
      expect(presence).toEqual({ absent: 'no-normal-training-data' })
      const image = await decodeImage(await readFile(path.join(images, file)), file)
      const name = `${path.parse(file).name}.png`
      const mask = await decodeMask(await readFile(path.join(whole, name)), name)
      expect([mask.width, mask.height]).toEqual([image.width, image.height])
    }
    expect(await table(whole)).toHaveLength(8)
  })

  test('interrupted, it ends with 130 and leaves whole masks, a table of just these, and nothing else', async () => {
    const out = path.join(folder, 'interrupted')
    const child = segmentProcess(out)
    const exit = once(child, 'exit')
    await untilMasks(out, 1, child)
    child.kill('SIGINT')
    const [code] = await exit
    expect(code).toBe(130)
    const finished = await masksIn(out)
    expect(finished.length).toBeLessThan(8)
    for (const name of finished) await decodeMask(await readFile(path.join(out, name)), name)
    expect((await table(out)).map(({ file = '' }) => `${path.parse(file).name}.png`)).toEqual(finished)
    expect((await readdir(out)).sort()).toEqual([...finished, 'predictions.csv'].sort())
  })

  test('killed, it leaves whole masks, each with a row, and nothing of an earlier run; repeated, it ends as if never killed', async () => {
    const out = path.join(folder, 'killed')
    await mkdir(out)
    await writeFile(path.join(out, 'earlier.png'), 'a mask of another run')
    await writeFile(path.join(out, 'predictions.csv'), `${HEADER}\nearlier.jpg,0.5,1,9,9,0.5,0.5,0.5\n`)
    const child = segmentProcess(out)
    const exit = once(child, 'exit')
    while ((await masksIn(out)).includes('earlier.png') && child.exitCode === null) {
      await new Promise((next) => setTimeout(next, 5))
    }
    await untilMasks(out, 2, child)
    child.kill('SIGKILL')
    expect(await exit).toEqual([null, 'SIGKILL'])

    const finished = await masksIn(out)
    for (const name of finished) await decodeMask(await readFile(path.join(out, name)), name)
    const listed = (await table(out)).map(({ file = '' }) => `${path.parse(file).name}.png`)
    expect(listed.slice(0, finished.length)).toEqual(finished)
    expect(listed.length - finished.length).toBeLessThanOrEqual(1)
    expect(finished.length).toBeLessThan(8)

    expect(await once(segmentProcess(out), 'exit')).toEqual([0, null])
    expect(await readdir(out)).toEqual(await readdir(whole))
    for (const name of await masksIn(whole)) {
      expect(Buffer.compare(await readFile(path.join(out, name)), await readFile(path.join(whole, name))), name).toBe(0)
    }
    const untimed = async (place: string) => (await table(place)).map(({ milliseconds, ...row }) => row)
    expect(await untimed(out)).toEqual(await untimed(whole))
  })
})
