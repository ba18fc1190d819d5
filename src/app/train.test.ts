import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { TINY_PIECES, writeTinyManifest } from './tiny-cross-validation.ts'
import { type DataFound, type TrainOptions, trainModel } from './train.ts'

let folder = ''
let manifest = ''
const at = (...names: string[]) => path.join(folder, ...names)

beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'zaoshai-train-'))
  manifest = await writeTinyManifest(folder)
})
afterAll(() => rm(folder, { recursive: true, force: true }))

/** Trains as far as the data are examined; gives what was found in them. */
async function examined(text: string, options: Partial<TrainOptions> = {}): Promise<DataFound> {
  await writeFile(at('manifest.csv'), text)
  const controller = new AbortController()
  let found: DataFound | undefined
  const run = trainModel({
    ...{ data: [manifest], out: at('out'), modality: 'US', signal: controller.signal, ...options },
    onTraining: (step) => {
      if (step.stage !== 'data') return
      found = step
      controller.abort(new Error('examined'))
    },
  })
  await expect(run).rejects.toThrow('examined')
  return found!
}

const HEADER = 'id,image,mask,class,split'
const pieces = (split: (i: number) => string) =>
  TINY_PIECES.map(({ id, class: kind }, i) => {
    return [id, `${id}.png`, kind === 'normal' ? '' : `${id}-mask.png`, kind, split(i)].join()
  })
const rows = (of: readonly string[]) => [HEADER, ...of].join('\n')
const good = pieces((i) => (i < 8 ? 'train' : 'val'))
const bad = ['torn,nowhere.png,piece0-mask.png,benign,train', 'piece1,piece1.png,piece1-mask.png,benign,train']

test('rows that cannot be used are named before anything trains, and left out', async () => {
  const { badRows } = await examined(rows([...good, ...bad]))
  expect(badRows.map(({ line, id }) => [line, id])).toEqual([
    [15, 'piece1'],
    [14, 'torn'],
  ])
})

test('or they stop it, all named in one error without a path, and no folder is made', async () => {
  await writeFile(at('manifest.csv'), rows([...good, ...bad]))
  const run = trainModel({ data: [manifest], out: at('refused'), modality: 'US', badRows: 'refuse' })
  const dataset = path.basename(folder)
  await expect(run).rejects.toMatchObject({
    code: 'BAD_ROWS',
    facts: {
      count: 2,
      rows: [`${dataset} line 15 (piece1): id already used on line 3`, `${dataset} line 14 (torn): FILE_UNREADABLE`],
    },
  })
  expect(await readdir(folder)).not.toContain('refused')
  const { badRows } = await examined(rows(good), { badRows: 'refuse' })
  expect(badRows).toEqual([])
})

test('it is said when no image without a lesion trains, also where validation has some', async () => {
  expect((await examined(rows(good))).withoutNormals).toEqual([])
  const withoutNormals = pieces((i) => (i % 3 === 2 ? 'val' : 'train'))
  expect((await examined(rows(withoutNormals))).withoutNormals).toEqual(['US'])
})

test('what a test split holds is not read', async () => {
  const others = ['t,nowhere.png,nowhere.png,benign,test', 'e,nowhere.png,nowhere.png,benign,external-test']
  expect((await examined(rows([...good, ...others]))).badRows).toEqual([])
  expect(await readFile(manifest, 'utf8')).toContain('external-test')
})
