import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { isAbsent } from '#core/absent.ts'
import { Mask } from '#core/mask.ts'
import type { FrameSequence } from '#core/sequence.ts'
import { encodeMaskPng, encodePng } from '#imaging/encode.ts'
import { type Course, kineticPhantom, opticalDensityAt } from '#imaging/tiny-kinetics.ts'
import { type MeasuredLesion, measureOutlines } from './measure.ts'
import type { MeasuredKinetics } from './measure-kinetics.ts'

const LESION: Course = { shape: 'ramp', amplitude: 0.15, onsetS: 4, extremumS: 22, recoveryPerS: 0.004 }
const SURROUNDINGS: Course = { shape: 'plateau', amplitude: 0.03, onsetS: 4, tauS: 6 }
const INTERVAL_S = 0.5
const BASELINE = 3

let folder = ''
const file = (name: string) => path.join(folder, name)

/** A synthetic recording as NumPy would save it, [height, width, frames, LEDs]. */
function npy({ channels, width, height }: FrameSequence): Uint8Array {
  const [frames, leds] = [channels[0]!.frames.length, channels.length]
  const text = `{'descr': '<f4', 'fortran_order': False, 'shape': (${height}, ${width}, ${frames}, ${leds}), }`
  const header = new TextEncoder().encode(`${text.padEnd(117)}\n`)
  const numbers = new Float32Array(width * height * frames * leds)
  channels.forEach((channel, led) => {
    channel.frames.forEach((frame, t) => {
      frame.forEach((value, i) => {
        numbers[(i * frames + t) * leds + led] = value
      })
    })
  })
  const magic = Uint8Array.of(0x93, ...new TextEncoder().encode('NUMPY'), 1, 0, header.length, 0)
  return Buffer.concat([magic, header, new Uint8Array(numbers.buffer)])
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

function kineticsOf({ temporal }: MeasuredLesion): readonly MeasuredKinetics[] {
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

test('a description that is none, a missing array and a reference of another size are refused by name', async () => {
  const code = (described: object) => measured(described).then(undefined, ({ code }) => code)
  expect(await code({ ...OPTICAL, kind: 'thermal' })).toBe('SEQUENCE_INVALID')
  expect(await code({ ...OPTICAL, kind: 'radar' })).toBe('SEQUENCE_INVALID')
  expect(await code({ ...OPTICAL, frames: [] })).toBe('SEQUENCE_INVALID')
  expect(await code({ ...OPTICAL, baselineFrames: 0 })).toBe('SEQUENCE_INVALID')
  expect(await code({ ...OPTICAL, array: 'none.npy' })).toBe('FILE_UNREADABLE')
  expect(await code({ ...OPTICAL, array: 'frame.png' })).toBe('ARRAY_UNREADABLE')
  const data = new Uint8Array(64 * 64).fill(1)
  await writeFile(file('small.png'), await encodeMaskPng(Mask.from(data, { width: 64, height: 64 })))
  expect(await code({ ...OPTICAL, reference: 'small.png' })).toBe('MASK_SIZE_MISMATCH')
})
