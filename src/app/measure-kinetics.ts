import { type Absent, absent, isAbsent } from '#core/absent.ts'
import { ScreeningError } from '#core/errors.ts'
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
import { Mask } from '#core/mask.ts'
import type { Change, Curve } from '#features/curve.ts'
import { type ChannelKinetics, kinetics } from '#features/kinetics.ts'
import type { RecordedSequence } from './sequence-file.ts'

/**
 * Kinetics of a region, a channel after the other. region: H×W of the sequence, 0/1; what some frame does not show of it
 * does not count, and a region of which some frame shows nothing has none (`moved-out-of-view`).
 * @throws MASK_SIZE_MISMATCH, SEQUENCE_INVALID
 */
export function measureKinetics(recorded: RecordedSequence | Absent, region: Mask): RegionKinetics[] | Absent {
  if (isAbsent(recorded)) return recorded
  const shown = shownOf(region, recorded.covered)
  if (shown.areaPx === 0) return absent('moved-out-of-view')
  const { reference, ...rest } = recorded
  const shownReference = reference && shownOf(reference, recorded.covered)
  const hasReference = shownReference !== undefined && shownReference.areaPx > 0
  return kinetics({ ...rest, region: shown, reference: hasReference ? shownReference : undefined }).map(withUnits)
}

/** What of a region every frame shows. @throws MASK_SIZE_MISMATCH */
function shownOf(region: Mask, covered: Mask): Mask {
  const [mask, image] = [region, covered].map(({ width, height }) => [width, height])
  if (String(mask) !== String(image)) throw new ScreeningError('MASK_SIZE_MISMATCH', { mask, image })
  return Mask.from(
    region.data.map((value, i) => value & covered.data[i]!),
    region,
  )
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
    referenceCurve: isAbsent(of.referenceCurve) ? of.referenceCurve : plain(of.referenceCurve, of.referenceChange),
    region: changes(of.region),
    lessReference: changes(of.lessReference),
    referenceCorrelation: inUnit(of.referenceCorrelation, REFERENCE_FEATURES.referenceCorrelation.dimension),
    percentEnhancement: inUnit(contrast.percentEnhancement, CONTRAST_FEATURES.percentEnhancement.dimension),
    signalEnhancementRatio: inUnit(contrast.signalEnhancementRatio, CONTRAST_FEATURES.signalEnhancementRatio.dimension),
    curveType: contrast.curveType,
    initialRise: contrast.initialRise,
  }
}

function plain({ timesS, values }: Curve, change: Change | Absent): KineticCurve {
  return { timesS: [...timesS], signal: [...values], change: isAbsent(change) ? change : [...change.values] }
}
