import { describe, expect, test } from 'vitest'
import { isAbsent } from '#core/absent.ts'
import type { ChangeFeatureName } from '#core/kinetic-features.ts'
import { Mask } from '#core/mask.ts'
import { type Channel, FrameSequence, type SequenceKind } from '#core/sequence.ts'
import { flatFielded, OPTICAL_LAYOUTS, type OpticalLayoutName } from '#imaging/dynamic-optical.ts'
import { compensateMotion } from '#imaging/motion.ts'
import {
  type Course,
  extremumTimeS,
  inMirror,
  type KineticPhantom,
  kineticPhantom,
  opticalDensityAt,
  type PhantomOptions,
  withPhotonNoise,
} from '#imaging/tiny-kinetics.ts'
import { correlationOf } from './curve.ts'
import { type ChannelKinetics, kinetics } from './kinetics.ts'

const ONSET_S = 7.4
const DIP = { shape: 'dip', amplitude: 0.15, onsetS: ONSET_S, fallS: 6, recoveryS: 15 } as const
const RAMP = { shape: 'ramp', amplitude: 0.15, onsetS: ONSET_S, extremumS: 20.3, recoveryPerS: 0.006 } as const
const PLATEAU = { shape: 'plateau', amplitude: 0.15, onsetS: ONSET_S, tauS: 6 } as const
const SURROUNDINGS: Course = { shape: 'plateau', amplitude: 0.05, onsetS: ONSET_S, tauS: 10 }

const SEEDS = Array.from({ length: 100 }, (_, seed) => seed)
const median = (values: readonly number[]) => [...values].sort((a, b) => a - b)[values.length >> 1]!
const number = (value: unknown): number => {
  if (typeof value !== 'number') throw new Error(JSON.stringify(value))
  return value
}
const relativeError = (value: unknown, truth: number) => Math.abs(number(value) / truth - 1)

function phantom(lesion: Course, layout: OpticalLayoutName, over: Partial<PhantomOptions> = {}): KineticPhantom {
  return kineticPhantom({ layout, lesion, surroundings: SURROUNDINGS, captureIntervalS: 0.5, seed: 1, ...over })
}

/** What lies before the onset. */
const baselineOf = ({ timesS }: Channel) => timesS.filter((time) => time <= ONSET_S).length

describe.each(Object.keys(OPTICAL_LAYOUTS) as OpticalLayoutName[])(
  'synthetic recordings, %s, SNR 20 per pixel, 100 seeds',
  (layout) => {
    const { leds } = OPTICAL_LAYOUTS[layout]
    /** Of the middle LED: the features for each seed, and the time of the last baseline frame. */
    const measured = (course: Course) => {
      const { sequence, lesion: region } = phantom(course, layout, { leds: [leds >> 1] })
      const channel = sequence.channels[0]!
      const baselineFrames = baselineOf(channel)
      const features = SEEDS.map((seed) => {
        const noisy = withPhotonNoise(sequence, 20, seed)
        return kinetics({ sequence: noisy, region, baselineFrames })[0]!.region
      })
      return { features, baselineEndS: channel.timesS[baselineFrames - 1]! }
    }
    /** How many frames the extremum is away from its time. */
    const late = (course: typeof RAMP | typeof DIP, { features, baselineEndS }: ReturnType<typeof measured>) =>
      features.map(({ timeToExtremumS }) => {
        const missedS = number(timeToExtremumS) + baselineEndS - extremumTimeS(course)
        return Math.abs(missedS) / (0.5 * leds)
      })

    test('a ramp: extremum within one frame and 5%, both slopes within 5% of the exact ones', () => {
      const ramp = measured(RAMP)
      const error = (name: ChangeFeatureName, truth: number) =>
        median(ramp.features.map((features) => relativeError(features[name], truth)))
      expect(median(late(RAMP, ramp))).toBeLessThan(1)
      expect(error('extremum', RAMP.amplitude)).toBeLessThan(0.05)
      expect(error('slopeBefore', RAMP.amplitude / (RAMP.extremumS - RAMP.onsetS))).toBeLessThan(0.05)
      expect(error('slopeAfter', -RAMP.recoveryPerS)).toBeLessThan(0.05)
    })
    test('a dip: extremum within one frame and 5%', () => {
      const dip = measured(DIP)
      const frames = late(DIP, dip)
      expect(median(frames)).toBeLessThan(1)
      // Its bottom is flat: a quarter of the seeds may miss it by more than a frame.
      expect(frames.filter((missed) => missed <= 1).length).toBeGreaterThan(75)
      expect(median(dip.features.map(({ extremum }) => relativeError(extremum, DIP.amplitude)))).toBeLessThan(0.05)
    })
  },
)

