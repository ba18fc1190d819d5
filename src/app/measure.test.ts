import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { FEATURE_NAMES, FEATURES, type FeatureName, type FeatureValue, featuresOf } from '#core/features.ts'
import type { Size } from '#core/image.ts'
import { Mask } from '#core/mask.ts'
import type { Mm } from '#core/units.ts'
import { encodeMaskPng, encodePng } from '#imaging/encode.ts'
import { measureOutlines } from './measure.ts'

const SIZE = { width: 240, height: 160 }
const SPACING = { x: 0.1 as Mm, y: 0.2 as Mm }
/** Half axes in millimetres, the longer one turned by 30 degrees; centre and a small disc beside it in pixels. */
const [A, B, TURN] = [6, 3, Math.PI / 6]
const CENTRE = { x: 90, y: 80 }

const ellipse = maskOf(SIZE, (x, y) => {
  const [dx, dy] = [(x - CENTRE.x) * SPACING.x, (CENTRE.y - y) * SPACING.y]
  const [along, across] = [dx * Math.cos(TURN) + dy * Math.sin(TURN), dy * Math.cos(TURN) - dx * Math.sin(TURN)]
  return (along / A) ** 2 + (across / B) ** 2 <= 1 || Math.hypot((x - 200) * SPACING.x, (y - 80) * SPACING.y) <= 1.5
})

function maskOf(size: Size, isSet: (x: number, y: number) => boolean): Mask {
  const data = Uint8Array.from({ length: size.width * size.height }, (_, i) =>
    isSet(i % size.width, Math.floor(i / size.width)) ? 1 : 0,
  )
  return Mask.from(data, size)
}

/** What one ultrasound image cannot have. */
const EXPECTED_ABSENCES: Partial<Record<FeatureName, readonly string[]>> = {
  orientationDeg: ['no-direction'],
  enteredNippleDistanceMm: ['distance-not-entered'],
  nippleDistanceShare: ['not-for-this-modality'],
  depthFraction: ['not-for-this-modality'],
  lateralOffsetMm: ['not-for-this-modality', 'not-for-this-view'],
  superiorOffsetMm: ['not-for-this-modality', 'not-for-this-view'],
  chestWallDistanceMm: ['not-for-this-modality'],
  chestWallDistancePx: ['not-for-this-modality'],
  skinDistanceMm: ['skin-not-seen'],
  skinDistancePx: ['skin-not-seen'],
  temperatureDifference: ['not-for-this-modality'],
  contralateralDifference: ['no-mirrored-view'],
}

let folder = ''
const file = (name: string) => path.join(folder, name)

beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'zaoshai-measure-'))
  const data = ellipse.data.map((inside, i) => (inside === 1 ? 60 : 140) + (i % 7))
  await writeFile(file('scan.png'), await encodePng({ ...SIZE, channels: 1, bitDepth: 8, data }))
  await writeFile(file('outline.png'), await encodeMaskPng(ellipse))
})
afterAll(() => rm(folder, { recursive: true }))

const number = (value: FeatureValue) => ('value' in value ? value.value : Number.NaN)

test('a turned ellipse on pixels that are not square has its area, diameter and axes within 1%', async () => {
  const { lesions } = await measureOutlines({ image: file('scan.png'), mask: file('outline.png'), spacing: SPACING })
  expect(lesions.map(({ number }) => number)).toEqual([1, 2])
  const { features } = lesions[0]!
  const known = { areaMm2: Math.PI * A * B, maximumDiameterMm: 2 * A, majorAxisMm: 2 * A, minorAxisMm: 2 * B }
  for (const [name, value] of Object.entries(known)) {
    expect(number(features[name as keyof typeof known]) / value, name).toBeGreaterThan(0.99)
    expect(number(features[name as keyof typeof known]) / value, name).toBeLessThan(1.01)
  }
  expect(number(features.orientationDeg)).toBeCloseTo(30, 0)
})

test('every declared feature is there for every region, in its unit or absent with a reason', async () => {
  const given = {
    image: file('scan.png'),
    mask: file('outline.png'),
    modality: 'US',
    nipplePx: { x: 90, y: 4 },
  } as const
  const { lesions } = await measureOutlines({ ...given, spacing: SPACING })
  for (const { features } of lesions) {
    for (const name of FEATURE_NAMES) {
      const value = features[name]
      if ('absent' in value) expect(EXPECTED_ABSENCES[name] ?? ['region-too-small'], name).toContain(value.absent)
      else expect(value.unit, name).toBe(FEATURES[name].unit)
    }
  }
  expect(number(lesions[0]!.features.nippleDistanceMm)).toBeCloseTo(76 * SPACING.y, 1)
})

