import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { absent, isAbsent } from '#core/absent.ts'
import { ScreeningError } from '#core/errors.ts'
import { GreyImage } from '#core/image.ts'
import { Mask } from '#core/mask.ts'
import type { PatientOrientation } from '#core/orientation.ts'
import { Report } from '#core/report.ts'
import type { StudyImage } from '#core/study.ts'
import { encodeMaskPng, encodePng } from '#imaging/encode.ts'
import { standardise } from '#imaging/standardise.ts'
import { breastArea } from './breast-area.ts'
import { type LandmarkFinder, openLandmarkFinder } from './landmark-finder.ts'
import { type NippleFinder, nippleOf, openNippleFinder } from './nipple.ts'
import { readStudy } from './read-study.ts'
import { screen } from './screen.ts'
import type { Segmenter } from './segment.ts'

const SIZE = { width: 96, height: 80 }
const grey = GreyImage.from(new Float32Array(96 * 80).fill(0.5), SIZE)
const frontal = { file: 'a.png', modality: 'TG', view: 'frontal' } as const
const area = breastArea(grey, frontal)
const notAsked = () => Promise.reject(new Error('not asked'))
const PROPOSAL = { point: { x: 30.5, y: 40 }, confidence: 0.6, validated: true }

test('a nipple that a person gave is taken and none is proposed, even where it lies outside of the image', async () => {
  const find = async () => PROPOSAL
  expect(await nippleOf(grey, { ...frontal, side: 'L', nipplePx: { x: 3, y: 4 } }, area, find)).toEqual({
    nipplePx: { x: 3, y: 4 },
    nippleProposal: absent('nipple-given'),
  })
  expect(await nippleOf(grey, { ...frontal, side: 'L', nipplePx: { x: 300, y: 4 } }, area, find)).toEqual({
    nipplePx: absent('nipple-outside-image'),
    nippleProposal: absent('nipple-given'),
  })
})

test('a proposed nipple is not the nipple, and where none is proposed none was given', async () => {
  const proposed = await nippleOf(grey, { ...frontal, side: 'L' }, area, async () => PROPOSAL)
  expect(proposed).toEqual({ nipplePx: absent('nipple-not-confirmed'), nippleProposal: PROPOSAL })
  const refused = await nippleOf(grey, { ...frontal, side: 'L' }, area, async () => absent('nipple-not-found'))
  expect(refused).toEqual({ nipplePx: absent('nipple-not-given'), nippleProposal: absent('nipple-not-found') })
})

test('images other than frontal thermograms get no proposal, and each the reason', async () => {
  await using nipples = openNippleFinder(notAsked)
  const { find } = nipples
  expect(await find(grey, { ...frontal, modality: 'US', side: 'L' }, area)).toEqual(absent('not-for-this-modality'))
  expect(await find(grey, { ...frontal, view: 'unspecified', side: 'L' }, area)).toEqual(absent('view-not-given'))
  expect(await find(grey, { ...frontal, view: 'lateral', side: 'L' }, area)).toEqual(absent('not-for-this-view'))
})

/** Both nipples of an image, each where the other is not. */
const BOTH = {
  L: { nipple: { x: 70, y: 41 }, box: [50, 20, 90, 60], confidence: 0.5 },
  R: { nipple: { x: 25, y: 42 }, box: [5, 20, 45, 60], confidence: 0.7 },
} as const
const finder = (closed: () => void = () => {}): LandmarkFinder => ({
  find: async () => BOTH,
  [Symbol.asyncDispose]: async () => closed(),
})

test('of the two nipples of a frontal thermogram that of the stated side is proposed, and the finder is closed', async () => {
  let closed = 0
  {
    await using nipples = openNippleFinder(async () => finder(() => closed++))
    for (const side of ['L', 'R'] as const) {
      expect(await nipples.find(grey, { ...frontal, side }, area)).toMatchObject({ point: BOTH[side].nipple })
    }
  }
  expect(closed).toBe(1)
})

test('an orientation by which the left is not on the right of the image is a conflict', async () => {
  await using nipples = openNippleFinder(async () => finder())
  const find = (patientOrientation: PatientOrientation) =>
    nipples.find(grey, { ...frontal, side: 'L', patientOrientation }, area)
  expect(await find(['L', 'F'])).toMatchObject({ point: BOTH.L.nipple })
  expect(await find(['R', 'F'])).toEqual(absent('orientation-conflict'))
})

test('with base weights that the model of thermograms does not know none is proposed; what else fails is told, and closing is quiet', async () => {
  const failing = (code: 'MODEL_BASE_MISMATCH' | 'DEVICE_UNAVAILABLE') =>
    openNippleFinder(async () => {
      throw new ScreeningError(code)
    })
  await using mismatched = failing('MODEL_BASE_MISMATCH')
  expect(await mismatched.find(grey, { ...frontal, side: 'L' }, area)).toEqual(absent('not-evaluated'))
  await using broken = failing('DEVICE_UNAVAILABLE')
  await expect(broken.find(grey, { ...frontal, side: 'L' }, area)).rejects.toMatchObject({ code: 'DEVICE_UNAVAILABLE' })
})

