import { type Absent, absent, isAbsent } from '#core/absent.ts'
import { ScreeningError } from '#core/errors.ts'
import type { CurveType, InitialRise } from '#core/kinetic-features.ts'
import { LEAST_SIGNAL_TO_NOISE } from './change.ts'
import { baselineNoise, type Curve, type KineticProtocol, mean, refusalOf } from './curve.ts'

/** What is said of series with a contrast agent and of no other. */
export interface ContrastKinetics {
  /** PE = 100 (S1 - S0) / S0, %. */
  readonly percentEnhancement: number | Absent
  /** SER = (S1 - S0) / (S2 - S0), unitless; above 1 the signal fell again. */
  readonly signalEnhancementRatio: number | Absent
  readonly curveType: CurveType | Absent
  readonly initialRise: InitialRise | Absent
}

/** Percent of the early signal beyond which the late one has risen or fallen. */
const PLATEAU_PERCENT = 10
const MEDIUM_FROM_PERCENT = 50
const FAST_ABOVE_PERCENT = 100

/** Mean of the baseline, early and last signal, and the noise of the baseline. */
interface Phases {
  readonly s0: number
  readonly s1: number
  readonly s2: number
  readonly noise: number | Absent
}

/**
 * Kinetics of a contrast series from the mean signal of a region.
 * @param earlyFrame the frame of the initial phase, which the protocol names (MRI: the first after one to two minutes).
 * Everything is absent without a contrast agent (`no-contrast-agent`; ultrasound clips `no-kinetic-protocol`), of a
 * single frame, without an early frame or a later one, or where the baseline is not above 0.
 * @throws SEQUENCE_INVALID when the early frame lies in the baseline or is none of the series.
 * Source: Hylton et al., Radiology 263(3), 2012; Kuhl et al., Radiology 211(1), 1999; BI-RADS 5th edition, MRI.
 */
export function contrastKinetics(curve: Curve, protocol: KineticProtocol, earlyFrame?: number): ContrastKinetics {
  const phases = phasesOf(curve, protocol, earlyFrame)
  if (isAbsent(phases)) {
    return { percentEnhancement: phases, signalEnhancementRatio: phases, curveType: phases, initialRise: phases }
  }
  const percentEnhancement = (100 * (phases.s1 - phases.s0)) / phases.s0
  return {
    percentEnhancement,
    signalEnhancementRatio: signalEnhancementRatio(phases),
    curveType: curveType(phases),
    initialRise: initialRise(phases, percentEnhancement),
  }
}

function phasesOf({ values }: Curve, protocol: KineticProtocol, earlyFrame?: number): Phases | Absent {
  const refusal = refusalOf(protocol, values.length)
  if (refusal !== undefined) return refusal
  if (protocol.kind !== 'contrast-agent') return absent('no-contrast-agent')
  if (earlyFrame === undefined) return absent('early-frame-not-given')
  const { baselineFrames } = protocol
  if (!Number.isInteger(earlyFrame) || earlyFrame < baselineFrames || earlyFrame >= values.length) {
    throw new ScreeningError('SEQUENCE_INVALID', { reason: 'the early frame is after the baseline', earlyFrame })
  }
  if (earlyFrame === values.length - 1) return absent('too-few-frames')
  const s0 = mean(values.subarray(0, baselineFrames))
  if (!(s0 > 0)) return absent('signal-not-positive')
  return { s0, s1: values[earlyFrame]!, s2: values.at(-1)!, noise: baselineNoise(values, baselineFrames) }
}

function signalEnhancementRatio({ s0, s1, s2, noise }: Phases): number | Absent {
  if (isAbsent(noise)) return noise
  const isNoise = Math.abs(s2 - s0) < LEAST_SIGNAL_TO_NOISE * noise || s2 === s0
  return isNoise ? absent('within-noise') : (s1 - s0) / (s2 - s0)
}

/** Tissue that did not enhance has neither rise nor curve; an unknown noise, of a baseline of one frame, counts as none. */
function hasEnhanced({ s0, s1, noise }: Phases): boolean {
  return s1 > s0 && s1 - s0 >= LEAST_SIGNAL_TO_NOISE * (isAbsent(noise) ? 0 : noise)
}

function curveType(phases: Phases): CurveType | Absent {
  if (!hasEnhanced(phases)) return absent('within-noise')
  const { s1, s2 } = phases
  const percent = (100 * (s2 - s1)) / s1
  if (percent > PLATEAU_PERCENT) return 'persistent'
  return percent < -PLATEAU_PERCENT ? 'washout' : 'plateau'
}

function initialRise(phases: Phases, percentEnhancement: number): InitialRise | Absent {
  if (!hasEnhanced(phases)) return absent('within-noise')
  if (percentEnhancement < MEDIUM_FROM_PERCENT) return 'slow'
  return percentEnhancement > FAST_ABOVE_PERCENT ? 'fast' : 'medium'
}
