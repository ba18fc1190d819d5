import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { CHANGE_FEATURE_NAMES } from '#core/kinetic-features.ts'
import { measureChange } from './change.ts'
import { type Change, changeOf } from './curve.ts'

const change = (values: readonly number[], baselineFrames = 2, intervalS = 1): Change => ({
  timesS: Float64Array.from(values, (_, i) => intervalS * i),
  values: Float64Array.from(values),
  baselineFrames,
})

test('a triangle has its corner, the slopes of its sides and its area', () => {
  expect(measureChange(change([0, 0, 1, 2, 3, 4, 3, 2], 2, 0.5))).toEqual({
    extremum: 4,
    timeToExtremumS: 2,
    slopeBefore: 2,
    slopeAfter: -2,
    areaUnderCurve: expect.closeTo(0.5 * (0.5 + 1.5 + 2.5 + 3.5 + 3.5 + 2.5), 12),
  })
})

test('between frames the time is that of the vertex of a parabola, also where frames are unevenly apart', () => {
  const timesS = Float64Array.of(0, 1, 2, 4, 5, 7)
  const values = timesS.map((time) => (time <= 1 ? 0 : 9 - (time - 4.3) ** 2))
  expect(measureChange({ timesS, values, baselineFrames: 2 }).timeToExtremumS).toBeCloseTo(4.3 - 1, 10)
})

test('a fall has a negative extremum; turning the change over turns all signs but that of time', () => {
  const values = [0.1, -0.1, 1, 2.5, 3, 2, 1.5]
  const [up, down] = [measureChange(change(values)), measureChange(change(values.map((value) => -value)))]
  expect(down.timeToExtremumS).toBe(up.timeToExtremumS)
  for (const name of ['extremum', 'slopeBefore', 'slopeAfter', 'areaUnderCurve'] as const) {
    expect(down[name]).toBeCloseTo(-(up[name] as number), 12)
  }
})

describe('laws', () => {
  const values = fc.array(fc.double({ min: -10, max: 10, noNaN: true }), { minLength: 4, maxLength: 25 })
  const factor = fc.double({ min: 0.1, max: 10, noNaN: true })
  const near = (value: unknown, expected: unknown, times = 1) =>
    typeof expected === 'number' ? expect(value).toBeCloseTo(times * expected, 6) : expect(value).toEqual(expected)

  test('frames twice as far apart: the same extremum at twice the time, half the slopes, twice the area', () => {
    fc.assert(
      fc.property(values, factor, (drawn, k) => {
        const [once, stretched] = [measureChange(change(drawn)), measureChange(change(drawn, 2, k))]
        near(stretched.extremum, once.extremum)
        near(stretched.timeToExtremumS, once.timeToExtremumS, k)
        near(stretched.slopeBefore, once.slopeBefore, 1 / k)
        near(stretched.slopeAfter, once.slopeAfter, 1 / k)
        near(stretched.areaUnderCurve, once.areaUnderCurve, k)
      }),
    )
  })
  test('a clock that started earlier changes nothing', () => {
    fc.assert(
      fc.property(values, (drawn) => {
        const late = change(drawn)
        const [once, shifted] = [
          measureChange(late),
          measureChange({ ...late, timesS: late.timesS.map((t) => t + 64) }),
        ]
        for (const name of CHANGE_FEATURE_NAMES) near(shifted[name], once[name])
      }),
    )
  })
  test('backwards in time the extremum after the baseline is the same', () => {
    fc.assert(
      fc.property(values, (drawn) => {
        const backwards = [...drawn.slice(0, 2), ...drawn.slice(2).reverse()]
        const [there, back] = [measureChange(change(drawn)), measureChange(change(backwards))]
        expect(Math.abs(back.extremum as number)).toBe(Math.abs(there.extremum as number))
      }),
    )
  })
})

describe('what cannot be measured says why', () => {
  test('a curve that stays in its noise has an extremum but no time and no slopes', () => {
    const within = { absent: 'within-noise' }
    expect(measureChange(change([-1, 1, 2, -1, 1]))).toMatchObject({
      extremum: 2,
      timeToExtremumS: within,
      slopeBefore: within,
      slopeAfter: within,
    })
    expect(measureChange(change([0, 0, 0, 0])).timeToExtremumS).toEqual(within)
  })
  test('what rounding makes of a constant signal is no event', () => {
    const curve = { timesS: Float64Array.of(0, 1, 2, 3, 4, 5), values: new Float64Array(6).fill(0.1) }
    for (const kind of ['optical', 'thermal', 'contrast-agent'] as const) {
      const { timeToExtremumS } = measureChange(changeOf(curve, { kind, baselineFrames: 3 }))
      expect(timeToExtremumS).toEqual({ absent: 'within-noise' })
    }
  })
  test('a baseline of one frame tells no noise', () => {
    expect(measureChange(change([0, 1, 5, 4], 1)).slopeAfter).toEqual({ absent: 'baseline-too-short' })
  })
  test('a curve that is still on its way has no slope after', () => {
    expect(measureChange(change([0, 0, 1, 2, 3])).slopeAfter).toEqual({ absent: 'extremum-at-end' })
  })
  test('a step within one frame has no slope before', () => {
    expect(measureChange(change([0, 0, 5, 4, 3])).slopeBefore).toEqual({ absent: 'too-few-frames' })
  })
  test('the reason of an absent change is that of every feature', () => {
    const features = measureChange({ absent: 'single-frame' })
    for (const name of CHANGE_FEATURE_NAMES) expect(features[name]).toEqual({ absent: 'single-frame' })
  })
})