test('contrasts stand for the standardised image, too, where it is said what the image is of', async () => {
  const given = { image: file('scan.png'), mask: file('outline.png') }
  const [lesion] = (await measureOutlines({ ...given, modality: 'US' })).lesions
  if ('absent' in lesion!.contrastStandardised) throw new Error('absent')
  expect(Object.keys(lesion!.contrastStandardised).sort()).toEqual([...featuresOf('contrast')].sort())
  // two greys, far apart, on either image
  for (const contrast of [lesion!.features, lesion!.contrastStandardised]) {
    expect(number(contrast.gcnr!)).toBeGreaterThan(0.9)
    expect(number(contrast.ringDifference!)).toBeCloseTo(-80 / 255, 1)
  }
  expect((await measureOutlines(given)).lesions[0]!.contrastStandardised).toEqual({ absent: 'not-for-this-modality' })
})

test('words of form stand with the numbers: shape and margin of a doctor’s outline alone, every word with its mark', async () => {
  const given = { image: file('scan.png'), mask: file('outline.png'), modality: 'US' } as const
  const words = async (over: object) => {
    const [lesion] = (await measureOutlines({ ...given, ...over })).lesions
    const { shape, orientation, margin, posteriorFeatures } = lesion!.features
    return { shape, orientation, margin, posteriorFeatures }
  }
  const outline = { absent: 'outline-not-by-doctor' }
  // 12 by 6 mm, 30 degrees to the rows; on the grid, where it is not so tall, too
  const told = {
    shape: { word: 'oval', suggested: true },
    orientation: { word: 'parallel', suggested: true },
    margin: { word: 'circumscribed', suggested: true },
    posteriorFeatures: { word: 'none', suggested: true },
  }
  expect(await words({ spacing: SPACING, outlinedBy: 'doctor' })).toEqual(told)
  expect(await words({ outlinedBy: 'doctor' })).toEqual(told)
  expect(await words({ outlinedBy: 'software' })).toEqual({ ...told, shape: outline, margin: outline })
  expect(await words({})).toEqual({ ...told, shape: outline, margin: outline })
})

test('a region two degrees warmer than its surroundings is, by the scale that was given', async () => {
  // a body at 32 degrees in a room at 21
  const isRoom = (i: number) => i % SIZE.width < 15 || Math.floor(i / SIZE.width) < 15
  const data = Uint16Array.from(ellipse.data, (inside, i) => (inside === 1 ? 3400 : isRoom(i) ? 2100 : 3200))
  await writeFile(file('thermogram.png'), await encodePng({ ...SIZE, channels: 1, bitDepth: 16, data }))
  const given = { image: file('thermogram.png'), mask: file('outline.png'), modality: 'TG' } as const
  const { lesions } = await measureOutlines({ ...given, temperature: { scale: 0.01, offset: 0 } })
  const difference = lesions[0]!.features.temperatureDifference
  expect(difference).toMatchObject({ unit: 'Cel' })
  expect(number(difference)).toBeCloseTo(2, 3)
  const without = (await measureOutlines(given)).lesions[0]!.features.temperatureDifference
  expect(without).toEqual({ absent: 'no-temperature-scale' })
})

test('without spacing there is no millimetre, without a nipple no distance, off ultrasound no depth', async () => {
  const { lesions, nipplePx } = await measureOutlines({ image: file('scan.png'), mask: file('outline.png') })
  const { features } = lesions[0]!
  expect(features.areaMm2).toEqual({ absent: 'no-pixel-spacing' })
  expect(features.nippleDistancePx).toEqual({ absent: 'nipple-not-given' })
  expect(features.depthToWidthRatio).toEqual({ absent: 'not-for-this-modality' })
  expect(nipplePx).toEqual({ absent: 'nipple-not-given' })
})

test('a nipple off the picture gives no distance', async () => {
  const given = { image: file('scan.png'), mask: file('outline.png'), nipplePx: { x: 4, y: 400 } }
  const { lesions } = await measureOutlines(given)
  expect(lesions[0]!.features.nippleDistancePx).toEqual({ absent: 'nipple-outside-image' })
})

test('a missing file, a mask that outlines nothing and one of another size are refused by name', async () => {
  await writeFile(file('empty.png'), await encodeMaskPng(Mask.empty(SIZE)))
  await writeFile(file('small.png'), await encodeMaskPng(maskOf({ width: 64, height: 64 }, (x) => x > 9)))
  const refused = (mask: string) => measureOutlines({ image: file('scan.png'), mask: file(mask) })
  await expect(refused('none.png')).rejects.toMatchObject({ code: 'FILE_UNREADABLE', facts: { file: 'none.png' } })
  await expect(refused('empty.png')).rejects.toMatchObject({ code: 'MASK_EMPTY', facts: { mask: 'empty.png' } })
  await expect(refused('small.png')).rejects.toMatchObject({ code: 'MASK_SIZE_MISMATCH' })
})
