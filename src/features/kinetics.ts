import { type Absent, absent, isAbsent } from '#core/absent.ts'
import { type ChangeUnit, changeUnitOf } from '#core/kinetic-features.ts'
import type { Mask } from '#core/mask.ts'
import type { Channel, FrameSequence } from '#core/sequence.ts'
import { type ChangeFeatures, measureChange } from './change.ts'
import { type ContrastKinetics, contrastKinetics } from './contrast-kinetics.ts'
import { type Change, type Curve, changeOf, correlationOf, curveOf, lessReference } from './curve.ts'
import { isSameKind, type MirroredCurve, matched, onClockOf } from './mirrored-curve.ts'

/** The mirrored place of a region and the recording of the breast it lies in. */
export interface MirroredSubject {
  readonly sequence: FrameSequence
  /** Of the size of that sequence. */
  readonly region: Mask
  readonly baselineFrames: number
}

/** A region of a sequence and what must be known to measure its kinetics. Masks have the size of the sequence. */
export interface KineticSubject {
  readonly sequence: FrameSequence
  readonly region: Mask
  /** Tissue of the same breast to compare with, where somebody marked it. */
  readonly reference?: Mask | undefined
  /** The mirrored place in the other breast, or why there is none to compare with; `no-mirrored-view` where none is named. */
  readonly contralateral?: MirroredSubject | Absent | undefined
  /** How many of the first frames were taken before anything was done; two at least for anything held to the noise. */
  readonly baselineFrames: number
  /** Contrast series: the frame of the initial phase. */
  readonly earlyFrame?: number | undefined
}

/** The kinetics of one channel, for example one LED. */
export interface ChannelKinetics {
  readonly channel: string
  /** Unit of the change, of which the units of the features follow; absent where there is no kinetic protocol. */
  readonly changeUnit: ChangeUnit | Absent
  /** Mean signal of the region, in the unit of the signal. */
  readonly curve: Curve
  /** Mean signal of the reference region. */
  readonly referenceCurve: Curve | Absent
  /** Of the mirrored place, its last baseline frame at the time of that of the region. */
  readonly contralateralCurve: Curve | Absent
  /** Of each curve against its baseline. */
  readonly change: Change | Absent
  readonly referenceChange: Change | Absent
  readonly contralateralChange: Change | Absent
  /** Of the region by itself. */
  readonly region: ChangeFeatures
  /** Of the region less the reference region. */
  readonly lessReference: ChangeFeatures
  /** Pearson correlation of the changes of the two regions over all frames, -1..1. */
  readonly referenceCorrelation: number | Absent
  /** Of the region less its mirrored place, over the frames that both recordings have. */
  readonly lessContralateral: ChangeFeatures
  readonly contralateralCorrelation: number | Absent
  readonly contrast: ContrastKinetics
}

/**
 * Kinetics of a region in every channel, or the reason why each value is absent.
 * @throws MASK_EMPTY, MASK_SIZE_MISMATCH, and SEQUENCE_INVALID when the baseline or the early frame is none of the
 *   sequence.
 */
export function kinetics(subject: KineticSubject): ChannelKinetics[] {
  return subject.sequence.channels.map((channel) => kineticsOf(channel, subject))
}

function kineticsOf(channel: Channel, subject: KineticSubject): ChannelKinetics {
  const { sequence, region, reference, baselineFrames, earlyFrame } = subject
  const { kind, signalUnit } = sequence
  const curve = curveOf(channel, sequence, region)
  const referenceCurve = reference === undefined ? absent('no-reference-region') : curveOf(channel, sequence, reference)
  const changeIn = (of: Curve | Absent): Change | Absent => (isAbsent(of) ? of : changeOf(of, { kind, baselineFrames }))
  const [change, referenceChange] = [changeIn(curve), changeIn(referenceCurve)]
  const contralateral = contralateralOf(channel, subject)
  const both = matched(change, contralateral.change)
  return {
    channel: channel.label,
    changeUnit: kind === 'ultrasound-cine' ? absent('no-kinetic-protocol') : changeUnitOf(kind, signalUnit),
    curve,
    referenceCurve,
    contralateralCurve: contralateral.curve,
    change,
    referenceChange,
    contralateralChange: contralateral.change,
    region: measureChange(change),
    lessReference: measureChange(lessReference(change, referenceChange)),
    referenceCorrelation: isAbsent(change) ? change : correlationOf(change, referenceChange),
    lessContralateral: measureChange(lessReference(both.own, both.mirrored)),
    contralateralCorrelation: correlationOf(both.own, both.mirrored),
    contrast: contrastKinetics(curve, { kind, baselineFrames }, earlyFrame),
  }
}

/** The mirrored place in the channel of the same name: one LED of one breast is compared with that LED of the other. */
function contralateralOf({ label, timesS }: Channel, subject: KineticSubject): MirroredCurve {
  const { sequence, baselineFrames, contralateral: other = absent('no-mirrored-view') } = subject
  if (isAbsent(other)) return { curve: other, change: other }
  const counterpart = other.sequence.channels.find((channel) => channel.label === label)
  if (counterpart === undefined || !isSameKind(sequence, other.sequence)) {
    const none = absent('no-mirrored-sequence')
    return { curve: none, change: none }
  }
  const curve = curveOf(counterpart, other.sequence, other.region)
  return onClockOf(timesS, baselineFrames, curve, { kind: sequence.kind, baselineFrames: other.baselineFrames })
}
