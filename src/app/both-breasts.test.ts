import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { absent, isAbsent } from '#core/absent.ts'
import type { Point } from '#core/geometry.ts'
import type { RasterImage } from '#core/image.ts'
import { Mask } from '#core/mask.ts'
import type { Side } from '#core/modality.ts'
import { DEFAULT_PREPROCESSING } from '#core/preprocessing.ts'
import { type Comparison, Report } from '#core/report.ts'
import { components } from '#imaging/components.ts'
import { encodeMaskPng, encodePng } from '#imaging/encode.ts'
import { toGrey } from '#imaging/grey.ts'
import { locateBreasts } from '#imaging/landmark-cascade.ts'
import { standardise } from '#imaging/standardise.ts'
import { mirrored } from '#imaging/torso.ts'
import { ellipseIn, markedOnOwnSide, oneOfBoth, recordedOnOwnSide } from './both-breasts.ts'
import { frontalTorso } from './landmark-finder.ts'
import { readLandmarkModel } from './landmark-model.ts'
import { displayable } from './picture.ts'
import { readStudy } from './read-study.ts'
import { type ScreenOptions, screen } from './screen.ts'
import { openSegmenter } from './segmenter.ts'
import type { RecordedSequence } from './sequence-file.ts'

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
  // A notch of background on either side of the body, into which the ellipse reaches.
  const { data, ...raster } = thermogram()
  const isNotch = (i: number) => Math.abs((i % SIZE.width) - MIDLINE) > 30 && i < 75 * SIZE.width
  const shown = shownOf({ ...raster, data: Uint16Array.from(data, (value, i) => (isNotch(i) ? 2150 : value)) })
  const torso = frontalTorso(shown)
  if (isAbsent(torso)) throw new Error(torso.absent)
  const { box } = locateBreasts(shown, torso, (await readLandmarkModel()).stages).R
  const inNotch = (mask: Mask) => mask.data.filter((inside, i) => inside === 1 && isNotch(i)).length
  const ofEllipse = inNotch(ellipseIn(box, SIZE, (x) => x <= MIDLINE))
  expect(ofEllipse).toBeGreaterThan(100)
  // the outline of the body is right to a pixel
  expect(inNotch((await oneOfBoth(shown, { ...AT, side: 'R' })).area.breast)).toBeLessThan(ofEllipse / 2)
})

test('a picture without a torso from the front is refused by name', async () => {
  const blank = { ...thermogram(), data: new Uint16Array(SIZE.width * SIZE.height).fill(2100) }
  await expect(oneOfBoth(shownOf(blank), { ...AT, side: 'R' })).rejects.toMatchObject({
    code: 'BREASTS_NOT_TOLD_APART',
    facts: { file: 't.png' },
  })
})

test('every marked region belongs to one side, whole, even across the midline', async () => {
  const data = new Uint8Array(SIZE.width * SIZE.height)
  const fill = (from: number, to: number, y: number) => data.fill(1, y * SIZE.width + from, y * SIZE.width + to)
  for (let y = 40; y < 46; y++) fill(40, 50, y)
  for (let y = 60; y < 66; y++) fill(120, 130, y)
  for (let y = 80; y < 86; y++) fill(MIDLINE - 8, MIDLINE + 4, y)
  // begins on the right, its middle is on the left
  for (let y = 100; y < 106; y++) fill(MIDLINE - 4, MIDLINE + 12, y)
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
  expect(left.areaPx).toBe(60 + 96)
  expect(right.and(left).areaPx).toBe(0)
  expect(parts.map((part) => part.regions.length)).toEqual([2, 2])
  // what was said of the whole picture is of neither side
  const ofBoth = absent('not-evaluated')
  expect(parts).toMatchObject([
    { presence: ofBoth, expectedDice: ofBoth },
    { presence: ofBoth, expectedDice: ofBoth },
  ])
})

