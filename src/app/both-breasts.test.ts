import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { absent, isAbsent } from '#core/absent.ts'
import type { Point } from '#core/geometry.ts'
import type { RasterImage } from '#core/image.ts'
import { Mask } from '#core/mask.ts'
import type { Side } from '#core/modality.ts'
import { Report } from '#core/report.ts'
import { components } from '#imaging/components.ts'
import { encodeMaskPng, encodePng } from '#imaging/encode.ts'
import { toGrey } from '#imaging/grey.ts'
import { standardise } from '#imaging/standardise.ts'
import { mirrored } from '#imaging/torso.ts'
import { ellipseIn, markedOnOwnSide, oneOfBoth } from './both-breasts.ts'
import { displayable } from './picture.ts'
import { readStudy } from './read-study.ts'
import { type ScreenOptions, screen } from './screen.ts'

const SIZE = { width: 160, height: 120 }
/** Where the made-up torso has its middle. */
const MIDLINE = 84
const AT = { file: 't.png', view: 'frontal', modality: 'TG' } as const

/** A made-up torso of temperatures in hundredths of a degree, warmer in a disc. Labelled synthetic: it is of nobody. */
function thermogram(warm?: Point & { readonly radius: number }): RasterImage {
  const data = Uint16Array.from({ length: SIZE.width * SIZE.height }, (_, i) => {
    const [x, y] = [i % SIZE.width, Math.floor(i / SIZE.width)]
    const across = Math.abs(x - MIDLINE)
    if (across > 58 - 6 * Math.sin(y / 30)) return 2150 + ((i * 31) % 7)
    const isWarm = warm !== undefined && Math.hypot(x - warm.x, y - warm.y) <= warm.radius
    return 3200 + Math.round(60 * Math.cos(across / 14) * Math.cos(y / 21)) + ((i * 7919) % 9) + (isWarm ? 400 : 0)
  })
  return { ...SIZE, channels: 1, bitDepth: 16, data }
}

const shownOf = (raster: RasterImage) => toGrey(displayable(raster))
const breastOf = async (raster: RasterImage, side: Side) =>
  (await oneOfBoth(shownOf(raster), { ...AT, side })).area.breast
const middleOf = (mask: Mask) => components(mask)[0]!.centroidPx

test('each breast is found on its own half of the body, and in the mirrored image the other way round', async () => {
  const image = shownOf(thermogram())
  const [right, left] = [await oneOfBoth(image, { ...AT, side: 'R' }), await oneOfBoth(image, { ...AT, side: 'L' })]
  expect(right.area.breast.areaPx).toBeGreaterThan(500)
  expect(middleOf(right.area.breast).x).toBeLessThan(MIDLINE - 10)
  expect(middleOf(left.area.breast).x).toBeGreaterThan(MIDLINE + 10)
  expect(right.area.breast.and(left.area.breast).areaPx).toBe(0)
  const inMirror = await oneOfBoth(mirrored(image), { ...AT, side: 'L' })
  const expected = Mask.from(
    Uint8Array.from(mirrored({ ...SIZE, data: Float32Array.from(right.area.breast.data) } as never).data),
    SIZE,
  )
  const { breast } = inMirror.area
  expect((2 * breast.and(expected).areaPx) / (breast.areaPx + expected.areaPx)).toBeGreaterThan(0.97)
})

test('a breast whose box reaches over the midline ends there, and where there is no body there is no breast', async () => {
  const whole = ellipseIn([40, 20, 100, 80], SIZE, () => true)
  const own = ellipseIn([40, 20, 100, 80], SIZE, (x) => x <= 84)
  expect(Math.abs(whole.areaPx - Math.PI * 30 * 30)).toBeLessThan(20)
  expect(own.without(whole).areaPx).toBe(0)
  expect([own.data[50 * SIZE.width + 84], own.data[50 * SIZE.width + 85]]).toEqual([1, 0])
  // a torso that is cut off above its waist: the box reaches into the background
  const { data, ...raster } = thermogram()
  const waist = Uint16Array.from(data, (value, i) =>
    Math.abs((i % SIZE.width) - MIDLINE) > 30 && i < SIZE.width * 60 ? 2150 : value,
  )
  const { breast } = (await oneOfBoth(shownOf({ ...raster, data: waist }), { ...AT, side: 'R' })).area
  const outside = breast.data.filter((inside, i) => inside === 1 && waist[i] === 2150)
  expect(breast.areaPx).toBeGreaterThan(200)
  // the outline of the body is right to a pixel
  expect(outside.length).toBeLessThan(40)
})

