import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import sharp from 'sharp'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { isAbsent } from '#core/absent.ts'
import type { RegionKinetics } from '#core/kinetics.ts'
import { Mask } from '#core/mask.ts'
import type { FrameSequence } from '#core/sequence.ts'
import { encodeMaskPng, encodePng } from '#imaging/encode.ts'
import { type Course, kineticPhantom, opticalDensityAt } from '#imaging/tiny-kinetics.ts'
import { type MeasuredLesion, measureOutlines } from './measure.ts'

const LESION: Course = { shape: 'ramp', amplitude: 0.15, onsetS: 4, extremumS: 22, recoveryPerS: 0.004 }
const SURROUNDINGS: Course = { shape: 'plateau', amplitude: 0.03, onsetS: 4, tauS: 6 }
const INTERVAL_S = 0.5
const BASELINE = 3

let folder = ''
const file = (name: string) => path.join(folder, name)

/** An array as NumPy would save it, float32, row by row. */
function npyOf(shape: readonly number[], numbers: Float32Array): Uint8Array {
  const text = `{'descr': '<f4', 'fortran_order': False, 'shape': (${shape.join(', ')}), }`
  const header = new TextEncoder().encode(`${text.padEnd(117)}\n`)
  const magic = Uint8Array.of(0x93, ...new TextEncoder().encode('NUMPY'), 1, 0, header.length, 0)
  return Buffer.concat([magic, header, new Uint8Array(numbers.buffer)])
}

/** A synthetic recording, [height, width, frames, LEDs]. */
function npy({ channels, width, height }: FrameSequence): Uint8Array {
  const [frames, leds] = [channels[0]!.frames.length, channels.length]
  const numbers = new Float32Array(width * height * frames * leds)
  channels.forEach((channel, led) => {
    channel.frames.forEach((frame, t) => {
      frame.forEach((value, i) => {
        numbers[(i * frames + t) * leds + led] = value
      })
    })
  })
  return npyOf([height, width, frames, leds], numbers)
}

const phantom = kineticPhantom({
  layout: 'three-led',
  captureIntervalS: INTERVAL_S,
  lesion: LESION,
  surroundings: SURROUNDINGS,
  seed: 3,
})

beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'zaoshai-sequence-'))
  const { width, height } = phantom.sequence
  const still = new Uint8Array(width * height).fill(120)
  await writeFile(file('frame.png'), await encodePng({ width, height, channels: 1, bitDepth: 8, data: still }))
  await writeFile(file('lesion.png'), await encodeMaskPng(phantom.lesion))
  await writeFile(file('reference.png'), await encodeMaskPng(phantom.reference))
  await writeFile(file('record.npy'), npy(phantom.sequence))
})
afterAll(() => rm(folder, { recursive: true }))

async function measured(described: object): Promise<MeasuredLesion> {
  await writeFile(file('sequence.json'), JSON.stringify(described))
  const given = { image: file('frame.png'), mask: file('lesion.png'), sequence: file('sequence.json') }
  return (await measureOutlines(given)).lesions[0]!
}

function kineticsOf({ temporal }: MeasuredLesion): readonly RegionKinetics[] {
  if (isAbsent(temporal)) throw new Error(`absent: ${temporal.absent}`)
  return temporal
}

const OPTICAL = { kind: 'optical', array: 'record.npy', captureIntervalS: INTERVAL_S, baselineFrames: BASELINE }

test('a synthetic optical recording without noise gives the known course of every LED', async () => {
  const channels = kineticsOf(await measured({ ...OPTICAL, reference: 'reference.png' }))
  expect(channels.map(({ channel }) => channel)).toEqual(['LED 1', 'LED 2', 'LED 3'])
  for (const { curve, region, lessReference, referenceCorrelation } of channels) {
    const known = (course: Course) => curve.timesS.map((time) => opticalDensityAt(course, time))
    const largest = Math.max(...known(LESION))
    expect(region.extremum).toMatchObject({ unit: '1', value: expect.closeTo(largest, 3) })
    const own = known(LESION).map((value, i) => value - known(SURROUNDINGS)[i]!)
    expect(lessReference.extremum).toMatchObject({ value: expect.closeTo(Math.max(...own), 3) })
    expect(region.slopeBefore).toMatchObject({ unit: '/s' })
    expect(region.timeToExtremumS).toMatchObject({ unit: 's' })
    expect(referenceCorrelation).toMatchObject({ unit: '1' })
  }
})

