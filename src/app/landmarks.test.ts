import { existsSync } from 'node:fs'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterAll, afterEach, beforeAll, expect, test, vi } from 'vitest'
import { absent } from '#core/absent.ts'
import { encodePng } from '#imaging/encode.ts'
import { openNippleMap } from '#sam/nipple-head.ts'
import { loadBaseWeights } from '#sam/weights.ts'
import { landmarkFigures } from '#training/landmark-figures.ts'
import { readMarkedThermograms } from './landmark-data.ts'
import { locateAll, seeThermograms, stepErrors } from './landmark-evaluation.ts'
import { readLandmarkModel } from './landmark-model.ts'
import { proposeAll, tableOf } from './landmarks.ts'

const DATA = path.join(process.env.ZAOSHAI_DATA ?? '../shared/data', 'thermo_landmarks')

let folder = ''
beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'zaoshai-landmarks-'))
  const blank = { width: 64, height: 64, channels: 1, bitDepth: 8, data: new Uint8Array(64 * 64) } as const
  await writeFile(path.join(folder, 'blank.png'), await encodePng(blank))
  await writeFile(path.join(folder, 'broken.png'), 'no picture')
})
afterAll(() => rm(folder, { recursive: true, force: true }))
afterEach(() => vi.unstubAllEnvs())

const inFolder = (name: string) => path.join(folder, name)

test('a side without a proposal has empty cells, the other one pixels to a tenth', () => {
  const proposal = { nipple: { x: 10.04, y: 20 }, box: [1, 2, 30, 40] as const, confidence: 0.5 }
  const rows = [
    { file: 'a.png', side: 'R' as const, proposal },
    { file: 'a.png', side: 'L' as const, proposal: absent('nipple-not-found') },
  ]
  expect(tableOf(rows)).toBe(
    'file,side,nippleX,nippleY,breastX0,breastY0,breastX1,breastY1,confidence\n' +
      'a.png,R,10.0,20.0,1.0,2.0,30.0,40.0,0.500\na.png,L,,,,,,,\n',
  )
})

test('a blank and a broken image are refused by name and code, and the table has no row of theirs', async () => {
  const [blank, broken, out] = [inFolder('blank.png'), inFolder('broken.png'), inFolder('landmarks.csv')]
  const { refused } = await proposeAll({ inputs: [blank, broken], out, modality: 'TG' })
  expect(refused.map(({ file, error }) => [file, error.code])).toEqual([
    ['blank.png', 'LANDMARKS_NOT_FOUND'],
    ['broken.png', 'IMAGE_FORMAT_UNKNOWN'],
  ])
  expect(await readFile(out, 'utf8')).toBe(tableOf([]))
})

test('other modalities are refused', async () => {
  const { refused } = await proposeAll({ inputs: [inFolder('blank.png')], out: inFolder('mg.csv'), modality: 'MG' })
  expect(refused.map(({ error }) => error.code)).toEqual(['MODALITY_NOT_VALIDATED'])
})

test('where no input is a thermogram nothing is loaded: there need be no weights', async () => {
  vi.stubEnv('ZAOSHAI_BASE_WEIGHTS', inFolder('none.safetensors'))
  const manifest = inFolder('kinds.csv')
  const out = inFolder('kinds-out.csv')
  const rows = ['image,modality', 'blank.png,MG', 'broken.png,US', 'blank.png,OT']
  await writeFile(manifest, rows.join('\n'))
  const { refused } = await proposeAll({ inputs: [manifest], out, modality: 'TG' })
  expect(refused.map(({ error }) => error.code)).toEqual(Array(3).fill('MODALITY_NOT_VALIDATED'))
  await writeFile(manifest, [...rows, 'blank.png,TG'].join('\n'))
  await expect(proposeAll({ inputs: [manifest], out, modality: 'TG' })).rejects.toMatchObject({
    code: 'WEIGHTS_UNAVAILABLE',
  })
})

test('a file that is no table of ours is not replaced', async () => {
  const out = inFolder('other.csv')
  await writeFile(out, 'name,age\n')
  const work = proposeAll({ inputs: [inFolder('blank.png')], out, modality: 'TG' })
  await expect(work).rejects.toMatchObject({ code: 'OUTPUT_EXISTS' })
  expect(await readFile(out, 'utf8')).toBe('name,age\n')
})

test.skipIf(!existsSync(DATA))(
  'on thermograms that it learned from, the median error is below a fortieth of the breast width',
  async () => {
    const develop = (await readMarkedThermograms(DATA, { part: 'develop' })).slice(0, 8)
    await using map = await openNippleMap(await loadBaseWeights(), { threads: 2 })
    const located = locateAll(await seeThermograms(develop, map), await readLandmarkModel())
    expect(landmarkFigures(stepErrors(located).final).median).toBeLessThan(0.025)
  },
  300_000,
)
