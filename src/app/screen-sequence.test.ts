import { hash } from 'node:crypto'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { ABSENCE_WORDS, type Absent, absent, isAbsent } from '#core/absent.ts'
import { CURVE_TYPE_WORDS, INITIAL_RISE_WORDS } from '#core/kinetic-features.ts'
import { type ModelReport, type ReadImage, Report } from '#core/report.ts'
import { encodePng } from '#imaging/encode.ts'
import { opticalDensityAt } from '#imaging/tiny-kinetics.ts'
import { MADE_PICTURE } from '#report/figures.ts'
import { readStudy } from './read-study.ts'
import { screen } from './screen.ts'
import type { Segmenter } from './segment.ts'
import { SYNTHETIC_LESION, SYNTHETIC_SURROUNDINGS, syntheticSide, writeOpticalStudy } from './tiny-optical-study.ts'

const model: ModelReport = {
  id: 'test',
  sha256: 'a'.repeat(64),
  validatedModalities: [],
  figures: [],
  confidence: [],
  limits: [],
}
/** Of a model for other images. */
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
const study = () => path.join(root, 'study')
beforeAll(async () => {
  root = await mkdtemp(path.join(tmpdir(), 'zaoshai-optical-'))
  await writeOpticalStudy(study(), 7)
})
afterAll(() => rm(root, { recursive: true }))

async function screened(folder = study()) {
  const unreadable: string[] = []
  const out = path.join(await mkdtemp(path.join(root, 'out-')), 'report')
  await screen(await readStudy(folder), {
    ...{ segmenter, model, out, now: new Date('2026-03-01T08:00:00Z'), language: 'en' },
    onUnreadable: (file, { code }) => unreadable.push(`${file} ${code}`),
  })
  const report = Report.parse(JSON.parse(await readFile(path.join(out, 'report.json'), 'utf8')))
  const [right, left] = [report.sides.R.images[0], report.sides.L.images[0]]
  if (right?.status !== 'read' || left?.status !== 'read') throw new Error(unreadable.join(', '))
  return { right, left, unreadable, html: await readFile(path.join(out, 'report.html'), 'utf8') }
}