test('a picture without a torso from the front is refused by name', async () => {
  const blank = { ...thermogram(), data: new Uint16Array(SIZE.width * SIZE.height).fill(2100) }
  await expect(oneOfBoth(shownOf(blank), { ...AT, side: 'R' })).rejects.toMatchObject({
    code: 'LANDMARKS_NOT_FOUND',
    facts: { file: 't.png' },
  })
})

test('every marked region belongs to one side, whole, even across the midline', async () => {
  const data = new Uint8Array(SIZE.width * SIZE.height)
  const fill = (from: number, to: number, y: number) => data.fill(1, y * SIZE.width + from, y * SIZE.width + to)
  for (let y = 40; y < 46; y++) fill(40, 50, y)
  for (let y = 60; y < 66; y++) fill(120, 130, y)
  for (let y = 80; y < 86; y++) fill(MIDLINE - 8, MIDLINE + 4, y)
  const mask = Mask.from(data, SIZE)
  const none = absent('outlined-by-doctor')
  const regions = components(mask).map((region) => ({ region, expectedDice: none, bandAreaPx: none }))
  const found = {
    mask,
    regions,
    presence: none,
    expectedDice: none,
    steps: none,
    standardised: none,
    isUnfamiliar: false,
  }
  const image = shownOf(thermogram())
  const parts = []
  for (const side of ['R', 'L'] as const) parts.push(markedOnOwnSide(found, await oneOfBoth(image, { ...AT, side })))
  const [right, left] = parts.map(({ mask: own }) => own) as [Mask, Mask]
  expect(right.areaPx).toBe(60 + 72)
  expect(left.areaPx).toBe(60)
  expect(right.and(left).areaPx).toBe(0)
  expect(parts.map((part) => part.regions.length)).toEqual([2, 1])
})

