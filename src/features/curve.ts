import { type Absent, absent, isAbsent } from '#core/absent.ts'
import { ScreeningError } from '#core/errors.ts'
import type { Mask } from '#core/mask.ts'
import type { Channel, FrameSequence, SequenceKind } from '#core/sequence.ts'
import { meanAt } from './contrast.ts'

/** A signal over time. Both [T]; times in seconds, strictly increasing. */
export interface Curve {
  readonly timesS: Float64Array
  readonly values: Float64Array
}

/** A curve's change against the mean of its first frames: their mean is about 0. */
export interface Change extends Curve {
  readonly baselineFrames: number
}

/** What of a sequence decides how a change is had from its signal. */
export interface KineticProtocol {
  readonly kind: SequenceKind
  /** How many of the first frames were taken before anything was done (pressure, contrast agent, cooling); at least 1. */
  readonly baselineFrames: number
}

/**
 * Mean of the region at each frame, in the unit of the signal.
 * @throws MASK_SIZE_MISMATCH, MASK_EMPTY
 */
export function curveOf({ timesS, frames }: Channel, sequence: FrameSequence, region: Mask): Curve {
  checkRegion(sequence, region)
  const places: number[] = []
  for (let i = 0; i < region.data.length; i++) if (region.data[i] !== 0) places.push(i)
  return { timesS, values: Float64Array.from(frames, (frame) => meanAt(frame, places)) }
}

function checkRegion({ width, height }: FrameSequence, region: Mask): void {
  if (region.width !== width || region.height !== height) {
    throw new ScreeningError('MASK_SIZE_MISMATCH', { mask: [region.width, region.height], image: [width, height] })
  }
  if (region.areaPx === 0) throw new ScreeningError('MASK_EMPTY')
}

/**
 * Why a recording of so many frames has no kinetics, if so: ultrasound has no protocol, one frame no time, and
 * something must come after the baseline.
 * @throws SEQUENCE_INVALID when `baselineFrames` is no whole number of at least 1.
 */
export function refusalOf({ kind, baselineFrames }: KineticProtocol, frames: number): Absent | undefined {
  if (!Number.isInteger(baselineFrames) || baselineFrames < 1) {
    throw new ScreeningError('SEQUENCE_INVALID', { reason: 'the baseline has at least one frame', baselineFrames })
  }
  if (kind === 'ultrasound-cine') return absent('no-kinetic-protocol')
  if (frames === 1) return absent('single-frame')
  return frames <= baselineFrames ? absent('too-few-frames') : undefined
}

/**
 * Change of a signal against its baseline S0, 0 where there is none.
 * - optical: change in optical density -ln(S/S0), natural logarithm, unitless; positive where more light is absorbed
 *   and the signal falls. Source: modified Beer-Lambert law, Delpy et al., Phys. Med. Biol. 33(12), 1988.
 * - contrast-agent: percent enhancement 100 (S - S0) / S0, %; positive where the tissue takes up contrast agent.
 * - thermal: S - S0 in the unit of the signal; positive where it warms.
 *
 * Absent as {@link refusalOf} says, and `signal-not-positive` where a logarithm or a ratio has no meaning.
 * @throws SEQUENCE_INVALID
 */
export function changeOf({ timesS, values }: Curve, protocol: KineticProtocol): Change | Absent {
  const refusal = refusalOf(protocol, values.length)
  if (refusal !== undefined) return refusal
  const { kind, baselineFrames } = protocol
  const s0 = mean(values.subarray(0, baselineFrames))
  const isRelative = kind === 'optical' || kind === 'contrast-agent'
  if (isRelative && !(s0 > 0)) return absent('signal-not-positive')
  if (kind === 'optical' && values.some((value) => value <= 0)) return absent('signal-not-positive')
  return { timesS, baselineFrames, values: values.map((value) => changeOfValue(value, s0, kind)) }
}

function changeOfValue(s: number, s0: number, kind: SequenceKind): number {
  switch (kind) {
    case 'optical':
      return -Math.log(s / s0)
    case 'contrast-agent':
      return (100 * (s - s0)) / s0
    case 'thermal':
      return s - s0
    case 'ultrasound-cine':
      throw new ScreeningError('INTERNAL', { kind })
  }
}

/**
 * Change of a region less that of a reference recorded at the same times: what is the region's own. Unit of the change;
 * for optical density the same as dividing the normalised signals.
 * @throws SHAPE_MISMATCH when the times differ.
 */
export function lessReference(change: Change | Absent, reference: Change | Absent): Change | Absent {
  if (isAbsent(change)) return change
  if (isAbsent(reference)) return reference
  checkTimes(change, reference)
  return { ...change, values: change.values.map((value, i) => value - reference.values[i]!) }
}

/**
 * Pearson correlation of two curves of the same times, -1..1; `too-few-frames` for fewer than three, `no-variation`
 * where one of them is constant.
 * @throws SHAPE_MISMATCH when the times differ.
 */
export function correlationOf(a: Curve | Absent, b: Curve | Absent): number | Absent {
  if (isAbsent(a)) return a
  if (isAbsent(b)) return b
  checkTimes(a, b)
  if (a.values.length < 3) return absent('too-few-frames')
  const [meanA, meanB] = [mean(a.values), mean(b.values)]
  let [aa, ab, bb] = [0, 0, 0]
  for (let i = 0; i < a.values.length; i++) {
    const [da, db] = [a.values[i]! - meanA, b.values[i]! - meanB]
    aa += da * da
    ab += da * db
    bb += db * db
  }
  return aa === 0 || bb === 0 ? absent('no-variation') : ab / Math.sqrt(aa * bb)
}

function checkTimes(a: Curve, b: Curve): void {
  if (a.timesS.length !== b.timesS.length || a.timesS.some((time, i) => time !== b.timesS[i])) {
    throw new ScreeningError('SHAPE_MISMATCH', { frames: [a.timesS.length, b.timesS.length], differ: 'times' })
  }
}

/**
 * Standard deviation (n - 1) of the first frames of a curve: its noise, in its unit. `baseline-too-short` for fewer
 * than two.
 */
export function baselineNoise(values: Float64Array, baselineFrames: number): number | Absent {
  if (baselineFrames < 2) return absent('baseline-too-short')
  const baseline = values.subarray(0, baselineFrames)
  const middle = mean(baseline)
  return Math.sqrt(baseline.reduce((sum, value) => sum + (value - middle) ** 2, 0) / (baselineFrames - 1))
}

export function mean(values: Float64Array): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length
}