describe('synthetic recordings without noise', () => {
  test.each([RAMP, DIP, PLATEAU])('region and reference follow the courses of their tissue: $shape', (course) => {
    const { sequence, lesion: region, reference } = phantom(course, 'three-led')
    const largest = (values: Float64Array) => values.reduce((most, v) => (Math.abs(v) > Math.abs(most) ? v : most))
    for (const [led, channel] of sequence.channels.entries()) {
      const own = channel.timesS.map((time) => opticalDensityAt(course, time))
      const around = channel.timesS.map((time) => opticalDensityAt(SURROUNDINGS, time))
      const of = kinetics({ sequence, region, reference, baselineFrames: baselineOf(channel) })[led]!
      const truth = correlationOf({ ...channel, values: own }, { ...channel, values: around })
      expect(of.changeUnit).toBe('1')
      expect(of.region.extremum).toBeCloseTo(largest(own), 6)
      expect(of.lessReference.extremum).toBeCloseTo(largest(own.map((value, i) => value - around[i]!)), 6)
      expect(of.referenceCorrelation).toBeCloseTo(number(truth), 6)
    }
  })
  test('a breast that moves: flat field and compensation bring the curve back to 0.005 in optical density', () => {
    const poseAt = (timeS: number) => ({ x: 6 * Math.sin(timeS / 8), y: 4 * (timeS / 37), angleRad: 0 })
    const { sequence, lamps, lesion } = phantom(RAMP, 'five-led', { poseAt, leds: [0, 2] })
    const compensated = compensateMotion(flatFielded(sequence, lamps))
    if (isAbsent(compensated)) throw new Error(compensated.absent)
    const worst = (of: FrameSequence) =>
      kinetics({ sequence: of, region: lesion, baselineFrames: 1 }).map(({ curve: { timesS, values } }) => {
        const error = (time: number, i: number) =>
          Math.abs(-Math.log(values[i]! / values[0]!) - opticalDensityAt(RAMP, time))
        return Math.max(...timesS.map(error))
      })
    for (const error of worst(compensated.sequence)) expect(error).toBeLessThan(0.005)
    for (const error of worst(sequence)) expect(error).toBeGreaterThan(0.01)
  })
})

