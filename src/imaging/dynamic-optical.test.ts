import { describe, expect, test } from 'vitest'
import { flatFielded, OPTICAL_LAYOUTS, opticalSequence, timesOfCaptures } from './dynamic-optical.ts'
import { countOf } from './number-array.ts'
import { kineticPhantom } from './tiny-kinetics.ts'

describe.each(Object.entries(OPTICAL_LAYOUTS))('%s', (_, layout) => {
  const shape = [layout.height, layout.width, layout.frames, layout.leds]
  const array = { shape, data: Float64Array.from({ length: countOf(shape) }, (_, i) => i % 9973) }

  test('a sample of the array is found at its LED, frame, row and column', () => {
    const sequence = opticalSequence(array, timesOfCaptures(layout, 0.5))
    expect(sequence.channels.map(({ label }) => label)).toEqual(
      ['LED 1', 'LED 2', 'LED 3', 'LED 4', 'LED 5'].slice(0, layout.leds),
    )
    const [y, x, frame, led] = [101, 77, layout.frames - 2, layout.leds - 1]
    const at = ((y * layout.width + x) * layout.frames + frame) * layout.leds + led
    expect(sequence.channels[led]?.frames[frame]?.[y * layout.width + x]).toBe(at % 9973)
  })
  test('75 captures half a second apart, the LEDs in turn', () => {
    const times = timesOfCaptures(layout, 0.5)
    const inOrder = times.flatMap((led) => [...led]).sort((a, b) => a - b)
    expect(inOrder).toEqual(Array.from({ length: 75 }, (_, i) => i / 2))
    expect(times[0]![1]! - times[0]![0]!).toBe(layout.leds / 2)
  })
  test('it is refused without times for each LED, and with times for more of them', () => {
    const times = timesOfCaptures(layout, 0.5)
    for (const other of [[], times.slice(1), [...times, times[0]!]]) {
      expect(() => opticalSequence(array, other)).toThrow('one list for each LED')
    }
  })
})

test('an array of another shape is refused', () => {
  expect(() => opticalSequence({ shape: [128, 102, 25, 3], data: new Float64Array(979200) }, [])).toThrow(
    'neither layout',
  )
})

describe('flat fields', () => {
  const still = { shape: 'plateau', amplitude: 0, onsetS: 0, tauS: 1 } as const
  const options = { lesion: still, surroundings: still, captureIntervalS: 0.5, seed: 1, leds: [0, 4] } as const
  const { sequence, lamps } = kineticPhantom({ ...options, layout: 'five-led' })

  test('freed of their lamps, two LEDs show the same tissue', () => {
    const [first, last] = flatFielded(sequence, lamps).channels
    for (let i = 0; i < 13056; i += 101) expect(first?.frames[0]?.[i]).toBeCloseTo(last?.frames[0]?.[i] ?? 0, 5)
  })
  test('each channel needs one of its size, above 0', () => {
    expect(() => flatFielded(sequence, [lamps[0]!])).toThrow('SHAPE_MISMATCH')
    expect(() => flatFielded(sequence, [lamps[0]!, new Float32Array(3)])).toThrow('SHAPE_MISMATCH')
    expect(() => flatFielded(sequence, [lamps[0]!, new Float32Array(13056)])).toThrow('not above 0')
  })
})