test('a recording keeps the reference region of its own breast alone, and none where there is none', async () => {
  const image = shownOf(thermogram())
  const reference = Mask.from(
    Uint8Array.from({ length: SIZE.width * SIZE.height }, (_, i) => Number(i % SIZE.width > MIDLINE + 5)),
    SIZE,
  )
  const recorded = { reference, baselineFrames: 1 } as unknown as RecordedSequence
  const of = async (side: Side) => recordedOnOwnSide(recorded, await oneOfBoth(image, { ...AT, side })).reference
  expect((await of('L'))!.areaPx).toBe(reference.areaPx)
  expect(await of('R')).toBeUndefined()
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
  /** Marks a disc. No model: what it marks says nothing of anybody. */
  const markingAt = (at: Point) =>
    ({
      ...segmenter,
      isValidatedOn: () => true,
      standardise: (raster: RasterImage) => standardise(raster, DEFAULT_PREPROCESSING.TG),
      segment: async () => {
        const disc = Uint8Array.from({ length: SIZE.width * SIZE.height }, (_, i) =>
          Number(Math.hypot((i % SIZE.width) - at.x, Math.floor(i / SIZE.width) - at.y) <= 6),
        )
        const mask = Mask.from(disc, SIZE)
        const regions = components(mask).map((region) => ({ region, expectedDice: 0.8, bandAreaPx: 50 }))
        return { mask, presence: 0.9, expectedDice: 0.8, regions }
      },
    }) as unknown as ScreenOptions['segmenter']
  const model = { id: 'test', sha256: 'a'.repeat(64), validatedModalities: [], figures: [], confidence: [], limits: [] }
  const ENTRY = {
    file: 't.png',
    side: 'B',
    view: 'frontal',
    patientOrientation: ['L', 'F'],
    temperature: { scale: 0.01, offset: 0 },
  }

  async function screened(
    raster: RasterImage,
    entries: readonly object[] = [ENTRY],
    outline?: Mask,
    nippleFinder?: ScreenOptions['nippleFinder'],
    by = segmenter,
  ) {
    const folder = await mkdtemp(path.join(root, 'study-'))
    await writeFile(path.join(folder, 't.png'), await encodePng(raster))
    await writeFile(path.join(folder, 'copy.png'), await encodePng(raster))
    const later = raster.data.map((value, i) => value + (i % 2))
    await writeFile(path.join(folder, 'second.png'), await encodePng({ ...raster, data: later }))
    if (outline) await writeFile(path.join(folder, 'outline.png'), await encodeMaskPng(outline))
    await writeFile(path.join(folder, 'study.json'), JSON.stringify({ id: 's', modality: 'TG', images: entries }))
    const out = path.join(folder, 'report')
    const errors: string[] = []
    const onUnreadable = (_: string, { code }: { code: string }) => errors.push(code)
    await screen(await readStudy(folder), { segmenter: by, model, out, now: new Date(0), nippleFinder, onUnreadable })
    const read = (file: string) => readFile(path.join(out, file), 'utf8')
    return { report: Report.parse(JSON.parse(await read('report.json'))), page: await read('report.html'), errors }
  }

  const comparisonsOf = ({ comparison }: Report) => {
    if (isAbsent(comparison)) throw new Error(comparison.absent)
    return comparison
  }

  test('is complete, compares them and draws each', async () => {
    const at = middleOf(await breastOf(thermogram(), 'R'))
    const { report, page, errors } = await screened(thermogram({ ...at, radius: 9 }))
    expect(errors).toEqual([])
    expect(report.status).toBe('complete')
    expect(report.sides.L.images[0]).toMatchObject({ id: 'L-frontal', side: 'L', isBilateral: true })
    const [{ values }] = comparisonsOf(report) as [Comparison]
    // four degrees on the share of the right breast that the disc covers
    const { areaPx } = await breastOf(thermogram(), 'R')
    const { temperatureDifference, breastAreaAsymmetry } = values
    if (isAbsent(temperatureDifference)) throw new Error(temperatureDifference.absent)
    expect(temperatureDifference.value).toBeLessThan(0)
    expect(Math.abs(temperatureDifference.value + (4 * Math.PI * 81) / areaPx)).toBeLessThan(0.15)
    // an ellipse that was guessed has no area
    expect(breastAreaAsymmetry).toEqual(absent('not-for-this-modality'))
    const said = (side: Side) => report.sides[side].breast.sentences.map(({ code }) => code)
    expect(said('R')).toContain('warmer-than-other')
    expect(said('L')).not.toContain('warmer-than-other')
    expect(page.match(/<path class="breast"/g)).toHaveLength(2)
    expect(page).toContain('The picture shows both breasts: the thin line')
  })

  test('twice, before and after cooling, is compared picture by picture', async () => {
    const second = { ...ENTRY, file: 'second.png' }
    const { report } = await screened(thermogram(), [ENTRY, second])
    expect(comparisonsOf(report).map(({ images }) => images)).toEqual([
      { L: 'L-frontal', R: 'R-frontal' },
      { L: 'L-frontal-2', R: 'R-frontal-2' },
    ])
  })

  test('in centikelvin is no blank one', async () => {
    const { data, ...raster } = thermogram()
    const kelvin = { ...raster, data: Uint16Array.from(data, (value) => value + 27_315) }
    await using real = await openSegmenter({ threads: 1 })
    expect(real.judge(kelvin, 'TG')).toBe('judgeable')
    expect(real.judge({ ...raster, data: new Uint16Array(data.length).fill(29_000) }, 'TG')).toEqual(
      absent('blank-image'),
    )
  }, 120_000)

  test('of temperatures shows the nipple finder what an eye sees: the whole range', async () => {
    const seen: number[] = []
    const nippleFinder: ScreenOptions['nippleFinder'] = async ({ data }) => {
      seen.push(Math.min(...data), Math.max(...data))
      return absent('nipple-not-found')
    }
    await screened(thermogram(), [ENTRY], undefined, nippleFinder)
    expect(seen).toEqual([0, 1, 0, 1])
  })

  test('takes a nipple only where its own breast is', async () => {
    const [right, left] = [middleOf(await breastOf(thermogram(), 'R')), middleOf(await breastOf(thermogram(), 'L'))]
    const nipples = async (nipplePx: object) => {
      const { report } = await screened(thermogram(), [{ ...ENTRY, nipplePx }])
      return (['R', 'L'] as const).map((side) => {
        const [image] = report.sides[side].images
        return image?.status === 'read' ? image.nipplePx : undefined
      })
    }
    expect(await nipples({ R: right, L: left })).toEqual([right, left])
    const other = absent('nipple-on-other-side')
    expect(await nipples({ R: left, L: right })).toEqual([other, other])
  })

  test('measures a region that a doctor drew on the side on which it lies, in degrees where they are stated', async () => {
    const at = middleOf(await breastOf(thermogram(), 'L'))
    const disc = Uint8Array.from({ length: SIZE.width * SIZE.height }, (_, i) =>
      Number(Math.hypot((i % SIZE.width) - at.x, Math.floor(i / SIZE.width) - at.y) <= 6),
    )
    const entry = { ...ENTRY, outline: 'outline.png' }
    const warm = thermogram({ ...at, radius: 6 })
    const { report } = await screened(warm, [entry], Mask.from(disc, SIZE))
    const counts = (['R', 'L'] as const).map((side) => {
      const [image] = report.sides[side].images
      return image?.status === 'read' && !isAbsent(image.marking) ? image.marking.lesions.length : undefined
    })
    expect(counts).toEqual([0, 1])
    expect(report.sides.R.breast.hotspots).toEqual(absent('hotspots-not-validated'))
    const { hotspots } = report.sides.L.breast
    if (isAbsent(hotspots)) throw new Error(hotspots.absent)
    expect(hotspots).toMatchObject([{ image: 'L-frontal', region: 1 }])
    const { aboveSurroundings, aboveMirrored } = hotspots[0]!
    // four degrees, less what half of its edge cells hold of their surroundings
    for (const value of [aboveSurroundings, aboveMirrored]) {
      if (isAbsent(value)) throw new Error(value.absent)
      expect(value.unit).toBe('Cel')
      expect(value.value).toBeGreaterThan(3.4)
      expect(value.value).toBeLessThan(4.3)
    }
    const { temperature: _, ...noScale } = entry
    const unstated = await screened(warm, [noScale], Mask.from(disc, SIZE))
    const reason = absent('no-temperature-scale')
    expect(unstated.report.sides.L.breast.hotspots).toMatchObject([
      { aboveSurroundings: reason, aboveMirrored: reason },
    ])
  })

  test('tells each of two regions by its own degrees, and of a region that a model marked none', async () => {
    const at = middleOf(await breastOf(thermogram(), 'L'))
    const even = { x: at.x, y: at.y - 17 }
    const inDisc = (i: number, { x, y }: Point, radius: number) =>
      Math.hypot((i % SIZE.width) - x, Math.floor(i / SIZE.width) - y) <= radius
    const both = Uint8Array.from({ length: SIZE.width * SIZE.height }, (_, i) =>
      Number(inDisc(i, at, 6) || inDisc(i, even, 4)),
    )
    const warm = thermogram({ ...at, radius: 6 })
    const { report } = await screened(warm, [{ ...ENTRY, outline: 'outline.png' }], Mask.from(both, SIZE))
    const { hotspots } = report.sides.L.breast
    if (isAbsent(hotspots)) throw new Error(hotspots.absent)
    const above = hotspots.map(({ aboveMirrored }) => (isAbsent(aboveMirrored) ? Number.NaN : aboveMirrored.value))
    expect(above).toHaveLength(2)
    expect(above[0]).toBeGreaterThan(3.4)
    expect(Math.abs(above[1]!)).toBeLessThan(0.5)
    const { report: marked } = await screened(warm, [ENTRY], undefined, undefined, markingAt(at))
    expect(marked.sides.L.breast.hotspots).toEqual(absent('hotspots-not-validated'))
    const [image] = marked.sides.L.images
    expect(image).toMatchObject({
      marking: { by: 'software', lesions: [{ number: 1 }] },
      presence: absent('not-evaluated'),
    })
  })

  test('in which no breasts are told apart is unreadable on both sides', async () => {
    const blank = { ...thermogram(), data: new Uint16Array(SIZE.width * SIZE.height).fill(2100) }
    const { report, errors } = await screened(blank)
    expect(errors).toEqual(['BREASTS_NOT_TOLD_APART', 'BREASTS_NOT_TOLD_APART'])
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
