import { expect, test } from 'vitest'
import type { Channel } from '#core/sequence.ts'
import { kineticPhantom } from '#imaging/tiny-kinetics.ts'
import { kineticMaps } from './kinetic-maps.ts'

const mean = (map: Float32Array, mask: Uint8Array) => {
  const values = map.filter((_, i) => mask[i] !== 0)
  return values.reduce((sum, value) => sum + value, 0) / values.length
}

test('on a synthetic recording without noise each pixel shows the kinetics of its tissue', () => {
  const lesion = { shape: 'ramp', amplitude: 0.15, onsetS: 6, extremumS: 21, recoveryPerS: 0.01 } as const
  const surroundings = { ...lesion, amplitude: 0.06, extremumS: 18, recoveryPerS: 0.005 }
  const options = { layout: 'three-led', captureIntervalS: 0.5, lesion, surroundings, seed: 1 } as const
  const phantom = kineticPhantom({ ...options, leds: [0] })
  const maps = kineticMaps(phantom.sequence.channels[0]!, { kind: 'optical', baselineFrames: 5 })
  if ('absent' in maps) throw new Error(maps.absent)
  expect(mean(maps.extremum, phantom.lesion.data)).toBeCloseTo(0.15, 5)
  expect(mean(maps.extremum, phantom.reference.data)).toBeCloseTo(0.06, 5)
  expect(mean(maps.timeToExtremumS, phantom.lesion.data)).toBeCloseTo(15, 5)
  expect(mean(maps.timeToExtremumS, phantom.reference.data)).toBeCloseTo(12, 5)
  expect(mean(maps.slopeBefore, phantom.lesion.data)).toBeCloseTo(0.01, 5)
  expect(mean(maps.slopeBefore, phantom.reference.data)).toBeCloseTo(0.005, 5)
})

const pixels = (...columns: readonly (readonly number[])[]): Channel => ({
  label: 'only',
  timesS: Float64Array.from(columns[0]!, (_, i) => i),
  frames: columns[0]!.map((_, frame) => Float32Array.from(columns, (column) => column[frame]!)),
})

test('a pixel without light, or within its noise, is no number', () => {
  const channel = pixels([8, 8, 6, 4, 6], [0, 0, 0, 0, 0], [9, 11, 10, 9, 11])
  const maps = kineticMaps(channel, { kind: 'optical', baselineFrames: 2 })
  expect(maps).toMatchObject({
    extremum: Float32Array.of(Math.LN2, Number.NaN, Math.log(10 / 9)),
    timeToExtremumS: Float32Array.of(2, Number.NaN, Number.NaN),
  })
})

test('ultrasound clips and single frames have no maps', () => {
  const clip = pixels([1, 2, 3])
  expect(kineticMaps(clip, { kind: 'ultrasound-cine', baselineFrames: 1 })).toEqual({ absent: 'no-kinetic-protocol' })
  expect(kineticMaps(pixels([1]), { kind: 'optical', baselineFrames: 1 })).toEqual({ absent: 'single-frame' })
})