describe('two breasts, the other one without the lesion', () => {
  /** All in one rhythm, so that the difference is a ramp, too: that which the tolerances of one region are stated for. */
  const AROUND = { ...RAMP, amplitude: 0.05, recoveryPerS: 0.002 } as const
  const LESION = { ...RAMP, amplitude: 0.2, recoveryPerS: 0.008 } as const
  const pair = (layout: OpticalLayoutName, led: number) => {
    const given = { surroundings: AROUND, isOutlined: true, leds: [led] }
    const own = phantom(LESION, layout, given)
    const other = inMirror(phantom(AROUND, layout, { ...given, seed: 2 }))
    return { own, other, mirrored: inMirror(own).lesion, baselineFrames: baselineOf(own.sequence.channels[0]!) }
  }

  test.each(Object.keys(OPTICAL_LAYOUTS) as OpticalLayoutName[])(
    'SNR 20, 100 seeds, %s: the difference has its extremum within one frame and 5%, its slopes within 5%',
    (layout) => {
      const { leds } = OPTICAL_LAYOUTS[layout]
      const { own, other, mirrored, baselineFrames } = pair(layout, leds >> 1)
      const baselineEndS = own.sequence.channels[0]!.timesS[baselineFrames - 1]!
      const measured = SEEDS.map((seed) => {
        const contralateral = {
          sequence: withPhotonNoise(other.sequence, 20, 1000 + seed),
          region: mirrored,
          baselineFrames,
        }
        const sequence = withPhotonNoise(own.sequence, 20, seed)
        return kinetics({ sequence, region: own.lesion, baselineFrames, contralateral })[0]!
      })
      const error = (name: ChangeFeatureName, truth: number) =>
        median(measured.map(({ lessContralateral: of }) => relativeError(of[name], truth)))
      const late = measured.map(({ lessContralateral: { timeToExtremumS } }) =>
        Math.abs(number(timeToExtremumS) + baselineEndS - RAMP.extremumS),
      )
      expect(median(late)).toBeLessThan(0.5 * leds)
      expect(error('extremum', RAMP.amplitude)).toBeLessThan(0.05)
      expect(error('slopeBefore', RAMP.amplitude / (RAMP.extremumS - ONSET_S))).toBeLessThan(0.05)
      expect(error('slopeAfter', -RAMP.recoveryPerS)).toBeLessThan(0.05)
      const missed = measured.flatMap(({ contralateralChange: of }) => {
        if (isAbsent(of)) throw new Error(of.absent)
        return [...of.values].map((value, i) => value - opticalDensityAt(AROUND, of.timesS[i]!))
      })
      expect(Math.sqrt(missed.reduce((sum, value) => sum + value ** 2, 0) / missed.length)).toBeLessThan(0.005)
    },
  )
  test('without noise the mirrored place follows the course of its tissue, and so does the difference', () => {
    const { own, other, mirrored, baselineFrames } = pair('three-led', 1)
    const [of] = kinetics({
      ...{ sequence: own.sequence, region: own.lesion, baselineFrames },
      contralateral: { sequence: other.sequence, region: mirrored, baselineFrames },
    })
    const change = of!.contralateralChange
    if (isAbsent(change)) throw new Error(change.absent)
    for (const [i, time] of change.timesS.entries())
      expect(change.values[i]).toBeCloseTo(opticalDensityAt(AROUND, time), 6)
    const known = change.timesS.map((time) => opticalDensityAt(RAMP, time))
    expect(of!.lessContralateral.extremum).toBeCloseTo(Math.max(...known), 6)
    // the courses are one and the same but for their height
    expect(of!.contralateralCorrelation).toBeCloseTo(1, 6)
  })
  test('another kind or unit of sequence, another lamp, or none at all: the reason stands in place of every value', () => {
    const { own, other, mirrored, baselineFrames } = pair('three-led', 1)
    const against = (contralateral: Parameters<typeof kinetics>[0]['contralateral']) => {
      const of = kinetics({ sequence: own.sequence, region: own.lesion, baselineFrames, contralateral })[0]!
      const values = [...Object.values(of.lessContralateral), of.contralateralCorrelation, of.contralateralCurve]
      return [...new Set(values.map((value) => (isAbsent(value) ? value.absent : 'there')))]
    }
    const as = (over: Partial<FrameSequence>) =>
      against({
        ...{ region: mirrored, baselineFrames },
        sequence: FrameSequence.from({ ...other.sequence, ...over }, other.sequence),
      })
    expect(against(undefined)).toEqual(['no-mirrored-view'])
    expect(against({ absent: 'breasts-not-alike' })).toEqual(['breasts-not-alike'])
    expect(as({ kind: 'thermal' })).toEqual(['no-mirrored-sequence'])
    expect(as({ channels: [{ ...other.sequence.channels[0]!, label: 'LED 9' }] })).toEqual(['no-mirrored-sequence'])
    const slow = {
      ...other.sequence.channels[0]!,
      timesS: other.sequence.channels[0]!.timesS.map((time) => 1.3 * time),
    }
    expect(as({ channels: [slow] })).toEqual(['frame-times-differ', 'there'])
  })
})

