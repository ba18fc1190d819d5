import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { absent, isAbsent } from '#core/absent.ts'
import { Mask } from '#core/mask.ts'
import type { Side } from '#core/modality.ts'
import { DEFAULT_PREPROCESSING } from '#core/preprocessing.ts'
import { type ModelReport, Report } from '#core/report.ts'
import type { Energy } from '#core/study.ts'
import { components } from '#imaging/components.ts'
import { encodePng } from '#imaging/encode.ts'
import type { Frame } from '#imaging/frame.ts'
import { judgeability } from '#imaging/judgeable.ts'
import { standardise } from '#imaging/standardise.ts'
import { openNippleFinder } from './nipple.ts'
import { readStudy } from './read-study.ts'
import { screen } from './screen.ts'
import type { Segmented, Segmenter } from './segment.ts'

const SIZE = { width: 200, height: 250 }
const model: ModelReport = {
  ...{ id: 'test', sha256: 'a'.repeat(64), validatedModalities: ['MG'] },
  ...{ figures: [], confidence: [], limits: [] },
}

let root = ''
beforeAll(async () => {
  root = await mkdtemp(path.join(tmpdir(), 'zaoshai-counterpart-'))
})
afterAll(() => rm(root, { recursive: true }))

/** Marks the same disc in the middle of every picture. No model: what it marks says nothing of anybody. */
function marked({ original }: Frame): Segmented {
  const { width, height } = original
  const data = Uint8Array.from({ length: width * height }, (_, i) =>
    Number(Math.hypot((i % width) - width / 2, Math.floor(i / width) - height / 2) <= width / 16),
  )
  const mask = Mask.from(data, original)
  const regions = components(mask).map((region) => ({ region, expectedDice: 0.8, bandAreaPx: 30 }))
  return { mask, presence: 0.75, expectedDice: 0.7, regions }
}

const segmenter: Segmenter = {
  isValidatedOn: () => true,
  judge: judgeability,
  standardise: (raster, modality) => standardise(raster, DEFAULT_PREPROCESSING[modality]),
  segment: async ({ frame }) => marked(frame),
}

interface Written {
  readonly images: readonly object[]
  readonly files: Readonly<Record<string, Uint8Array | string>>
}

async function screened({ images, files }: Written, by: Segmenter = segmenter) {
  const folder = await mkdtemp(path.join(root, 'study-'))
  for (const [name, content] of Object.entries(files)) await writeFile(path.join(folder, name), content)
  await writeFile(path.join(folder, 'study.json'), JSON.stringify({ id: 'a', modality: 'MG', images }))
  const out = path.join(folder, 'report')
  await using nipples = openNippleFinder(() => Promise.reject(new Error('not asked')))
  await screen(await readStudy(folder), {
    ...{ segmenter: by, model, out, now: new Date(0), nippleFinder: nipples.find },
  })
  const page = await readFile(path.join(out, 'report.html'), 'utf8')
  return { report: Report.parse(JSON.parse(await readFile(path.join(out, 'report.json'), 'utf8'))), page }
}

describe('a coloured picture offered as the other breast', () => {
  const isBreast = (x: number, y: number) => x >= 10 && ((x - 10) / 160) ** 2 + ((y - 125) / 130) ** 2 <= 1
  const isMuscle = (x: number, y: number) => (x - 10) / 85 + y / 130 < 1
  const level = (x: number, y: number) =>
    isBreast(x, y)
      ? (isMuscle(x, y) ? 190 : 100) + 10 * Math.sin(x / 7) * Math.cos(y / 9) + 6 * Math.sin(13 * x + 78 * y)
      : 0

  /** An oblique view; in every colour, or grey. */
  function oblique(side: Side, isColoured = false): Promise<Uint8Array> {
    const channels = isColoured ? 3 : 1
    const data = Uint8Array.from({ length: channels * SIZE.width * SIZE.height }, (_, at) => {
      const [i, channel] = [Math.floor(at / channels), at % channels]
      const [column, y] = [i % SIZE.width, Math.floor(i / SIZE.width)]
      const x = side === 'L' ? column : SIZE.width - 1 - column
      return level(x, y) * (isColoured && channel !== Math.floor(y / 30) % 3 ? 0.75 : 1)
    })
    return encodePng({ ...SIZE, channels, bitDepth: 8, data })
  }

  async function readBoth(isColoured: boolean) {
    const images = (['L', 'R'] as const).map((side) => ({ file: `${side}.png`, side, view: 'MLO' }))
    const files = { 'L.png': await oblique('L'), 'R.png': await oblique('R', isColoured) }
    const { report, page } = await screened({ images, files })
    const [left, right] = [report.sides.L.images[0], report.sides.R.images[0]]
    if (left?.status !== 'read' || right?.status !== 'read' || isAbsent(left.marking)) throw new Error('not read')
    const { contrast, contrastStandardised } = left.marking.lesions[0]!.features
    if (isAbsent(contrastStandardised)) throw new Error(contrastStandardised.absent)
    return {
      ...{ right, comparison: report.comparison, outlines: page.match(/<path class="breast"/g)?.length },
      differences: [contrast.contralateralDifference, contrastStandardised.contralateralDifference],
    }
  }

  test('is no counterpart, and no muscle, outline or nipple is told of it; the same picture in grey is and has them', async () => {
    const refused = absent('not-this-modality')
    const { right, ...told } = await readBoth(true)
    expect(right).toMatchObject({ marking: refused, pectoralMuscle: refused, nippleProposal: refused })
    expect(told).toMatchObject({
      ...{ outlines: 1, comparison: { absent: expect.any(String) } },
      differences: [absent('no-mirrored-view'), absent('no-mirrored-view')],
    })
    const grey = await readBoth(false)
    expect(grey.right).toMatchObject({ pectoralMuscle: { edgePx: {} }, nippleProposal: { point: {} }, marking: {} })
    expect(grey.outlines).toBe(2)
    for (const difference of grey.differences) expect(difference).toMatchObject({ value: expect.closeTo(0, 6) })
    expect(isAbsent(grey.comparison)).toBe(false)
  })
})