test('a signal and a listener stay outside of the worker, and a picture without a torso is refused with the reason', async () => {
  const steps: unknown[] = []
  const { signal } = new AbortController()
  await using nipples = openNippleFinder(() =>
    openLandmarkFinder({ threads: 1, signal, onProgress: (step) => steps.push(step) }),
  )
  const blank = GreyImage.from(new Float32Array(96 * 80), SIZE)
  const refused = await nipples.find(blank, { ...frontal, side: 'L' }, area)
  expect(refused).toEqual(absent('breast-region-not-found'))
}, 120_000)

test('on a CC or MLO mammogram the place comes from its outline, unvalidated; on others and subtracted ones there is none', async () => {
  await using nipples = openNippleFinder(notAsked)
  const isBreast = (x: number, y: number) => x >= 2 && ((x - 2) / 70) ** 2 + ((y - 40) / 36) ** 2 <= 1
  const hanging = grey.data.map((_, i) => Number(isBreast(i % 96, Math.floor(i / 96))) * 0.4)
  const image = GreyImage.from(hanging, SIZE)
  const find = (over: Partial<StudyImage>) => {
    const taken = { file: 'a.png', modality: 'MG', side: 'L', view: 'CC', ...over } as StudyImage
    return nipples.find(image, taken, breastArea(image, taken))
  }
  const placeOf = async (view: 'CC' | 'MLO') => {
    const found = await find({ view })
    if (isAbsent(found)) throw new Error(found.absent)
    expect(found).toMatchObject({ validated: false, point: { x: expect.closeTo(70, -1) } })
    return found.point.y
  }
  // The breast of an oblique view points down from the perpendicular.
  expect(await placeOf('MLO')).toBeGreaterThan((await placeOf('CC')) + 3)
  expect(await find({ view: 'MLO', patientOrientation: ['A', 'H'] })).toEqual(absent('not-hung-upright'))
  expect(await find({ view: 'ML' })).toEqual(absent('not-for-this-view'))
  expect(await find({ view: 'unspecified' })).toEqual(absent('view-not-given'))
  expect(await find({ energy: 'subtracted' })).toEqual(absent('not-on-subtracted-image'))
})

let root = ''
beforeAll(async () => {
  root = await mkdtemp(path.join(tmpdir(), 'zaoshai-nipple-'))
})
afterAll(() => rm(root, { recursive: true, force: true }))

/** Marks nothing: every region is outlined by a doctor. */
const segmenter: Segmenter = {
  isValidatedOn: () => false,
  judge: () => 'judgeable',
  standardise,
  segment: () => {
    throw new Error('not asked')
  },
} as unknown as Segmenter

/** A frontal thermogram of each side with a doctor's outline; the finder sees two nipples and is asked for one. */
async function screened(nipples: NippleFinder) {
  const folder = await mkdtemp(path.join(root, 'study-'))
  const disc = Uint8Array.from({ length: 96 * 80 }, (_, i) =>
    Math.hypot((i % 96) - 48, Math.floor(i / 96) - 40) <= 12 ? 1 : 0,
  )
  const images = []
  for (const [i, side] of (['L', 'R'] as const).entries()) {
    const data = disc.map((inside, at) => (inside === 1 ? 30 : 120) + ((at * 7919 + i) % 31))
    await writeFile(path.join(folder, `${side}.png`), await encodePng({ ...SIZE, channels: 1, bitDepth: 8, data }))
    await writeFile(path.join(folder, 'outline.png'), await encodeMaskPng(Mask.from(disc, SIZE)))
    images.push({ file: `${side}.png`, side, view: 'frontal', outline: 'outline.png' })
  }
  await writeFile(path.join(folder, 'study.json'), JSON.stringify({ id: 'a', modality: 'TG', images }))
  const out = path.join(folder, 'report')
  const model = { id: 'test', sha256: 'a'.repeat(64), validatedModalities: [], figures: [], confidence: [], limits: [] }
  await screen(await readStudy(folder), { segmenter, model, out, now: new Date(0), nippleFinder: nipples })
  const read = (file: string) => readFile(path.join(out, file), 'utf8')
  return { report: Report.parse(JSON.parse(await read('report.json'))), page: await read('report.html') }
}

test('the image of one side takes the proposal of that side, no distance comes of it, and the page draws it dashed', async () => {
  const places = { L: { x: 70.5, y: 41 }, R: { x: 25, y: 42.5 } }
  const { report, page } = await screened(async (_, { side }) => ({ ...PROPOSAL, point: places[side] }))
  for (const side of ['L', 'R'] as const) {
    const [image] = report.sides[side].images
    if (image?.status !== 'read' || 'absent' in image.marking) throw new Error('not marked')
    expect(image.nippleProposal).toEqual({ ...PROPOSAL, point: places[side] })
    const { location } = image.marking.lesions[0]!.features
    expect(location.nippleDistancePx).toEqual(absent('nipple-not-confirmed'))
    expect(Object.values(location).filter((value) => 'value' in value)).toEqual([])
    expect(page).toContain(`<circle class="nipple proposed" cx="${places[side].x}" cy="${places[side].y}"`)
  }
  expect(page).not.toContain('class="distance"')
  expect(page).not.toContain('class="nipple"')
})
