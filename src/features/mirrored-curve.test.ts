import { describe, expect, test } from 'vitest'
import { type Absent, absent, isAbsent } from '#core/absent.ts'
import { FrameSequence, type SequenceContent } from '#core/sequence.ts'
import type { Change } from './curve.ts'
import { isSameKind, matched, onClockOf } from './mirrored-curve.ts'

const change = (timesS: readonly number[], values: readonly number[] = timesS, baselineFrames = 2): Change => ({
  timesS: Float64Array.from(timesS),
  values: Float64Array.from(values),
  baselineFrames,
})
const times = (of: Change | Absent) => (isAbsent(of) ? of : [...of.timesS])

test('recordings are compared in one kind and one unit: degrees are not grey', () => {
  const recorded = (over: Partial<SequenceContent>) =>
    FrameSequence.from(
      {
        ...{ kind: 'thermal', signalUnit: 'Cel' },
        channels: [{ label: 'only', timesS: Float64Array.of(0), frames: [Float32Array.of(30)] }],
        ...over,
      },
      { width: 1, height: 1 },
    )
  expect(isSameKind(recorded({}), recorded({}))).toBe(true)
  expect(isSameKind(recorded({}), recorded({ signalUnit: '1' }))).toBe(false)
  expect(isSameKind(recorded({ signalUnit: '1' }), recorded({ kind: 'optical', signalUnit: '1' }))).toBe(false)
})

describe('the clock of another recording', () => {
  const other = { timesS: Float64Array.of(100, 101, 102, 103), values: Float64Array.of(30, 30, 31, 33) }

  test('is set so that the last baseline frames meet', () => {
    const { curve, change: moved } = onClockOf(Float64Array.of(0, 1, 2, 3), 2, other, {
      kind: 'thermal',
      baselineFrames: 3,
    })
    if (isAbsent(curve) || isAbsent(moved)) throw new Error('absent')
    expect([...curve.timesS]).toEqual([-1, 0, 1, 2])
    expect(moved.timesS).toEqual(curve.timesS)
    expect(moved.values[3]).toBeCloseTo(33 - 91 / 3, 12)
  })
  test('does not matter: a delay of the whole recording leaves the curve where it is', () => {
    const protocol = { kind: 'thermal', baselineFrames: 2 } as const
    const delayed = { ...other, timesS: other.timesS.map((time) => time + 1024) }
    const own = Float64Array.of(0, 1, 2, 3)
    expect(onClockOf(own, 2, delayed, protocol)).toEqual(onClockOf(own, 2, other, protocol))
  })
  test('a recording that ends with its baseline has a curve and no change', () => {
    const { curve, change: none } = onClockOf(Float64Array.of(0, 1, 2), 2, other, {
      kind: 'thermal',
      baselineFrames: 5,
    })
    expect(isAbsent(curve)).toBe(false)
    expect(none).toEqual(absent('too-few-frames'))
  })
})

describe('the frames of one time', () => {
  test('are all of them where both have the same times', () => {
    const own = change([0, 1, 2, 3], [0, 0, 5, 4])
    const { own: a, mirrored: b } = matched(own, change([0, 1, 2, 3], [0, 0, 1, 2]))
    expect(a).toEqual(own)
    expect(b).toMatchObject({ values: Float64Array.of(0, 0, 1, 2) })
  })
  test('are those of the span that both cover; a longer baseline or a longer recording does not count', () => {
    const { own: a, mirrored: b } = matched(
      change([-1, 0, 1, 2, 3], undefined, 2),
      change([0, 1, 2, 3, 4], undefined, 1),
    )
    expect([times(a), times(b)]).toEqual([
      [0, 1, 2, 3],
      [0, 1, 2, 3],
    ])
    expect(a).toMatchObject({ baselineFrames: 1 })
  })
  test('may differ by the jitter of a camera and not by more', () => {
    const own = change([0, 1, 2, 3])
    expect(times(matched(own, change([0, 1.04, 1.96, 3.05])).mirrored)).toEqual([0, 1, 2, 3])
    for (const apart of [0.11, 0.15, 0.2]) {
      expect(matched(own, change([0, 1, 2 + apart, 3])).mirrored).toEqual(absent('frame-times-differ'))
    }
    expect(matched(own, change([0, 1.09, 2, 3])).own).toEqual(own)
  })
  test('nothing is made up between frames: another rate, or a frame left out, is refused', () => {
    expect(matched(change([0, 1, 2, 3]), change([0, 2, 4])).mirrored).toEqual(absent('frame-times-differ'))
    expect(matched(change([0, 1, 2, 3, 4]), change([0, 1, 3, 4])).mirrored).toEqual(absent('frame-times-differ'))
  })
  test('without a common frame after the baseline there is nothing to compare', () => {
    expect(matched(change([0, 1, 2, 3], undefined, 2), change([-1, 0, 1], undefined, 2)).mirrored).toEqual(
      absent('too-few-frames'),
    )
  })
  test('an absent change stays absent', () => {
    const none = absent('signal-not-positive')
    expect(matched(none, change([0, 1]))).toMatchObject({ own: none })
    expect(matched(change([0, 1]), none)).toMatchObject({ mirrored: none })
  })
})
