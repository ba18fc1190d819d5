import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { isAbsent } from '#core/absent.ts'
import { Mask } from '#core/mask.ts'
import { FrameSequence, type SequenceKind } from '#core/sequence.ts'
import { baselineNoise, type Change, type Curve, changeOf, correlationOf, curveOf, lessReference } from './curve.ts'

const curve = (values: readonly number[]): Curve => ({
  timesS: Float64Array.from(values, (_, i) => 1.5 * i),
  values: Float64Array.from(values),
})
function change(values: readonly number[], kind: SequenceKind = 'optical', baselineFrames = 2): Change {
  const result = changeOf(curve(values), { kind, baselineFrames })
  if (isAbsent(result)) throw new Error(result.absent)
  return result
}
const signal = fc.array(fc.double({ min: 0.5, max: 100, noNaN: true }), { minLength: 3, maxLength: 25 })

describe('the mean of a region', () => {
  const frames = [Float32Array.of(1, 2, 3, 4), Float32Array.of(5, 6, 7, 10)]
  const channel = { label: 'one', timesS: Float64Array.of(0, 1), frames }
  const size = { width: 2, height: 2 }
  const sequence = FrameSequence.from({ kind: 'thermal', signalUnit: 'Cel', channels: [channel] }, size)

  test('is taken frame by frame over its pixels', () => {
    const region = Mask.from(Uint8Array.of(0, 1, 0, 1), size)
    expect([...curveOf(channel, sequence, region).values]).toEqual([3, 8])
  })
  test('needs a region of the same size with at least one pixel', () => {
    expect(() => curveOf(channel, sequence, Mask.empty(size))).toThrow('MASK_EMPTY')
    expect(() => curveOf(channel, sequence, Mask.empty({ width: 4, height: 1 }))).toThrow('MASK_SIZE_MISMATCH')
  })
})

describe('change against the baseline', () => {
  test('optical density rises by ln 2 where the light is halved', () => {
    expect([...change([10, 10, 5]).values]).toEqual([0, 0, Math.LN2].map((value) => expect.closeTo(value, 12)))
  })
  test('enhancement is in percent, temperature in degrees', () => {
    expect([...change([100, 100, 250], 'contrast-agent').values]).toEqual([0, 0, 150])
    expect([...change([33, 35, 31], 'thermal').values]).toEqual([-1, 1, -3])
  })
  test('scaling the signal leaves optical density and enhancement as they are', () => {
    fc.assert(
      fc.property(signal, fc.double({ min: 0.01, max: 100, noNaN: true }), (values, factor) => {
        for (const kind of ['optical', 'contrast-agent'] as const) {
          const scaled = change(
            values.map((value) => factor * value),
            kind,
          )
          for (const [i, value] of change(values, kind).values.entries()) expect(scaled.values[i]).toBeCloseTo(value, 8)
        }
      }),
    )
  })
  test('a constant offset leaves a difference of temperatures as it is', () => {
    fc.assert(
      fc.property(signal, fc.double({ min: -50, max: 50, noNaN: true }), (values, offset) => {
        const moved = change(
          values.map((value) => value + offset),
          'thermal',
        )
        for (const [i, value] of change(values, 'thermal').values.entries())
          expect(moved.values[i]).toBeCloseTo(value, 8)
      }),
    )
  })
  test.each<[string, readonly number[], SequenceKind, number]>([
    ['no-kinetic-protocol', [1, 2, 3], 'ultrasound-cine', 1],
    ['single-frame', [1], 'optical', 1],
    ['too-few-frames', [1, 2], 'thermal', 2],
    ['signal-not-positive', [1, 1, 0], 'optical', 2],
    ['signal-not-positive', [0, 0, 3], 'contrast-agent', 2],
  ])('%s: %j, %s, baseline of %i', (absent, values, kind, baselineFrames) => {
    expect(changeOf(curve(values), { kind, baselineFrames })).toEqual({ absent })
  })
  test('a baseline of no or half a frame breaks the contract', () => {
    for (const baselineFrames of [0, 1.5]) {
      expect(() => changeOf(curve([1, 2]), { kind: 'optical', baselineFrames })).toThrow('at least one frame')
    }
  })
})

describe('two curves', () => {
  test('less its reference, the change is that of the quotient of the normalised signals', () => {
    const [lesion, reference] = [
      [8, 8, 4, 5],
      [20, 20, 15, 10],
    ]
    const quotients = lesion.map((value, i) => value / 8 / (reference[i]! / 20))
    const less = lessReference(change(lesion), change(reference)) as Change
    for (const [i, value] of change(quotients).values.entries()) expect(less.values[i]).toBeCloseTo(value, 12)
  })
  test('swapping region and reference turns the sign', () => {
    fc.assert(
      fc.property(signal, (values) => {
        const [a, b] = [change(values), change(values.toReversed())]
        const [there, back] = [lessReference(a, b) as Change, lessReference(b, a) as Change]
        for (const [i, value] of there.values.entries()) expect(back.values[i]).toBeCloseTo(-value, 12)
      }),
    )
  })
  test('correlation is 1 with itself, -1 with its mirror image, and the same both ways and backwards in time', () => {
    const [a, b] = [curve([1, 4, 2, 8]), curve([3, 1, 4, 1])]
    const reversed = ({ values }: Curve) => curve([...values].reverse())
    expect(correlationOf(a, a)).toBeCloseTo(1, 12)
    expect(correlationOf(a, curve([-1, -4, -2, -8]))).toBeCloseTo(-1, 12)
    expect(correlationOf(b, a)).toBe(correlationOf(a, b))
    expect(correlationOf(reversed(a), reversed(b))).toBeCloseTo(correlationOf(a, b) as number, 12)
  })
  test('correlation needs three frames and something that varies', () => {
    expect(correlationOf(curve([1, 2]), curve([1, 2]))).toEqual({ absent: 'too-few-frames' })
    expect(correlationOf(curve([1, 2, 3]), curve([2, 2, 2]))).toEqual({ absent: 'no-variation' })
  })
  test('curves of other times are not compared', () => {
    const late = { ...curve([1, 2, 3]), timesS: Float64Array.of(0, 1, 2) }
    expect(() => correlationOf(curve([1, 2, 3]), late)).toThrow('differ=times')
  })
})

test('noise is the standard deviation of the baseline, and unknown from one frame', () => {
  expect(baselineNoise(Float64Array.of(1, 3, 100), 2)).toBeCloseTo(Math.SQRT2, 12)
  expect(baselineNoise(Float64Array.of(1, 3, 100), 1)).toEqual({ absent: 'baseline-too-short' })
})
