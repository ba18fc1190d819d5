import { type Absent, isAbsent } from '#core/absent.ts'
import {
  CHANGE_FEATURE_NAMES,
  CHANGE_FEATURES,
  type ChangeFeatureName,
  CONTRAST_FEATURES,
  type CurveType,
  type InitialRise,
  kineticUnit,
  REFERENCE_FEATURES,
} from '#core/kinetic-features.ts'
import type { Mask } from '#core/mask.ts'
import type { Curve } from '#features/curve.ts'
import { type ChannelKinetics, kinetics } from '#features/kinetics.ts'
import type { RecordedSequence } from './sequence-file.ts'

/** A number with its unit as UCUM writes it, or the reason why there is none. */
export type KineticValue = { readonly value: number; readonly unit: string } | Absent

/** The kinetics of one region in one channel of a sequence, as numbers with units. */
export interface MeasuredKinetics {
  readonly channel: string
  /** Mean signal of the region over time. */
  readonly curve: PlainCurve
  readonly referenceCurve: PlainCurve | Absent
  readonly region: Readonly<Record<ChangeFeatureName, KineticValue>>
  /** Of the region less the reference region. */
  readonly lessReference: Readonly<Record<ChangeFeatureName, KineticValue>>
  readonly referenceCorrelation: KineticValue
  readonly percentEnhancement: KineticValue
  readonly signalEnhancementRatio: KineticValue
  readonly curveType: CurveType | Absent
  readonly initialRise: InitialRise | Absent
}

interface PlainCurve {
  readonly timesS: readonly number[]
  readonly values: readonly number[]
}

/**
 * Kinetics of a region, a channel after the other. region: H×W of the sequence, 0/1.
 * @throws MASK_EMPTY, MASK_SIZE_MISMATCH, SEQUENCE_INVALID
 */
export function measureKinetics(recorded: RecordedSequence, region: Mask): MeasuredKinetics[] {
  return kinetics({ ...recorded, region }).map(withUnits)
}

function withUnits(of: ChannelKinetics): MeasuredKinetics {
  const { changeUnit, contrast } = of
  const inUnit = (value: number | Absent, dimension: Parameters<typeof kineticUnit>[0]): KineticValue => {
    if (isAbsent(value)) return value
    return isAbsent(changeUnit) ? changeUnit : { value, unit: kineticUnit(dimension, changeUnit) }
  }
  const changes = (values: ChannelKinetics['region']) =>
    Object.fromEntries(
      CHANGE_FEATURE_NAMES.map((name) => [name, inUnit(values[name], CHANGE_FEATURES[name].dimension)]),
    ) as Record<ChangeFeatureName, KineticValue>
  return {
    channel: of.channel,
    curve: plain(of.curve),
    referenceCurve: isAbsent(of.referenceCurve) ? of.referenceCurve : plain(of.referenceCurve),
    region: changes(of.region),
    lessReference: changes(of.lessReference),
    referenceCorrelation: inUnit(of.referenceCorrelation, REFERENCE_FEATURES.referenceCorrelation.dimension),
    percentEnhancement: inUnit(contrast.percentEnhancement, CONTRAST_FEATURES.percentEnhancement.dimension),
    signalEnhancementRatio: inUnit(contrast.signalEnhancementRatio, CONTRAST_FEATURES.signalEnhancementRatio.dimension),
    curveType: contrast.curveType,
    initialRise: contrast.initialRise,
  }
}

function plain({ timesS, values }: Curve): PlainCurve {
  return { timesS: [...timesS], values: [...values] }
}
