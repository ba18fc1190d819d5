import { type Absent, absent, isAbsent } from '#core/absent.ts'
import type { FeatureValue } from '#core/features.ts'
import {
  CHANGE_FEATURE_NAMES,
  CHANGE_FEATURES,
  type ChangeFeatureName,
  CONTRAST_FEATURES,
  kineticUnit,
  REFERENCE_FEATURES,
} from '#core/kinetic-features.ts'
import type { KineticCurve, RegionKinetics, SequenceFacts } from '#core/kinetics.ts'
import type { Mask } from '#core/mask.ts'
import type { Change, Curve } from '#features/curve.ts'
import { type ChannelKinetics, kinetics, type MirroredSubject } from '#features/kinetics.ts'
import type { RecordedSequence } from './sequence-file.ts'

/** The mirrored place of a region and the recording of the other breast that it lies in. */
export interface MirroredRecording {
  readonly recorded: RecordedSequence
  /** H×W of that sequence. */
  readonly region: Mask
}

/**
 * Kinetics of a region, a channel after the other. region: H×W of the sequence, 0/1; what some frame does not show of it
 * does not count, and a region of which some frame shows nothing has none (`moved-out-of-view`).
 * @param contralateral or why there is nothing to compare with; `no-mirrored-view` where no other breast was looked for.
 * @throws MASK_SIZE_MISMATCH, SEQUENCE_INVALID
 */
export function measureKinetics(
  recorded: RecordedSequence | Absent,
  region: Mask,
  contralateral?: MirroredRecording | Absent,
): RegionKinetics[] | Absent {
  if (isAbsent(recorded)) return recorded
  const shown = region.and(recorded.covered)
  if (shown.areaPx === 0) return absent('moved-out-of-view')
  const { reference, ...rest } = recorded
  const shownReference = reference?.and(recorded.covered)
  const hasReference = shownReference !== undefined && shownReference.areaPx > 0
  return kinetics({
    ...rest,
    region: shown,
    reference: hasReference ? shownReference : undefined,
    contralateral: contralateral && mirroredSubject(contralateral),
  }).map(withUnits)
}

function mirroredSubject(contralateral: MirroredRecording | Absent): MirroredSubject | Absent {
  if (isAbsent(contralateral)) return contralateral
  const { sequence, covered, baselineFrames } = contralateral.recorded
  const region = contralateral.region.and(covered)
  return region.areaPx === 0 ? absent('mirrored-place-not-seen') : { sequence, region, baselineFrames }
}

/** The sequence as a whole, for a report. */
export function sequenceFacts({ sequence, baselineFrames, motion, isCompensated }: RecordedSequence): SequenceFacts {
  const { kind, signalUnit, channels } = sequence
  const times = channels.flatMap(({ timesS }) => [timesS[0]!, timesS.at(-1)!])
  return {
    kind,
    signalUnit,
    channels: channels.length,
    frames: Math.max(...channels.map(({ frames }) => frames.length)),
    baselineFrames,
    durationS: Math.max(...times) - Math.min(...times),
    motion: isAbsent(motion) ? motion : [...motion],
    isCompensated,
  }
}

function withUnits(of: ChannelKinetics): RegionKinetics {
  const { changeUnit, contrast } = of
  const inUnit = (value: number | Absent, dimension: Parameters<typeof kineticUnit>[0]): FeatureValue => {
    if (isAbsent(value)) return value
    return isAbsent(changeUnit) ? changeUnit : { value, unit: kineticUnit(dimension, changeUnit) }
  }
  const changes = (values: ChannelKinetics['region']) =>
    Object.fromEntries(
      CHANGE_FEATURE_NAMES.map((name) => [name, inUnit(values[name], CHANGE_FEATURES[name].dimension)]),
    ) as Record<ChangeFeatureName, FeatureValue>
  return {
    channel: of.channel,
    changeUnit,
    curve: plain(of.curve, of.change),
    referenceCurve: plain(of.referenceCurve, of.referenceChange),
    contralateralCurve: plain(of.contralateralCurve, of.contralateralChange),
    region: changes(of.region),
    lessReference: changes(of.lessReference),
    referenceCorrelation: inUnit(of.referenceCorrelation, REFERENCE_FEATURES.referenceCorrelation.dimension),
    lessContralateral: changes(of.lessContralateral),
    contralateralCorrelation: inUnit(
      of.contralateralCorrelation,
      REFERENCE_FEATURES.contralateralCorrelation.dimension,
    ),
    percentEnhancement: inUnit(contrast.percentEnhancement, CONTRAST_FEATURES.percentEnhancement.dimension),
    signalEnhancementRatio: inUnit(contrast.signalEnhancementRatio, CONTRAST_FEATURES.signalEnhancementRatio.dimension),
    curveType: contrast.curveType,
    initialRise: contrast.initialRise,
  }
}

function plain<C extends Curve | Absent>(curve: C, change: Change | Absent): KineticCurve | Extract<C, Absent>
function plain(curve: Curve | Absent, change: Change | Absent): KineticCurve | Absent {
  if (isAbsent(curve)) return curve
  const { timesS, values } = curve
  return { timesS: [...timesS], signal: [...values], change: isAbsent(change) ? change : [...change.values] }
}