describe('every value or the reason why there is none', () => {
  const size = { width: 2, height: 1 }
  const region = Mask.from(Uint8Array.of(1, 0), size)
  const reference = Mask.from(Uint8Array.of(0, 1), size)
  const sequence = (kind: SequenceKind, signals: readonly number[]) => {
    const frames = signals.map((signal) => Float32Array.of(signal, 2 * signal))
    const channel = { label: 'only', timesS: Float64Array.from(signals, (_, i) => 60 * i), frames }
    return FrameSequence.from({ kind, signalUnit: '1', channels: [channel] }, size)
  }
  const only = (kind: SequenceKind, signals: readonly number[], over = {}) =>
    kinetics({ sequence: sequence(kind, signals), region, reference, baselineFrames: 2, earlyFrame: 2, ...over })[0]!
  const reasons = ({ region: own, lessReference, referenceCorrelation, contrast }: ChannelKinetics) =>
    new Set(
      [...Object.values(own), ...Object.values(lessReference), referenceCorrelation, ...Object.values(contrast)].map(
        (value) => JSON.stringify(value),
      ),
    )

  test('of a clip of ultrasound everything is absent: no-kinetic-protocol', () => {
    const clip = only('ultrasound-cine', [10, 11, 20, 15])
    expect([...reasons(clip)]).toEqual(['{"absent":"no-kinetic-protocol"}'])
    expect(clip.changeUnit).toEqual({ absent: 'no-kinetic-protocol' })
  })
  test.each(['optical', 'thermal', 'contrast-agent'] as const)(
    'of one frame everything is absent: single-frame (%s)',
    (kind) => {
      expect([...reasons(only(kind, [10], { baselineFrames: 1, earlyFrame: 0 }))]).toEqual([
        '{"absent":"single-frame"}',
      ])
    },
  )
  test.each(['optical', 'thermal'] as const)('of a %s sequence no value of a contrast agent comes out', (kind) => {
    for (const value of Object.values(only(kind, [10, 11, 20, 15, 12]).contrast)) {
      expect(value).toEqual({ absent: 'no-contrast-agent' })
    }
  })
  test('a mirrored place is held to the baseline of its own recording, which may be the longer one', () => {
    const contralateral = { sequence: sequence('thermal', [28, 30, 29, 31, 32]), region, baselineFrames: 3 }
    const {
      contralateralCurve: curve,
      contralateralChange: of,
      lessContralateral,
    } = only('thermal', [30, 30, 31, 36], { contralateral })
    if (isAbsent(curve) || isAbsent(of)) throw new Error('absent')
    expect([...curve.timesS]).toEqual([-60, 0, 60, 120, 180])
    expect([...of.values]).toEqual([-1, 1, 0, 2, 3])
    // 6 of the region less 3 of its mirrored place
    expect(lessContralateral.extremum).toBe(3)
  })
  test('degrees of one breast are not held against the grey of the other', () => {
    const inDegrees = FrameSequence.from({ ...sequence('thermal', [30, 30, 31, 36]), signalUnit: 'Cel' }, size)
    const against = (unit: 'Cel' | '1') =>
      only('thermal', [30, 30, 31, 36], {
        sequence: inDegrees,
        contralateral: {
          sequence: FrameSequence.from({ ...inDegrees, signalUnit: unit }, size),
          ...{ region: reference, baselineFrames: 2 },
        },
      }).contralateralChange
    expect(isAbsent(against('Cel'))).toBe(false)
    expect(against('1')).toEqual({ absent: 'no-mirrored-sequence' })
  })
  test('a contrast series has all of them', () => {
    const series = only('contrast-agent', [99, 101, 220, 200, 180])
    expect(Object.values(series.contrast).some(isAbsent)).toBe(false)
    expect(series.changeUnit).toBe('%')
    expect(series.region.extremum).toBeCloseTo(120, 10)
  })
  test('without a reference region what needs one is absent', () => {
    const alone = only('optical', [10, 10.1, 6, 7, 8], { reference: undefined })
    expect(alone.region.extremum).toBeGreaterThan(0)
    const expected = { absent: 'no-reference-region' }
    expect(alone).toMatchObject({ referenceCurve: expected, referenceCorrelation: expected })
    expect(alone.lessReference.extremum).toEqual(expected)
  })
})