test('what belongs to contrast agents is absent without one, and what a reference gives without a reference', async () => {
  for (const channel of kineticsOf(await measured(OPTICAL))) {
    for (const name of ['percentEnhancement', 'signalEnhancementRatio', 'curveType', 'initialRise'] as const) {
      expect(channel[name]).toEqual({ absent: 'no-contrast-agent' })
    }
    expect(channel.lessReference.extremum).toEqual({ absent: 'no-reference-region' })
  }
})

test('without times there are no kinetics, and all else is measured', async () => {
  const { captureIntervalS: _, ...timeless } = OPTICAL
  const { temporal, features } = await measured(timeless)
  expect(temporal).toEqual({ absent: 'frame-times-not-given' })
  expect(features.areaPx).toMatchObject({ value: phantom.lesion.areaPx })
})

test('a clip of ultrasound has no kinetic protocol, a picture without a sequence only one frame', async () => {
  const frames = [0, 1, 2].map((timeS) => ({ file: 'frame.png', timeS }))
  const [channel] = kineticsOf(await measured({ kind: 'ultrasound-cine', frames, baselineFrames: 2 }))
  expect(channel?.region.extremum).toEqual({ absent: 'no-kinetic-protocol' })
  const { lesions } = await measureOutlines({ image: file('frame.png'), mask: file('lesion.png') })
  expect(lesions[0]?.temporal).toEqual({ absent: 'single-frame' })
})

test('frames as pictures are read with their times', async () => {
  const { width, height } = phantom.sequence
  const frames = []
  for (const [i, grey] of [50, 51, 50, 102, 76].entries()) {
    const data = new Uint8Array(width * height).fill(grey)
    await writeFile(file(`f${i}.png`), await encodePng({ width, height, channels: 1, bitDepth: 8, data }))
    frames.push({ file: `f${i}.png`, timeS: 2 * i })
  }
  const [channel] = kineticsOf(await measured({ kind: 'thermal', frames, baselineFrames: 3 }))
  expect(channel?.region.extremum).toMatchObject({ value: expect.closeTo((102 - 151 / 3) / 255, 5), unit: '1' })
  expect(channel?.curve.timesS).toEqual([0, 2, 4, 6, 8])
})

test('16-bit pages of one file are degrees where their scale is given', async () => {
  const { width, height } = phantom.sequence
  const pages = [3000, 3001, 2999, 3150].map((centidegrees) => new Uint16Array(width * height).fill(centidegrees))
  const film = Buffer.concat(pages.map((page) => Buffer.from(page.buffer)))
  const samples = new Uint16Array(film.buffer.slice(film.byteOffset, film.byteOffset + film.length))
  const tiff = sharp(samples, { raw: { width, height: height * 4, channels: 1, pageHeight: height } })
  await writeFile(file('film.tif'), await tiff.toColourspace('grey16').tiff({ compression: 'lzw' }).toBuffer())
  const described = { kind: 'thermal', array: 'film.tif', timesS: [0, 1, 2, 5], baselineFrames: 3 }
  const [channel] = kineticsOf(await measured({ ...described, temperature: { scale: 0.01, offset: 0 } }))
  expect(channel?.curve.signal[3]).toBeCloseTo(31.5, 4)
  expect(channel?.region.extremum).toMatchObject({ value: expect.closeTo(1.5, 4), unit: 'Cel' })
  expect(await measured({ ...described, timesS: undefined })).toMatchObject({
    temporal: { absent: 'frame-times-not-given' },
  })
})

