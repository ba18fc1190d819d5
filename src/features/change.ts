import { type Absent, absent, isAbsent } from '#core/absent.ts'
import { CHANGE_FEATURE_NAMES, type ChangeFeatureName } from '#core/kinetic-features.ts'
import { baselineNoise, type Change } from './curve.ts'

export type ChangeFeatures = Readonly<Record<ChangeFeatureName, number | Absent>>

/** An extremum of less than so many standard deviations of the baseline is no event: it has no time and no slopes. */
export const LEAST_SIGNAL_TO_NOISE = 3
/** What rounding makes of a signal that does not change: not an event. */
const ROUNDING = 1e-9
/** Where the way to the extremum ends: when a curve that flattens gets over its last fifth is up to the noise. */
const REACHED = 0.8

/** Every declared feature of a change, in the units of its declaration; all absent for the reason the change is. */
export function measureChange(change: Change | Absent): ChangeFeatures {
  const measured = CHANGE_FEATURE_NAMES.map((name) => [name, isAbsent(change) ? change : MEASURES[name](change)])
  return Object.fromEntries(measured) as ChangeFeatures
}

const MEASURES = {
  extremum: (change) => change.values[extremumFrame(change)]!,
  timeToExtremumS: (change) =>
    ofEvent(change, (at) => vertexTimeS(change, at) - change.timesS[change.baselineFrames - 1]!),
  slopeBefore: (change) =>
    ofEvent(change, (at) => {
      const enough = REACHED * Math.abs(change.values[at]!)
      const sign = Math.sign(change.values[at]!)
      const reached = change.values.findIndex((value, i) => i >= change.baselineFrames && sign * value >= enough)
      return slope(change, change.baselineFrames, reached)
    }),
  slopeAfter: (change) =>
    ofEvent(change, (at) => {
      const last = change.values.length - 1
      return at === last ? absent('extremum-at-end') : slope(change, at, last)
    }),
  areaUnderCurve: areaUnderCurve,
} as const satisfies Record<ChangeFeatureName, (change: Change) => number | Absent>

/** The frame after the baseline whose value is farthest from 0; the first of several. */
function extremumFrame({ values, baselineFrames }: Change): number {
  let best = baselineFrames
  for (let i = best + 1; i < values.length; i++) if (Math.abs(values[i]!) > Math.abs(values[best]!)) best = i
  return best
}

/**
 * Time of the vertex of the parabola through the extremum and the frames beside it; of the frame itself where it is the
 * last. On synthetic recordings of SNR 20 its root mean square error is 17 to 39% less than that of the frame.
 */
function vertexTimeS({ timesS, values }: Change, at: number): number {
  if (at === values.length - 1) return timesS[at]!
  const [before, after] = [timesS[at - 1]! - timesS[at]!, timesS[at + 1]! - timesS[at]!]
  const sign = Math.sign(values[at]!)
  const [rise, fall] = [sign * (values[at - 1]! - values[at]!), sign * (values[at + 1]! - values[at]!)]
  const curvature = rise * after - fall * before
  // A frame of a noisy baseline may lie farther from 0, or all three may be level: then there is no vertex.
  if (rise > 0 || curvature === 0) return timesS[at]!
  return timesS[at]! + (rise * after ** 2 - fall * before ** 2) / (2 * curvature)
}

/** What is measured of an extremum that stands out of the baseline's noise. */
function ofEvent(change: Change, measured: (frame: number) => number | Absent): number | Absent {
  const noise = baselineNoise(change.values, change.baselineFrames)
  if (isAbsent(noise)) return noise
  const at = extremumFrame(change)
  const isNoise = Math.abs(change.values[at]!) < Math.max(LEAST_SIGNAL_TO_NOISE * noise, ROUNDING)
  return isNoise ? absent('within-noise') : measured(at)
}

/** Of the least-squares line through the frames from `first` to `last`, both included; unit of the change per second. */
function slope({ timesS, values }: Change, first: number, last: number): number | Absent {
  const count = last - first + 1
  if (count < 2) return absent('too-few-frames')
  let [sumT, sumV] = [0, 0]
  for (let i = first; i <= last; i++) {
    sumT += timesS[i]!
    sumV += values[i]!
  }
  let [tt, tv] = [0, 0]
  for (let i = first; i <= last; i++) {
    const dt = timesS[i]! - sumT / count
    tt += dt * dt
    tv += dt * (values[i]! - sumV / count)
  }
  return tv / tt
}

function areaUnderCurve({ timesS, values, baselineFrames }: Change): number {
  let area = 0
  for (let i = baselineFrames; i < values.length; i++) {
    area += ((values[i]! + values[i - 1]!) / 2) * (timesS[i]! - timesS[i - 1]!)
  }
  return area
}