test('a synthetic optical recording that a doctor outlined has the known extremum, and maps on the page', async () => {
  const { right, left, html } = await screened()
  if (isAbsent(right.marking)) throw new Error('not marked')
  expect(right.marking).toMatchObject({ by: 'doctor', expectedDice: absent('outlined-by-doctor') })
  const { temporal } = right.marking.lesions[0]!.features
  if (isAbsent(temporal)) throw new Error(temporal.absent)
  const largest = opticalDensityAt(SYNTHETIC_LESION, 22)
  for (const { region } of temporal) expect(region.extremum).toMatchObject({ value: expect.closeTo(largest, 2) })
  expect(right.sequence).toMatchObject({ kind: 'optical', channels: 3, frames: 25, isCompensated: false })
  expect(left).toMatchObject({ marking: absent('modality-not-validated'), sequence: { channels: 3 } })
  expect(html.match(/<figure><svg viewBox="0 0 128 102" role="img" aria-labelledby="map-/g)).toHaveLength(6)
  expect(html).toContain('SYNTHETIC')
})

test('what is said of contrast agents alone stands nowhere in the report of light', async () => {
  const { html } = await screened()
  for (const { zh, en } of [...Object.values(CURVE_TYPE_WORDS), ...Object.values(INITIAL_RISE_WORDS)]) {
    expect(html).not.toMatch(new RegExp(`>${en}<`))
    expect(html).not.toContain(`>${zh}<`)
  }
  expect(html).not.toMatch(/enhancement|washout|强化|流出/)
})

/** Of the only region of an image, a channel after the other. */
function temporalOf({ marking }: ReadImage) {
  const temporal = isAbsent(marking) ? marking : marking.lesions[0]!.features.temporal
  if (isAbsent(temporal)) throw new Error(temporal.absent)
  return temporal
}

/** Every number and word of a value, and the reasons, in one order. */
function leaves(value: unknown): unknown[] {
  return typeof value === 'object' && value !== null ? Object.values(value).flatMap(leaves) : [value]
}

test('the mirrored place in the other breast follows its tissue, and the difference is the known one', async () => {
  const { right, html } = await screened()
  const around = (time: number) => opticalDensityAt(SYNTHETIC_SURROUNDINGS, time)
  for (const { contralateralCurve, lessContralateral, contralateralCorrelation, curve } of temporalOf(right)) {
    if (isAbsent(contralateralCurve) || isAbsent(contralateralCurve.change)) throw new Error('absent')
    expect(contralateralCurve.timesS).toEqual(curve.timesS)
    const missed = contralateralCurve.change.map((value, i) => value - around(curve.timesS[i]!))
    // noise of about 250 pixels of SNR 20 and less
    expect(Math.sqrt(missed.reduce((sum, value) => sum + value ** 2, 0) / missed.length)).toBeLessThan(0.006)
    const largest = Math.max(...curve.timesS.map((time) => opticalDensityAt(SYNTHETIC_LESION, time) - around(time)))
    if (isAbsent(lessContralateral.extremum)) throw new Error('absent')
    // two standard deviations of one noisy recording; 100 of them are held to 5% in features/kinetics.test.ts
    expect(Math.abs(lessContralateral.extremum.value - largest)).toBeLessThan(0.013)
    expect(contralateralCorrelation).toMatchObject({ unit: '1' })
  }
  expect(html).toContain('mirrored place in the other breast')
})

test('the same study in a mirror, sides swapped, gives the same curves and values of the other breast', async () => {
  const mirrored = path.join(root, 'mirrored')
  await writeOpticalStudy(mirrored, 7, true)
  const [as, swapped] = [await screened(), await screened(mirrored)]
  expect(swapped.right.marking).toEqual(absent('modality-not-validated'))
  const [own, other] = [leaves(temporalOf(as.right)), leaves(temporalOf(swapped.left))]
  // sums over the pixels of a row are taken from the other end
  expect(other).toEqual(own.map((value) => (typeof value === 'number' ? expect.closeTo(value, 9) : value)))
  expect(own.length).toBeGreaterThan(300)
})

test('without a matching recording, view or breast the reason stands in place of the curve', async () => {
  const file = path.join(study(), 'study.json')
  const before = await readFile(file, 'utf8')
  const reason = async (change: (left: Record<string, unknown>) => void) => {
    const changed = JSON.parse(before)
    change(changed.images.find(({ side }: { side: string }) => side === 'L'))
    await writeFile(file, JSON.stringify(changed))
    const { right, html } = await screened()
    await writeFile(file, before)
    const [{ contralateralCurve, lessContralateral, contralateralCorrelation } = {}] = temporalOf(right)
    expect([...Object.values(lessContralateral!), contralateralCorrelation]).toEqual(
      Array.from({ length: 6 }, () => contralateralCurve),
    )
    const told = contralateralCurve as Absent
    expect(html).toContain(ABSENCE_WORDS[told.absent].en)
    return told.absent
  }
  const { width, height } = syntheticSide(7).sequence
  const corner = Uint8Array.from({ length: width * height }, (_, i) => (i % width > 110 || i > 85 * width ? 200 : 0))
  await writeFile(
    path.join(study(), 'corner.png'),
    await encodePng({ width, height, channels: 1, bitDepth: 8, data: corner }),
  )
  expect(await reason((left) => delete left.sequence)).toBe('no-mirrored-sequence')
  expect(await reason((left) => Object.assign(left, { view: 'oblique' }))).toBe('no-mirrored-view')
  expect(await reason((left) => Object.assign(left, { file: 'corner.png' }))).toBe('breasts-not-alike')
})

test('without a picture it is made from the frames, and the report says so', async () => {
  const file = path.join(study(), 'study.json')
  const before = await readFile(file, 'utf8')
  const { images, ...rest } = JSON.parse(before)
  const bare = images.map(({ file: _, ...image }: { file: string }) => image)
  await writeFile(file, JSON.stringify({ ...rest, images: bare }))
  const { right, left, html } = await screened()
  await writeFile(file, before)
  expect([right, left]).toMatchObject([
    { file: 'R-sequence.json', madePicture: 'baseline-mean', size: { width: 128, height: 102 } },
    { file: 'L-sequence.json', madePicture: 'baseline-mean' },
  ])
  expect(right.sha256).toBe(hash('sha256', await readFile(path.join(study(), 'R.npy'))))
  expect(html).toContain(MADE_PICTURE.en)
  // the picture decides where the breast is, and so the mirrored place
  for (const { contralateralCurve, curve } of temporalOf(right)) {
    expect(contralateralCurve).toMatchObject({ timesS: curve.timesS })
  }
})

test('without a picture and without times there is none to be made, and the image is named', async () => {
  const file = path.join(study(), 'study.json')
  const before = await readFile(file, 'utf8')
  const { images, ...rest } = JSON.parse(before)
  const named = path.join(study(), 'L-timeless.json')
  await writeFile(named, JSON.stringify({ kind: 'optical', array: 'L.npy', baselineFrames: 3 }))
  const timeless = { sequence: 'L-timeless.json', side: 'L', view: 'frontal' }
  await writeFile(file, JSON.stringify({ ...rest, images: [images[0], timeless] }))
  await expect(screened()).rejects.toThrow('L-timeless.json PICTURE_NOT_GIVEN')
  // the same frames for both sides: one of the two is wrong
  await writeFile(named, JSON.stringify({ kind: 'optical', array: 'R.npy', captureIntervalS: 0.5, baselineFrames: 3 }))
  const { file: _, outline: __, ...right } = images[0]
  await writeFile(file, JSON.stringify({ ...rest, images: [right, timeless] }))
  await expect(screened()).rejects.toThrow('R-sequence.json LATERALITY_CONFLICT, L-timeless.json LATERALITY_CONFLICT')
  await writeFile(file, before)
})

/** The study of both breasts anew, in which each side's recording is described by so much. */
async function describedBy(name: string, of: (side: 'L' | 'R') => object): Promise<string> {
  const folder = path.join(root, name)
  await writeOpticalStudy(folder, 7)
  for (const side of ['L', 'R'] as const) {
    const described = { kind: 'optical', baselineFrames: 2, ...of(side) }
    await writeFile(path.join(folder, `${side}-sequence.json`), JSON.stringify(described))
  }
  return folder
}

const CONFLICT = 'R.png LATERALITY_CONFLICT, L.png LATERALITY_CONFLICT'

test('one recording beside the different pictures of both sides is refused on both: one of the two is wrong', async () => {
  const folder = await describedBy('one-recording', () => ({ array: 'R.npy', captureIntervalS: 0.5 }))
  await expect(screened(folder)).rejects.toThrow(CONFLICT)
})

/** MATLAB's level 5, uncompressed: arrays [frames, height, width] of doubles, one for each variable. */
function mat(variables: Readonly<Record<string, readonly Float32Array[]>>, height: number, width: number): Uint8Array {
  const element = (type: number, data: Uint8Array) => {
    const filled = new Uint8Array(Math.ceil(data.length / 8) * 8)
    filled.set(data)
    return Buffer.concat([new Uint8Array(Uint32Array.of(type, data.length).buffer), filled])
  }
  const bytesOf = (numbers: Uint32Array | Float64Array) => new Uint8Array(numbers.buffer)
  const matrices = Object.entries(variables).map(([name, frames]) => {
    // down the columns: the first index runs fastest
    const numbers = Float64Array.from({ length: frames.length * height * width }, (_, at) => {
      const place = Math.floor(at / frames.length)
      return frames[at % frames.length]![(place % height) * width + Math.floor(place / height)]!
    })
    const parts = [
      element(6, bytesOf(Uint32Array.of(6, 0))),
      element(5, bytesOf(Uint32Array.of(frames.length, height, width))),
      element(1, new TextEncoder().encode(name)),
      element(9, bytesOf(numbers)),
    ]
    return element(14, Buffer.concat(parts))
  })
  const text = new TextEncoder().encode('MATLAB 5.0 MAT-file'.padEnd(124))
  return Buffer.concat([text, Uint8Array.of(0, 1, 0x49, 0x4d), ...matrices])
}

test('two variables of one file are two recordings; one variable for both sides is one, and refused on both', async () => {
  const [left, right] = [1, 2].map((seed) => syntheticSide(seed).sequence)
  const [own, other] = [left!, right!].map(({ channels }) => channels[0]!.frames.slice(0, 5))
  const both = mat({ left: own!, right: other! }, left!.height, left!.width)
  const read = async (name: string, variableOf: (side: 'L' | 'R') => string) => {
    const timesS = [0, 1, 2, 3, 4]
    const folder = await describedBy(name, (side) => ({ array: 'both.mat', variable: variableOf(side), timesS }))
    await writeFile(path.join(folder, 'both.mat'), both)
    return screened(folder)
  }
  const { left: l, right: r } = await read('two-variables', (side) => (side === 'L' ? 'left' : 'right'))
  for (const { sequence } of [l, r]) expect(sequence).toMatchObject({ frames: 5, durationS: 4 })
  await expect(read('one-variable', () => 'left')).rejects.toThrow(CONFLICT)
})

test('a broken sequence costs the kinetics and not the image, and is named', async () => {
  const file = path.join(study(), 'R-sequence.json')
  const before = await readFile(file, 'utf8')
  await writeFile(file, before.replace('"optical"', '"radar"'))
  const { right, unreadable } = await screened()
  await writeFile(file, before)
  expect(unreadable).toEqual(['R-sequence.json SEQUENCE_INVALID'])
  expect(right.sequence).toEqual(absent('sequence-unreadable'))
  if (isAbsent(right.marking)) throw new Error('not marked')
  expect(right.marking.lesions[0]?.features.temporal).toEqual(absent('sequence-unreadable'))
  expect(right.marking.lesions[0]?.features.spatial.areaPx).toMatchObject({ unit: 'px2' })
})