test('an optical recording that moves is told to; with a flat field it is moved back, and the course comes out', async () => {
  const moving = kineticPhantom({
    layout: 'three-led',
    captureIntervalS: INTERVAL_S,
    lesion: LESION,
    surroundings: SURROUNDINGS,
    seed: 3,
    poseAt: (timeS) => ({ x: timeS / 12, y: 0, angleRad: 0 }),
  })
  const { width, height } = moving.sequence
  await writeFile(file('moving.npy'), npy(moving.sequence))
  await writeFile(
    file('flat.npy'),
    npyOf([3, height, width], Float32Array.from(moving.lamps.flatMap((lamp) => [...lamp]))),
  )
  const given = { image: file('frame.png'), mask: file('lesion.png'), sequence: file('sequence.json') }
  const largest = Math.max(...Array.from({ length: 400 }, (_, i) => opticalDensityAt(LESION, i / 10)))
  const measuredWith = async (flatField?: string) => {
    await writeFile(file('sequence.json'), JSON.stringify({ ...OPTICAL, array: 'moving.npy', flatField }))
    const { sequence, lesions } = await measureOutlines(given)
    if (isAbsent(sequence) || isAbsent(sequence.motion)) throw new Error('no motion')
    const shifts = sequence.motion.map(({ largestShiftPx }) => largestShiftPx)
    const extrema = kineticsOf(lesions[0]!).map(({ region }) => (region.extremum as { value: number }).value)
    return {
      shifts,
      isCompensated: sequence.isCompensated,
      worst: Math.max(...extrema.map((of) => Math.abs(of - largest))),
    }
  }
  const [told, movedBack] = [await measuredWith(), await measuredWith('flat.npy')]
  expect([told.isCompensated, movedBack.isCompensated]).toEqual([false, true])
  // 36 s between the first and the last frame of an LED, a twelfth of a pixel each second
  for (const shift of [...told.shifts, ...movedBack.shifts]) expect(shift).toBeCloseTo(3, 0)
  expect(movedBack.worst).toBeLessThan(0.005)
  expect(movedBack.worst).toBeLessThan(told.worst)
})

test('without a picture it is made from the sequence, which must have times', async () => {
  await writeFile(file('sequence.json'), JSON.stringify(OPTICAL))
  const given = { mask: file('lesion.png'), sequence: file('sequence.json') }
  const made = await measureOutlines(given)
  expect(made).toMatchObject({ file: 'sequence.json', madePicture: 'baseline-mean', size: { width: 128, height: 102 } })
  const { temporal } = (await measureOutlines({ ...given, image: file('frame.png') })).lesions[0]!
  expect(made.lesions[0]!.temporal).toEqual(temporal)
  await writeFile(file('sequence.json'), JSON.stringify({ ...OPTICAL, captureIntervalS: undefined }))
  await expect(measureOutlines(given)).rejects.toMatchObject({ code: 'PICTURE_NOT_GIVEN' })
  await expect(measureOutlines({ mask: given.mask })).rejects.toMatchObject({ code: 'PICTURE_NOT_GIVEN' })
})

test('a description that is none, a missing array and a reference of another size are refused by name', async () => {
  const code = (described: object) => measured(described).then(undefined, ({ code }) => code)
  expect(await code({ ...OPTICAL, kind: 'thermal' })).toBe('SEQUENCE_INVALID')
  expect(await code({ ...OPTICAL, kind: 'radar' })).toBe('SEQUENCE_INVALID')
  expect(await code({ ...OPTICAL, frames: [] })).toBe('SEQUENCE_INVALID')
  expect(await code({ ...OPTICAL, baselineFrames: 0 })).toBe('SEQUENCE_INVALID')
  expect(await code({ ...OPTICAL, array: 'none.npy' })).toBe('FILE_UNREADABLE')
  expect(await code({ ...OPTICAL, array: 'frame.png' })).toBe('ARRAY_UNREADABLE')
  for (const named of ['../record.npy', path.join(folder, '..', 'reference.png')]) {
    expect(await code({ ...OPTICAL, array: named })).toBe('PATH_OUTSIDE_STUDY')
    expect(await code({ ...OPTICAL, reference: named })).toBe('PATH_OUTSIDE_STUDY')
    expect(await code({ kind: 'thermal', frames: [{ file: named, timeS: 0 }], baselineFrames: 1 })).toBe(
      'PATH_OUTSIDE_STUDY',
    )
  }
  const data = new Uint8Array(64 * 64).fill(1)
  await writeFile(file('small.png'), await encodeMaskPng(Mask.from(data, { width: 64, height: 64 })))
  expect(await code({ ...OPTICAL, reference: 'small.png' })).toBe('MASK_SIZE_MISMATCH')
})
