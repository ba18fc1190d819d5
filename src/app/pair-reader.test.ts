import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { companionsOf } from '#core/companions.ts'
import { Mask } from '#core/mask.ts'
import { DEFAULT_PREPROCESSING } from '#core/preprocessing.ts'
import type { Energy } from '#core/study.ts'
import { decodeImage } from '#imaging/decode.ts'
import { encodePng } from '#imaging/encode.ts'
import { standardise } from '#imaging/standardise.ts'
import { pairReader, pairsTogether } from './pair-reader.ts'
import type { Segmented, Segmenter } from './segment.ts'

const SIZE = { width: 40, height: 40 }
let folder = ''
beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'zaoshai-pairs-'))
  for (const [i, file] of ['R_DM_CC.png', 'R_CM_CC.png', 'L_DM_CC.png'].entries()) {
    const data = new Uint8Array(1600).fill(60 + 50 * i)
    await writeFile(path.join(folder, file), await encodePng({ ...SIZE, channels: 1, bitDepth: 8, data }))
  }
  await writeFile(path.join(folder, 'L_CM_CC.png'), 'torn')
})
afterAll(() => rm(folder, { recursive: true }))

interface Shot {
  readonly path: string
  readonly file: string
  readonly modality: 'MG'
  readonly energy: Energy
  readonly side: string
}
const shot = (side: string, energy: Energy): Shot => {
  const file = `${side}_${energy === 'subtracted' ? 'CM' : 'DM'}_CC.png`
  return { path: path.join(folder, file), file, modality: 'MG', energy, side }
}

/** Tells by presence how an image was looked at, and counts. */
function counting(reads: string[]): Segmenter {
  const said = (presence: number): Segmented => ({ mask: Mask.empty(SIZE), presence, expectedDice: 0, regions: [] })
  return {
    isValidatedOn: () => true,
    judge: () => 'judgeable',
    standardise: (raster) => standardise(raster, DEFAULT_PREPROCESSING.MG),
    segment: async () => {
      reads.push('alone')
      return said(0)
    },
    segmentPair: async (pair) => {
      reads.push('pair')
      // what was given as which exposure
      const grey = (energy: Energy) => pair[energy].image.data[0]!
      return grey('low-energy') < grey('subtracted')
        ? { 'low-energy': said(0.25), subtracted: said(0.75) }
        : { 'low-energy': said(1), subtracted: said(1) }
    },
  }
}

test('both exposures are read at once, whichever comes first and also when both are asked for together', async () => {
  for (const energies of [
    ['low-energy', 'subtracted'],
    ['subtracted', 'low-energy'],
  ] as const) {
    const reads: string[] = []
    const segmenter = counting(reads)
    const shots = energies.map((energy) => shot('R', energy))
    const read = pairReader(
      segmenter,
      companionsOf(shots, ({ side, energy }) => ({ view: side, energy })),
    )
    const standardised = async ({ path: at, file }: Shot) => {
      return segmenter.standardise(await decodeImage(await readFile(at), file), 'MG')
    }
    const answers = await Promise.all(shots.map(async (of) => read(of, await standardised(of))))
    expect(reads).toEqual(['pair'])
    expect(answers.map(({ presence }) => presence)).toEqual(
      energies.map((energy) => (energy === 'subtracted' ? 0.75 : 0.25)),
    )
    expect(answers.map(({ readWith }) => readWith?.file)).toEqual(
      energies.map((energy) => (energy === 'low-energy' ? 'R_CM_CC.png' : undefined)),
    )
  }
})

test('where the other exposure cannot be read, or is not there, an image is read alone', async () => {
  const reads: string[] = []
  const segmenter = counting(reads)
  const shots = [shot('L', 'low-energy'), shot('L', 'subtracted')]
  const standardised = segmenter.standardise(await decodeImage(await readFile(shots[0]!.path), 'a.png'), 'MG')
  const read = pairReader(
    segmenter,
    companionsOf(shots, ({ side, energy }) => ({ view: side, energy })),
  )
  expect(await read(shots[0]!, standardised)).toMatchObject({ presence: 0, readWith: undefined })
  expect(await pairReader<Shot>(segmenter, new Map())(shots[0]!, standardised)).toMatchObject({ presence: 0 })
  expect(reads).toEqual(['alone', 'alone'])
})

test('a companion that is no picture to be judged has no part in how the other one is read', async () => {
  const reads: string[] = []
  const segmenter: Segmenter = { ...counting(reads), judge: () => ({ absent: 'blank-image' }) }
  const shots = [shot('R', 'low-energy'), shot('R', 'subtracted')]
  const standardised = segmenter.standardise(await decodeImage(await readFile(shots[0]!.path), 'a.png'), 'MG')
  const read = pairReader(
    segmenter,
    companionsOf(shots, ({ side, energy }) => ({ view: side, energy })),
  )
  expect(await read(shots[0]!, standardised)).toMatchObject({ presence: 0, readWith: undefined })
  expect(reads).toEqual(['alone'])
})

test('a companion moves right behind the first of its pair, and every image stays once', () => {
  const companions = new Map([
    ['a', 'd'],
    ['d', 'a'],
  ])
  expect(pairsTogether(['a', 'b', 'c', 'd'], companions)).toEqual(['a', 'd', 'b', 'c'])
})