describe('a screening of one picture of both breasts', () => {
  let root = ''
  beforeAll(async () => {
    root = await mkdtemp(path.join(tmpdir(), 'zaoshai-both-'))
  })
  afterAll(() => rm(root, { recursive: true, force: true }))

  const segmenter = {
    isValidatedOn: () => false,
    judge: () => 'judgeable',
    standardise,
  } as unknown as ScreenOptions['segmenter']
  const model = { id: 'test', sha256: 'a'.repeat(64), validatedModalities: [], figures: [], confidence: [], limits: [] }
  const ENTRY = {
    file: 't.png',
    side: 'B',
    view: 'frontal',
    patientOrientation: ['L', 'F'],
    temperature: { scale: 0.01, offset: 0 },
  }

  async function screened(raster: RasterImage, entries: readonly object[] = [ENTRY], outline?: Mask) {
    const folder = await mkdtemp(path.join(root, 'study-'))
    await writeFile(path.join(folder, 't.png'), await encodePng(raster))
    await writeFile(path.join(folder, 'copy.png'), await encodePng(raster))
    if (outline) await writeFile(path.join(folder, 'outline.png'), await encodeMaskPng(outline))
    await writeFile(path.join(folder, 'study.json'), JSON.stringify({ id: 's', modality: 'TG', images: entries }))
    const out = path.join(folder, 'report')
    const errors: string[] = []
    const onUnreadable = (_: string, { code }: { code: string }) => errors.push(code)
    await screen(await readStudy(folder), { segmenter, model, out, now: new Date(0), onUnreadable })
    const read = (file: string) => readFile(path.join(out, file), 'utf8')
    return { report: Report.parse(JSON.parse(await read('report.json'))), page: await read('report.html'), errors }
  }

  const spotsOf = (report: Report, side: Side) => {
    const { hotspots } = report.sides[side].breast
    if (isAbsent(hotspots)) throw new Error(hotspots.absent)
    const [{ spots }] = hotspots as [(typeof hotspots)[number]]
    if (isAbsent(spots)) throw new Error(spots.absent)
    return spots
  }

  test('is complete, compares them, and finds a warm place where it is', async () => {
    const at = middleOf(await breastOf(thermogram(), 'R'))
    const { report, page, errors } = await screened(thermogram({ ...at, radius: 9 }))
    expect(errors).toEqual([])
    expect(report.status).toBe('complete')
    expect(report.sides.L.images[0]).toMatchObject({ id: 'L-frontal', side: 'L', isBilateral: true })
    const [spot, ...more] = spotsOf(report, 'R')
    expect(more).toEqual([])
    expect(Math.hypot(spot!.centrePx.x - at.x, spot!.centrePx.y - at.y)).toBeLessThan(1)
    expect(spot!.aboveMirrored.value).toBeGreaterThan(3.5)
    expect(spot!.aboveMirrored.value).toBeLessThan(4.1)
    expect(spotsOf(report, 'L')).toEqual([])
    const said = (side: Side) => report.sides[side].breast.sentences.map(({ code }) => code)
    expect(said('R')).toEqual(expect.arrayContaining(['hotspots', 'warmer-than-other']))
    expect(said('L')).toEqual(['no-hotspot'])
    expect(page.match(/<path class="hotspot"/g)).toHaveLength(1)
    expect(page.match(/<path class="breast"/g)).toHaveLength(2)
    expect(page).toContain('The picture shows both breasts')
  })

  test('measures a region that a doctor drew on the side on which it lies', async () => {
    const at = middleOf(await breastOf(thermogram(), 'L'))
    const disc = Uint8Array.from({ length: SIZE.width * SIZE.height }, (_, i) =>
      Number(Math.hypot((i % SIZE.width) - at.x, Math.floor(i / SIZE.width) - at.y) <= 6),
    )
    const { report } = await screened(thermogram(), [{ ...ENTRY, outline: 'outline.png' }], Mask.from(disc, SIZE))
    const counts = (['R', 'L'] as const).map((side) => {
      const [image] = report.sides[side].images
      return image?.status === 'read' && !isAbsent(image.marking) ? image.marking.lesions.length : undefined
    })
    expect(counts).toEqual([0, 1])
  })

  test('without a scale gives no degrees and says why', async () => {
    const { temperature: _, ...entry } = ENTRY
    const { report } = await screened(thermogram(), [entry])
    expect(report.sides.R.breast.hotspots).toEqual([{ image: 'R-frontal', spots: absent('no-temperature-scale') }])
    expect(report.sides.R.breast.sentences.map(({ code }) => code)).toContain('hotspots-not-measured')
  })

  test('in which no breasts are told apart is unreadable on both sides', async () => {
    const blank = { ...thermogram(), data: new Uint16Array(SIZE.width * SIZE.height).fill(2100) }
    const { report, errors } = await screened(blank)
    expect(errors).toEqual(['LANDMARKS_NOT_FOUND', 'LANDMARKS_NOT_FOUND'])
    expect([report.status, report.sides.R.status, report.sides.L.status]).toEqual([
      'incomplete',
      'unreadable',
      'unreadable',
    ])
  })

  test('and once more as a picture of one side is a conflict on all', async () => {
    const { errors } = await screened(thermogram(), [ENTRY, { file: 'copy.png', side: 'R', view: 'frontal' }])
    expect(errors).toEqual(['LATERALITY_CONFLICT', 'LATERALITY_CONFLICT', 'LATERALITY_CONFLICT'])
  })
})