describe('both exposures of a view', () => {
  /** Reads both at once; the pairs that it was given are counted. */
  function pairing(): { readonly by: Segmenter; readonly pairs: () => number } {
    let pairs = 0
    const segmentPair: Segmenter['segmentPair'] = async (pair) => {
      pairs++
      return { 'low-energy': marked(pair['low-energy'].frame), subtracted: marked(pair.subtracted.frame) }
    }
    return { by: { ...segmenter, judge: () => 'judgeable', segmentPair }, pairs: () => pairs }
  }
  const size = { width: 80, height: 64 }
  const picture = (seed: number) => {
    const data = Uint8Array.from({ length: size.width * size.height }, (_, i) => 60 + ((i * 7919 + seed) % 97))
    return encodePng({ ...size, channels: 1, bitDepth: 8, data })
  }

  /** The left CC view, of which one exposure is perhaps made from a recording. */
  async function readWith(made?: Energy) {
    const frames = [0, 1, 2].map((time) => ({ file: `frame-${time}.png`, timeS: time }))
    const files: Record<string, Uint8Array | string> = {
      'recording.json': JSON.stringify({ kind: 'contrast-agent', frames, baselineFrames: 2 }),
    }
    for (const [i, { file }] of frames.entries()) files[file] = await picture(i)
    const images = []
    for (const [i, energy] of (['low-energy', 'subtracted'] as const).entries()) {
      files[`${energy}.png`] = await picture(10 + i)
      const source = energy === made ? { sequence: 'recording.json' } : { file: `${energy}.png` }
      images.push({ ...source, side: 'L', view: 'CC', energy })
    }
    const { by, pairs } = pairing()
    const { report } = await screened({ images, files }, by)
    return {
      pairs: pairs(),
      readWith: report.sides.L.images.map((image) => {
        if (image.status !== 'read' || isAbsent(image.marking)) throw new Error(`${image.file} not marked`)
        return image.readWith
      }),
    }
  }

  test('are read together as they were given; one that is made from a recording has no part in how the other is read', async () => {
    expect(await readWith()).toEqual({ pairs: 1, readWith: ['L-CC-subtracted', undefined] })
    for (const made of ['low-energy', 'subtracted'] as const) {
      expect(await readWith(made), made).toEqual({ pairs: 0, readWith: [undefined, undefined] })
    }
  })

  test('are not read together where one is refused for standing for the other side, too', async () => {
    const [low, subtracted] = [await picture(1), await picture(2)]
    const { by, pairs } = pairing()
    const names = ['L_DM_CC.png', 'L_CM_CC.png', 'R_CM_CC.png']
    const files = { 'L_DM_CC.png': low, 'L_CM_CC.png': subtracted, 'R_CM_CC.png': subtracted }
    const { report } = await screened({ images: names.map((file) => ({ file })), files }, by)
    const conflict = { status: 'unreadable', code: 'LATERALITY_CONFLICT' }
    expect(report.sides.R.images).toMatchObject([conflict])
    const [read, refused] = report.sides.L.images
    expect(read).toMatchObject({ status: 'read', file: 'L_DM_CC.png' })
    expect(read).not.toHaveProperty('readWith')
    expect(refused).toMatchObject(conflict)
    expect(pairs()).toBe(0)
  })
})
