import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { isAbsent } from '#core/absent.ts'
import { SequenceKind } from '#core/sequence.ts'
import { type ContrastKinetics, contrastKinetics } from './contrast-kinetics.ts'
import type { KineticProtocol } from './curve.ts'

const SERIES: KineticProtocol = { kind: 'contrast-agent', baselineFrames: 2 }
const curve = (values: readonly number[]) => ({
  timesS: Float64Array.from(values, (_, i) => 60 * i),
  values: Float64Array.from(values),
})
const measured = (values: readonly number[], earlyFrame?: number, protocol = SERIES): ContrastKinetics =>
  contrastKinetics(curve(values), protocol, earlyFrame)

test('a wash-out: 120% at first, then down to 80%', () => {
  expect(measured([99, 101, 220, 200, 180], 2)).toEqual({
    percentEnhancement: 120,
    signalEnhancementRatio: 1.5,
    curveType: 'washout',
    initialRise: 'fast',
  })
})

test.each([
  [150, 166, 'persistent', 'medium'],
  [150, 165, 'plateau', 'medium'],
  [149, 135, 'plateau', 'slow'],
  [200, 180, 'plateau', 'medium'],
  [201, 179, 'washout', 'fast'],
])('early %i, late %i of a baseline of 100: %s, %s', (early, late, curveType, initialRise) => {
  expect(measured([100, 100, early, late], 2)).toMatchObject({ curveType, initialRise })
})

test('SER is absent where the late signal is less than three standard deviations from the baseline', () => {
  // Standard deviation of 99 and 101: 1.41, three times that 4.24.
  expect(measured([99, 101, 150, 104], 2).signalEnhancementRatio).toEqual({ absent: 'within-noise' })
  expect(measured([99, 101, 150, 96], 2).signalEnhancementRatio).toEqual({ absent: 'within-noise' })
  expect(measured([99, 101, 150, 105], 2).signalEnhancementRatio).toBe(10)
})

test('tissue that did not enhance has no type of curve', () => {
  expect(measured([99, 101, 103, 150], 2).curveType).toEqual({ absent: 'within-noise' })
})

test('scaling the signal changes nothing', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: -6, max: 6 }),
      fc.array(fc.integer({ min: 1, max: 999 }), { minLength: 4, maxLength: 9 }),
      (power, values) => {
        // Powers of two scale without rounding, so that no value crosses a border.
        expect(
          measured(
            values.map((value) => value * 2 ** power),
            2,
          ),
        ).toEqual(measured(values, 2))
      },
    ),
  )
})

describe('what cannot be measured says why', () => {
  const everything = (result: ContrastKinetics, reason: string) => {
    for (const value of Object.values(result)) expect(value).toEqual({ absent: reason })
  }
  test('protocol', () => {
    everything(measured([1, 1, 2, 3]), 'early-frame-not-given')
    everything(measured([1, 1, 2, 3], 3), 'too-few-frames')
    everything(measured([1], 0), 'single-frame')
    everything(measured([0, 0, 2, 3], 2), 'signal-not-positive')
    expect(() => measured([1, 1, 2, 3], 1)).toThrow('after the baseline')
    expect(() => measured([1, 1, 2, 3], 4)).toThrow('after the baseline')
  })
  test('tissue that did not enhance has neither rise nor curve, whichever way its signal went', () => {
    for (const after of [
      [80, 70],
      [70, 100],
      [101, 100],
    ]) {
      const flat = measured([100, 101, 99, ...after], 3, { ...SERIES, baselineFrames: 3 })
      expect([flat.curveType, flat.initialRise]).toEqual([{ absent: 'within-noise' }, { absent: 'within-noise' }])
    }
  })
  test('a baseline of one frame gives enhancement and curve, but nothing that needs the noise', () => {
    const one = measured([100, 220, 180], 1, { ...SERIES, baselineFrames: 1 })
    expect(one).toMatchObject({ percentEnhancement: 120, curveType: 'washout' })
    expect(one.signalEnhancementRatio).toEqual({ absent: 'baseline-too-short' })
  })
  test('no value of a contrast agent ever comes out of a sequence without one', () => {
    const without = SequenceKind.options.filter((kind) => kind !== 'contrast-agent')
    fc.assert(
      fc.property(
        fc.constantFrom(...without),
        fc.array(fc.double({ noNaN: true }), { minLength: 1, maxLength: 20 }),
        fc.integer({ min: 1, max: 5 }),
        fc.option(fc.integer({ min: 0, max: 20 }), { nil: undefined }),
        (kind, values, baselineFrames, earlyFrame) => {
          const result = measured(values, earlyFrame, { kind, baselineFrames })
          expect(Object.values(result).every(isAbsent)).toBe(true)
        },
      ),
    )
  })
})
