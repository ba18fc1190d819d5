import { mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { ABSENCE_WORDS, absent } from '#core/absent.ts'
import { ScreeningError } from '#core/errors.ts'
import { Mask } from '#core/mask.ts'
import { DEFAULT_PREPROCESSING } from '#core/preprocessing.ts'
import { type Random, seededRandom } from '#core/random.ts'
import { type ModelReport, Report } from '#core/report.ts'
import { components } from '#imaging/components.ts'
import { decodeImage, decodeMask } from '#imaging/decode.ts'
import { encodeMaskPng, encodePng } from '#imaging/encode.ts'
import { standardise } from '#imaging/standardise.ts'
import { readPdf } from '#report/test-pdf.ts'
import { readStudy } from './read-study.ts'
import { type ScreenOptions, screen } from './screen.ts'
import type { Segmenter } from './segment.ts'

const SIZE = { width: 96, height: 80 }
const model: ModelReport = {
  id: 'test',
  sha256: 'a'.repeat(64),
  validatedModalities: ['US'],
  figures: [],
  confidence: [],
  limits: [],
}

let root = ''
beforeAll(async () => {
  root = await mkdtemp(path.join(tmpdir(), 'zaoshai-screen-'))
})
afterAll(() => rm(root, { recursive: true }))

/** Marks a disc in the middle of every ultrasound. No model: what it marks says nothing of anybody. */
const segmenter: Segmenter = {
  isValidatedOn: (modality) => modality === 'US',
  judge: () => 'judgeable',
  standardise: (raster, modality) => standardise(raster, DEFAULT_PREPROCESSING[modality]),
  segment: async ({ frame }) => {
    const { width, height } = frame.original
    const data = Uint8Array.from({ length: width * height }, (_, i) =>
      Math.hypot((i % width) - 48, Math.floor(i / width) - 40) <= 12 ? 1 : 0,
    )
    const mask = Mask.from(data, frame.original)
    const regions = components(mask).map((region) => ({ region, expectedDice: 0.8, bandAreaPx: 150 }))
    return { mask, presence: 0.75, expectedDice: 0.7, regions }
  },
}

async function study(files: Readonly<Record<string, Uint8Array | string>>): Promise<string> {
  const folder = await mkdtemp(path.join(root, 'in-'))
  for (const [name, content] of Object.entries(files)) await writeFile(path.join(folder, name), content)
  return folder
}

let picture: Uint8Array
/** Of the other breast: the same but for its noise. */
let otherPicture: Uint8Array
beforeAll(async () => {
  const data = Uint8Array.from({ length: SIZE.width * SIZE.height }, (_, i) => {
    const inside = Math.hypot((i % SIZE.width) - 48, Math.floor(i / SIZE.width) - 40) <= 12
    return (inside ? 30 : 120) + ((i * 7919) % 31)
  })
  picture = await encodePng({ ...SIZE, channels: 1, bitDepth: 8, data })
  const otherData = data.map((grey, i) => grey + (i % 2))
  otherPicture = await encodePng({ ...SIZE, channels: 1, bitDepth: 8, data: otherData })
})

const newOut = async () => path.join(await mkdtemp(path.join(root, 'out-')), 'report')

async function run(folder: string, over: Partial<ScreenOptions> = {}, modality: 'US' | 'TG' | 'MG' = 'US') {
  const options = { segmenter, model, out: await newOut(), now: new Date('2026-03-01T08:00:00Z'), ...over }
  const screening = await screen(await readStudy(folder, { modality }), options)
  return { screening, out: options.out }
}

async function reportIn(folder: string): Promise<Report> {
  return Report.parse(JSON.parse(await readFile(path.join(folder, 'report.json'), 'utf8')))
}

describe('a study of both sides', () => {
  test('becomes a report, a page, a mask and an overlay for each image', async () => {
    const { out } = await run(await study({ 'L.png': picture, 'R.png': otherPicture }))
    expect((await readdir(out, { recursive: true })).map((file) => file.replaceAll('\\', '/')).sort()).toEqual(
      ['masks', 'masks/L-US.png', 'masks/R-US.png', 'overlays', 'overlays/L-US.png', 'overlays/R-US.png'].concat(
        ...['report.html', 'report.json', 'report.pdf', 'slip.html', 'slip.pdf'],
      ),
    )
    const report = await reportIn(out)
    expect(report.status).toBe('complete')
    const [image] = report.sides.L.images
    if (image?.status !== 'read' || 'absent' in image.marking) throw new Error('not marked')
    expect(image.presence).toBe(0.75)
    expect(image.marking.expectedDice).toEqual({ value: 0.7, unit: '1' })
    const { confidence } = image.marking.lesions[0]!
    expect(confidence.expectedDice).toEqual({ value: 0.8, unit: '1' })
    expect(confidence.outlineUncertaintyMm).toEqual(absent('no-pixel-spacing'))
    // 150 pixels along the rim of a disc of radius 12, whose pixels measure 12.3.
    expect(confidence.outlineUncertaintyPx).toMatchObject({ unit: 'px', uncalibrated: true })
    expect((confidence.outlineUncertaintyPx as { value: number }).value).toBeCloseTo(150 / (2 * Math.PI * 12.2), 1)
    const mask = await decodeMask(await readFile(path.join(out, image.marking.mask)), 'mask.png')
    const [lesion] = image.marking.lesions
    expect(lesion?.features.spatial.areaPx).toEqual({ value: mask.areaPx, unit: 'px2', uncalibrated: true })
    expect(lesion?.features.temporal).toEqual(absent('single-frame'))
    expect(lesion?.features.location.nippleDistancePx).toEqual(absent('nipple-not-given'))
    expect([mask.width, mask.height]).toEqual([SIZE.width, SIZE.height])
    const overlay = await decodeImage(await readFile(path.join(out, image.marking.overlay)), 'overlay.png')
    expect([overlay.width, overlay.height, overlay.channels]).toEqual([SIZE.width, SIZE.height, 3])
  })

  test('twice screened is twice the same report', async () => {
    const folder = await study({ 'L.png': picture, 'R.png': otherPicture })
    const [a, b] = [await run(folder), await run(folder)]
    expect(await reportIn(a.out)).toEqual(await reportIn(b.out))
    for (const file of ['report.pdf', 'slip.pdf']) {
      const [first, second] = [await readFile(path.join(a.out, file)), await readFile(path.join(b.out, file))]
      expect(first.subarray(0, 5).toString()).toBe('%PDF-')
      expect(Buffer.compare(first, second)).toBe(0)
    }
  })

  test('is printed in the language asked for', async () => {
    const folder = await study({ 'L.png': picture, 'R.png': otherPicture })
    const titles = (['zh', 'en'] as const).map(async (language) => {
      const { out } = await run(folder, { language })
      return (await readPdf(await readFile(path.join(out, 'slip.pdf')))).info.Title
    })
    expect(await Promise.all(titles)).toEqual([
      expect.stringMatching(/^乳腺早筛检查回执 /),
      expect.stringMatching(/^Your breast screening visit /),
    ])
  })
})

test('whoever is no adult woman is refused before anything is written; red flags of the others reach the report', async () => {
  const image = { file: 'L.png', side: 'L', modality: 'US' }
  const withIntake = (intake: object) =>
    study({ 'L.png': picture, 'study.json': JSON.stringify({ id: 'v1', images: [image], intake }) })
  const out = path.join(root, 'refused')
  const options = { segmenter, model, out, now: new Date(0) }
  const refused = screen(await readStudy(await withIntake({ ageYears: 12 })), options)
  await expect(refused).rejects.toMatchObject({ code: 'SUBJECT_REFUSED', facts: { reason: 'under-18' } })
  await expect(readdir(out)).rejects.toThrow()
  const done = await screen(await readStudy(await withIntake({ sex: 'female', lump: { L: 'yes' } })), options)
  expect(done?.report.notices[0]?.code).toBe('referral-advised')
  expect(done?.report.intake).toMatchObject({
    redFlags: [{ code: 'lump', sides: ['L'] }],
    answers: { ageYears: 'unknown' },
  })
})

test('a bad image is named with its code and the rest goes on', async () => {
  const refused: string[] = []
  const folder = await study({
    'L_1.png': picture,
    'L_2.png': '',
    'R.png': picture.subarray(0, 200),
    'R.dcm': 'not an image',
    'nobody.png': picture,
  })
  const { out } = await run(folder, { onUnreadable: (file, error) => refused.push(`${file} ${error.code}`) })
  const report = await reportIn(out)
  expect(refused.sort()).toEqual(['L_2.png IMAGE_EMPTY', 'R.dcm IMAGE_FORMAT_UNKNOWN', 'R.png IMAGE_UNREADABLE'])
  expect([report.status, report.sides.L.status, report.sides.R.status]).toEqual([
    'incomplete',
    'incomplete',
    'unreadable',
  ])
  expect(report.refused).toEqual([{ file: 'nobody.png', reason: 'side-unknown', code: 'SIDE_UNKNOWN' }])
})

test('a nipple outside of its image gives no distance, and the reason', async () => {
  const sides = { R: { x: 10, y: 10 }, L: { x: SIZE.width + 400, y: 10 } }
  const images = Object.entries(sides).map(([side, nipplePx]) => ({ file: `${side}.png`, side, nipplePx }))
  const file = JSON.stringify({ id: 'a', modality: 'US', images })
  const report = await reportIn(
    (await run(await study({ 'L.png': picture, 'R.png': otherPicture, 'study.json': file }))).out,
  )
  const [right, left] = [report.sides.R.images[0], report.sides.L.images[0]]
  if (left?.status !== 'read' || 'absent' in left.marking) throw new Error('not marked')
  expect(right).toMatchObject({ nipplePx: sides.R })
  expect(left.nipplePx).toEqual(absent('nipple-outside-image'))
  expect(left.marking.lesions[0]?.features.location.nippleDistancePx).toEqual(absent('nipple-outside-image'))
})

describe('the other breast', () => {
  /** Marks the same disc, mirrored on the right, of mammograms too. */
  const ofBoth: Segmenter = {
    ...segmenter,
    isValidatedOn: () => true,
    segment: async ({ frame, image }) => {
      const { width, height } = frame.original
      // the chest wall of a left breast is on the left of these pictures
      const isRight = image.data[224 * 448 + 20]! < image.data[224 * 448 + 427]!
      const data = Uint8Array.from({ length: width * height }, (_, i) => {
        const column = isRight ? width - 1 - (i % width) : i % width
        return Math.hypot(column - 36, Math.floor(i / width) - 40) <= 10 ? 1 : 0
      })
      const mask = Mask.from(data, frame.original)
      const regions = components(mask).map((region) => ({ region, expectedDice: 0.8, bandAreaPx: 150 }))
      return { mask, presence: 0.75, expectedDice: 0.7, regions }
    },
  }

  /** A half-disc of breast with a lesion of the given grey, chest wall on the left; mirrored for a right one. */
  async function mammogram(side: 'L' | 'R', lesionGrey: number): Promise<Uint8Array> {
    const data = Uint8Array.from({ length: SIZE.width * SIZE.height }, (_, i) => {
      const column = i % SIZE.width
      const [x, y] = [side === 'L' ? column : SIZE.width - 1 - column, Math.floor(i / SIZE.width)]
      if (Math.hypot(x, y - 40) > 70) return 0
      if (Math.abs(y - 40) > 36) return 0
      return Math.hypot(x - 36, y - 40) <= 10 ? lesionGrey : 120 + ((x * 7 + y * 13) % 23)
    })
    return encodePng({ ...SIZE, channels: 1, bitDepth: 8, data })
  }

  async function contrastsOf(left: number, right: number) {
    const images = { 'L_DM_CC.png': await mammogram('L', left), 'R_DM_CC.png': await mammogram('R', right) }
    const { out } = await run(await study(images), { segmenter: ofBoth }, 'MG')
    const report = await reportIn(out)
    const features = (['L', 'R'] as const).map((side) => {
      const [image] = report.sides[side].images
      if (image?.status !== 'read' || 'absent' in image.marking) throw new Error('not marked')
      return image.marking.lesions[0]!.features
    })
    return { report, features }
  }

  const value = (feature: object) => ('value' in feature ? (feature.value as number) : Number.NaN)

  test('mirrored differs by nothing, in a region and over the whole breast', async () => {
    const { report, features } = await contrastsOf(200, 200)
    for (const { contrast } of features) expect(value(contrast.contralateralDifference)).toBeCloseTo(0, 6)
    if ('absent' in report.comparison) throw new Error(report.comparison.absent)
    const { intensityDifference, textureDifference, temperatureDifference } = report.comparison[0]!.values
    expect([value(intensityDifference), value(textureDifference)]).toEqual([0, 0])
    expect(temperatureDifference).toEqual(absent('not-for-this-modality'))
  })

  test('is less bright where only one side has a bright lesion, on raw and on standardised pixels, and the other way round seen from it', async () => {
    const { features } = await contrastsOf(230, 130)
    const [left, right] = features.map(({ contrast }) => value(contrast.contralateralDifference))
    expect(left).toBeGreaterThan(0.3)
    expect(left).toBeLessThan(100 / 255 + 0.02)
    expect(right).toBeCloseTo(-left!, 6)
    for (const { contrast, contrastStandardised } of features) {
      if ('absent' in contrastStandardised) throw new Error(contrastStandardised.absent)
      const [raw, standard] = [contrast, contrastStandardised].map((c) => value(c.contralateralDifference))
      // the default standardisation changes the size alone
      expect(standard! / raw!).toBeCloseTo(1, 1)
      expect(value(contrastStandardised.gcnr)).toBeGreaterThan(0)
      expect(contrastStandardised.temperatureDifference).toEqual(absent('not-on-standardised-pixels'))
    }
  })

  test('is not looked for on ultrasound', async () => {
    const { out } = await run(await study({ 'L.png': picture, 'R.png': otherPicture }))
    const [image] = (await reportIn(out)).sides.L.images
    if (image?.status !== 'read' || 'absent' in image.marking) throw new Error('not marked')
    expect(image.marking.lesions[0]!.features.contrast.contralateralDifference).toEqual(absent('no-mirrored-view'))
  })
})

describe('thermograms whose samples are temperatures', () => {
  /** A breast at the given hundredths of a degree in a room of 21, with a warmer disc; mirrored on the right. */
  const thermogram = (side: 'L' | 'R', breast: number, disc: number) => {
    const data = Uint16Array.from({ length: SIZE.width * SIZE.height }, (_, i) => {
      const column = i % SIZE.width
      const [x, y] = [side === 'L' ? column : SIZE.width - 1 - column, Math.floor(i / SIZE.width)]
      if (Math.hypot(x, y - 40) > 60 || Math.abs(y - 40) > 34) return 2100
      return Math.hypot(x - 30, y - 40) <= 8 ? disc : breast + (x % 5)
    })
    return encodePng({ ...SIZE, channels: 1, bitDepth: 16, data })
  }

  async function screened(temperature: object | undefined) {
    const outline = Mask.from(
      Uint8Array.from({ length: SIZE.width * SIZE.height }, (_, i) =>
        Math.hypot((i % SIZE.width) - 30, Math.floor(i / SIZE.width) - 40) <= 8 ? 1 : 0,
      ),
      SIZE,
    )
    const images = [
      { file: 'L.png', side: 'L', view: 'frontal', outline: 'outline.png', temperature },
      { file: 'R.png', side: 'R', view: 'frontal', temperature },
    ]
    const folder = await study({
      'L.png': await thermogram('L', 3200, 3400),
      'R.png': await thermogram('R', 3300, 3300),
      'outline.png': await encodeMaskPng(outline),
      'study.json': JSON.stringify({ id: 'thermal-1', modality: 'TG', images }),
    })
    const report = await reportIn((await run(folder)).out)
    const [image] = report.sides.L.images
    if (image?.status !== 'read' || 'absent' in image.marking) throw new Error('not marked')
    if ('absent' in report.comparison) throw new Error(report.comparison.absent)
    const { contrast } = image.marking.lesions[0]!.features
    return { report, contrast, values: report.comparison[0]!.values }
  }

  test('give degrees: of a region that a doctor drew, and of one breast against the other', async () => {
    const { report, contrast, values } = await screened({ scale: 0.01, offset: 0 })
    expect(contrast.temperatureDifference).toMatchObject({ unit: 'Cel' })
    expect((contrast.temperatureDifference as { value: number }).value).toBeCloseTo(1.98, 2)
    const across = values.temperatureDifference as { value: number; unit: string }
    // a degree, less what the disc makes up for
    expect(across.unit).toBe('Cel')
    expect(across.value).toBeGreaterThan(-1)
    expect(across.value).toBeLessThan(-0.85)
    const said = (side: 'L' | 'R') => report.sides[side].breast.sentences.map(({ code }) => code)
    expect(said('R')).toContain('warmer-than-other')
    expect(said('L')).not.toContain('warmer-than-other')
  })

  test('give none where nobody stated their scale', async () => {
    const { contrast, values } = await screened(undefined)
    expect(contrast.temperatureDifference).toEqual(absent('no-temperature-scale'))
    expect(values.temperatureDifference).toEqual(absent('no-temperature-scale'))
  })
})

describe('words of form', () => {
  const disc = Mask.from(
    Uint8Array.from({ length: SIZE.width * SIZE.height }, (_, i) =>
      Math.hypot((i % SIZE.width) - 48, Math.floor(i / SIZE.width) - 40) <= 16 ? 1 : 0,
    ),
    SIZE,
  )
  test('shape and margin are told of the doctor’s outline on one side, of the software’s on the other they are not', async () => {
    const images = [
      { file: 'L.png', side: 'L', outline: 'outline.png' },
      { file: 'R.png', side: 'R' },
    ]
    const folder = await study({
      'L.png': picture,
      'R.png': otherPicture,
      'outline.png': await encodeMaskPng(disc),
      'study.json': JSON.stringify({ id: 'words-1', modality: 'US', images }),
    })
    const { sides } = await reportIn((await run(folder)).out)
    const [drawn, found] = [sides.L, sides.R].map(({ images: [image] }) => {
      if (image?.status !== 'read' || 'absent' in image.marking) throw new Error('not marked')
      return image.marking.lesions[0]!.features.spatial
    })
    expect(drawn!.shape).toEqual({ word: 'round', suggested: true })
    expect(drawn!.orientation).toEqual({ word: 'not-parallel', suggested: true })
    expect(drawn!.margin).toHaveProperty('word')
    expect(found!.shape).toEqual(absent('outline-not-by-doctor'))
    expect(found!.margin).toEqual(absent('outline-not-by-doctor'))
    expect(found!.orientation).toHaveProperty('word')
    const said = (side: 'L' | 'R') => sides[side].breast.sentences.find(({ code }) => code === 'region-words')?.words.en
    expect(said('L')).toContain(': round, not parallel')
    expect(said('R')).not.toMatch(/oval|round|irregular/)
  })
})

describe('what a person entered', () => {
  const images = [
    { file: 'L.png', side: 'L', colourDoppler: true },
    { file: 'R.png', side: 'R' },
  ]
  const entered = {
    id: 'entered-1',
    modality: 'US',
    breasts: { L: { echotexture: 'heterogeneous' }, R: { density: 'b' } },
    biomarkers: [
      { marker: 'Ki-67', value: 20, unit: '%', side: 'L' },
      { marker: 'CEA', value: 2.1, unit: 'ng/mL', date: '2026-02-01' },
    ],
    images,
  }

  test('stands on the report as entered, on its side, and blood values for both', async () => {
    const folder = await study({ 'L.png': picture, 'R.png': otherPicture, 'study.json': JSON.stringify(entered) })
    const { out } = await run(folder)
    const { sides, serum } = await reportIn(out)
    expect(sides.L.breast.echotexture).toMatchObject({ value: 'heterogeneous', source: 'entered' })
    expect(sides.R.breast.density).toMatchObject({ value: 'b', code: { value: '129717001' } })
    expect(sides.L.breast.biomarkers).toEqual([entered.biomarkers[0]])
    expect(serum).toEqual([entered.biomarkers[1]])
    const page = await readFile(path.join(out, 'report.html'), 'utf8')
    for (const text of ['Ki-67, stained nuclei: 20 % (as entered).', '癌胚抗原（CEA）：2.1 ng/mL']) {
      expect(page).toContain(text)
    }
  })

  test('a Doppler picture without colour has no vascularity index, rather than 0', async () => {
    const folder = await study({ 'L.png': picture, 'R.png': otherPicture, 'study.json': JSON.stringify(entered) })
    const { sides } = await reportIn((await run(folder)).out)
    expect(sides.L.breast.vascularity).toEqual([{ image: 'L-US', region: 1, index: absent('no-colour') }])
    expect(sides.R.breast.vascularity).toEqual(absent('no-colour-doppler'))
  })
})

test('one and the same picture for both sides is refused on both: one of the two is wrong', async () => {
  const { screening } = await run(await study({ 'L_1.png': picture, 'R_1.png': picture, 'L_2.png': otherPicture }))
  const { L, R } = screening!.report.sides
  const codes = [...L.images, ...R.images].map((image) => ('code' in image ? image.code : image.status))
  expect(codes.sort()).toEqual(['LATERALITY_CONFLICT', 'LATERALITY_CONFLICT', 'read'])
  expect(screening!.report.status).toBe('incomplete')
})

test('a file that vanished is unreadable, not the end', async () => {
  const folder = await study({ 'L.png': picture, 'R.png': otherPicture })
  const found = await readStudy(folder, { modality: 'US' })
  await rm(path.join(folder, 'R.png'))
  const out = await newOut()
  await screen(found, { segmenter, model, out, now: new Date() })
  expect((await reportIn(out)).sides.R.images[0]).toMatchObject({ status: 'unreadable', code: 'FILE_UNREADABLE' })
})

test('a modality that the model was not validated on is shown and not marked', async () => {
  const { out } = await run(await study({ 'L_frontal.png': picture, 'R_frontal.png': otherPicture }), {}, 'TG')
  const report = await reportIn(out)
  const notValidated = absent('modality-not-validated')
  expect(report.sides.L.images[0]).toMatchObject({ status: 'read', marking: notValidated, presence: notValidated })
  expect(report.notices.map(({ code }) => code)).not.toContain('nothing-marked')
  expect(await readdir(out)).toEqual(['report.html', 'report.json', 'report.pdf', 'slip.html', 'slip.pdf'])
})

test('an image that cannot be judged is shown without marks or presence, and its side is incomplete', async () => {
  const refused = absent('not-this-modality')
  const doubting: Segmenter = { ...segmenter, judge: () => refused }
  const { screening, out } = await run(await study({ 'L.png': picture }), { segmenter: doubting })
  const { sides, status, notices } = screening!.report
  expect(sides.L.images[0]).toMatchObject({ status: 'read', marking: refused, presence: refused, quality: [] })
  expect([status, sides.L.status]).toEqual(['incomplete', 'incomplete'])
  expect(notices.map(({ code }) => code)).toContain('not-judged')
  expect(await readdir(out)).not.toContain('masks')
  expect(await readFile(path.join(out, 'report.html'), 'utf8')).toContain(ABSENCE_WORDS['not-this-modality'].zh)
})

test('an error that would meet every image ends the work and leaves nothing', async () => {
  const broken: Segmenter = {
    ...segmenter,
    segment: () => Promise.reject(new ScreeningError('ENGINE_FAILED')),
  }
  const out = await newOut()
  await expect(run(await study({ 'L.png': picture }), { segmenter: broken, out })).rejects.toThrow('ENGINE_FAILED')
  expect(await readdir(path.dirname(out))).toEqual([])
})

test('ended by its signal it leaves nothing', async () => {
  const controller = new AbortController()
  const onProgress = () => controller.abort()
  const { screening, out } = await run(await study({ 'L.png': picture, 'R.png': otherPicture }), {
    signal: controller.signal,
    onProgress,
  })
  expect(screening).toBeUndefined()
  expect(await readdir(path.dirname(out))).toEqual([])
})

describe('the output folder', () => {
  test('may be empty or an earlier report, which is replaced whole', async () => {
    const out = await newOut()
    await mkdir(out)
    await run(await study({ 'L.png': picture, 'R.png': otherPicture }), { out })
    await run(await study({ 'L.png': picture }), { out })
    expect(await readdir(path.join(out, 'masks'))).toEqual(['L-US.png'])
    expect(await readdir(path.dirname(out))).toEqual(['report'])
  })

  test('that holds anything else is left alone', async () => {
    const folder = await study({ 'L.png': picture })
    await expect(run(folder, { out: folder })).rejects.toThrow('OUTPUT_EXISTS')
    expect(await readdir(folder)).toEqual(['L.png'])
    const out = await newOut()
    await run(folder, { out })
    await writeFile(path.join(out, 'my notes.txt'), 'keep')
    await expect(run(folder, { out })).rejects.toThrow('OUTPUT_EXISTS')
    expect(await readFile(path.join(out, 'my notes.txt'), 'utf8')).toBe('keep')
  })

  test('is not a file', async () => {
    const out = await newOut()
    await writeFile(out, 'a file')
    await expect(run(await study({ 'L.png': picture }), { out })).rejects.toThrow('OUTPUT_EXISTS')
  })
})

test('a report of six large pictures is a PDF of less than two megabytes', async () => {
  const size = { width: 1280, height: 960 }
  const noise = seededRandom(7)
  const speckled = async () => encodePng({ ...size, channels: 1, bitDepth: 8, data: speckle(size, noise) })
  const names = ['L_1.png', 'L_2.png', 'L_3.png', 'R_1.png', 'R_2.png', 'R_3.png']
  const files = await Promise.all(names.map(async (name) => [name, await speckled()] as const))
  const { out, screening } = await run(await study(Object.fromEntries(files)))
  expect(screening!.report.status).toBe('complete')
  const [pdf, page] = [await stat(path.join(out, 'report.pdf')), await stat(path.join(out, 'report.html'))]
  expect(pdf.size).toBeLessThan(2_000_000)
  // and the pictures are in it
  expect(pdf.size).toBeGreaterThan(page.size / 8)
})

/** Synthetic: noise over three pixels, as coarse as that of an ultrasound scan converted for a screen. */
function speckle({ width, height }: typeof SIZE, noise: Random): Uint8Array {
  const fine = Float32Array.from({ length: width * height }, () => noise.uniform())
  return Uint8Array.from(fine, (_, i) => {
    let sum = 0
    for (let dy = 0; dy < 3; dy++) for (let dx = 0; dx < 3; dx++) sum += fine[(i + dy * width + dx) % fine.length]!
    return Math.round((255 * sum) / 9)
  })
}

test('sixteen bits and colour are screened like eight bits of grey', async () => {
  const { data } = await decodeImage(picture, 'x.png')
  const deep = await encodePng({ ...SIZE, channels: 1, bitDepth: 16, data: Uint16Array.from(data, (v) => v * 16) })
  const rgb = Uint8Array.from({ length: 3 * data.length }, (_, i) => data[Math.floor(i / 3)]! + (i % 3))
  const colour = await encodePng({ ...SIZE, channels: 3, bitDepth: 8, data: rgb })
  const { out } = await run(await study({ 'L.png': deep, 'R.png': colour }))
  expect((await reportIn(out)).status).toBe('complete')
  // 12 bits in a 16-bit file are shown over the whole range of the screen
  const page = await readFile(path.join(out, 'report.html'), 'utf8')
  const pictures = [...page.matchAll(/base64,([^"]+)/g)].map(([, text]) => Buffer.from(text ?? '', 'base64'))
  const shown = await decodeImage(pictures[1]!, 'shown.png')
  expect([Math.min(...shown.data), Math.max(...shown.data)]).toEqual([0, 255])
})
