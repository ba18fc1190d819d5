import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { absent, isAbsent } from '#core/absent.ts'
import type { Point } from '#core/geometry.ts'
import { Mask } from '#core/mask.ts'
import type { Side } from '#core/modality.ts'
import { type Lesion, type ModelReport, Report } from '#core/report.ts'
import { encodeMaskPng, encodePng } from '#imaging/encode.ts'
import { readStudy } from './read-study.ts'
import { screen } from './screen.ts'
import type { Segmenter } from './segment.ts'

const SIZE = { width: 160, height: 200 }
const SPACING_MM = 0.5
/** Of the left breast as it is drawn here; its chest wall lies on the picture's left, behind a margin. */
const NIPPLE = { x: 140, y: 100 }
const model: ModelReport = {
  id: 'test',
  sha256: 'a'.repeat(64),
  validatedModalities: [],
  figures: [],
  confidence: [],
  limits: [],
}
/** Of a model for other images: what is measured are the outlines of a doctor. */
const segmenter: Segmenter = {
  isValidatedOn: () => false,
  judge: () => 'judgeable',
  standardise: () => {
    throw new Error('asked for a mask')
  },
  segment: () => {
    throw new Error('asked for a mask')
  },
}

let root = ''
beforeAll(async () => {
  root = await mkdtemp(path.join(tmpdir(), 'zaoshai-location-'))
})
afterAll(() => rm(root, { recursive: true }))

/** A picture seen in a mirror is one of the other breast. */
const seen = (side: Side, x: number) => (side === 'L' ? x : SIZE.width - 1 - x)

function drawn(side: Side, isSet: (x: number, y: number) => boolean): Uint8Array {
  return Uint8Array.from({ length: SIZE.width * SIZE.height }, (_, i) =>
    isSet(seen(side, i % SIZE.width), Math.floor(i / SIZE.width)) ? 1 : 0,
  )
}

const breast = (x: number, y: number) => x >= 10 && ((x - 10) / 130) ** 2 + ((y - 100) / 85) ** 2 <= 1
const ORIENTATIONS = {
  L: { CC: ['A', 'R'], MLO: ['A', 'FR'] },
  R: { CC: ['P', 'L'], MLO: ['P', 'FL'] },
} as const

/** A lesion at one place of the left breast in each view, or at its mirrored place in the right one. */
async function screened(side: Side, lesions: Readonly<Record<'CC' | 'MLO', Point>>, over: object = {}) {
  const folder = await mkdtemp(path.join(root, 'study-'))
  const images = []
  for (const view of ['CC', 'MLO'] as const) {
    const file = `${side}_${view}.png`
    const grey = drawn(side, breast).map((inside, i) => (inside === 1 ? 120 + ((i * 7919) % 31) : 0))
    await writeFile(path.join(folder, file), await encodePng({ ...SIZE, channels: 1, bitDepth: 8, data: grey }))
    const { x, y } = lesions[view]
    const outline = Mask.from(
      drawn(side, (px, py) => Math.hypot(px - x, py - y) <= 8),
      SIZE,
    )
    await writeFile(path.join(folder, `outline-${file}`), await encodeMaskPng(outline))
    images.push({
      ...{ file, side, view, outline: `outline-${file}`, patientOrientation: ORIENTATIONS[side][view] },
      ...{ pixelSpacingMm: [SPACING_MM, SPACING_MM], pixelSpacingSource: 'file' },
      ...{ nipplePx: { x: seen(side, NIPPLE.x), y: NIPPLE.y }, ...(view === 'MLO' ? over : {}) },
    })
  }
  await writeFile(path.join(folder, 'study.json'), JSON.stringify({ id: 'a', modality: 'MG', images }))
  const out = path.join(folder, 'report')
  await screen(await readStudy(folder), { segmenter, model, out, now: new Date(0) })
  const report = Report.parse(JSON.parse(await readFile(path.join(out, 'report.json'), 'utf8')))
  return report.sides[side].images.map((image): Lesion['features']['location'] => {
    if (image.status !== 'read' || isAbsent(image.marking)) throw new Error('not read')
    return image.marking.lesions[0]!.features.location
  })
}

/** 20 mm lateral of the nipple's line and 15 mm above it: a sixth of a turn from noon, nearest to two hours. */
const OUTER = { CC: { x: 80, y: 60 }, MLO: { x: 80, y: 70 } }

describe('a lesion that CC and MLO of a side both show', () => {
  test('lies at 2 of the left breast and, mirrored, at 10 of the right one: upper outer of both', async () => {
    for (const [side, hour] of [
      ['L', '2'],
      ['R', '10'],
    ] as const) {
      for (const location of await screened(side, OUTER)) {
        expect(location).toMatchObject({ clockPosition: { word: hour }, quadrant: { word: 'upper-outer' } })
        expect(location.depthThird).toEqual({ word: 'middle' })
      }
      const [cc, mlo] = await screened(side, OUTER)
      expect(cc).toMatchObject({ mediolateral: { word: 'lateral' }, superoinferior: absent('not-for-this-view') })
      expect(mlo).toMatchObject({ superoinferior: { word: 'superior' }, mediolateral: absent('not-for-this-view') })
      expect(cc!.lateralOffsetMm).toMatchObject({ value: expect.closeTo(20, 0), unit: 'mm' })
    }
  })

  test('has neither clock nor quadrant where its distances from the nipple are too different to be of one', async () => {
    for (const { clockPosition, quadrant } of await screened('L', { ...OUTER, MLO: { x: 30, y: 100 } })) {
      expect([clockPosition, quadrant]).toEqual([absent('views-not-matched'), absent('views-not-matched')])
    }
  })

  test('nor where the orientation of one is not given, contradicts the picture, or the other day was another', async () => {
    const [, bare] = await screened('L', OUTER, { patientOrientation: undefined })
    expect(bare!.quadrant).toEqual(absent('orientation-not-given'))
    const [, wrong] = await screened('L', OUTER, { patientOrientation: ['P', 'FR'] })
    expect(wrong!.superoinferior).toEqual(absent('orientation-conflict'))
    for (const { clockPosition } of await screened('L', OUTER, { date: '2020-01-01' })) {
      expect(clockPosition).toEqual(absent('one-view-only'))
    }
  })
})
