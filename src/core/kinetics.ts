/** What a report and a record hold of a sequence: numbers with units, curves, and how much the breast moved. */
import { z } from 'zod'
import { Absent } from './absent.ts'
import { FeatureValue } from './features.ts'
import { CHANGE_FEATURE_NAMES, type ChangeFeatureName, CurveType, InitialRise } from './kinetic-features.ts'
import { SequenceKind, SignalUnit } from './sequence.ts'
import { Unit } from './units.ts'

const ChangeValues = z.strictObject(
  Object.fromEntries(CHANGE_FEATURE_NAMES.map((name) => [name, FeatureValue])) as Record<
    ChangeFeatureName,
    typeof FeatureValue
  >,
)

/** A region over time; all [T]. */
export const KineticCurve = z
  .strictObject({
    timesS: z.array(z.number()).describe('Seconds from a moment common to all channels'),
    signal: z.array(z.number()).describe('Mean of the region, in the unit of the signal'),
    change: z
      .union([z.array(z.number()), Absent])
      .describe('Of the signal against its baseline, in the unit of the change'),
  })
  .meta({ id: 'KineticCurve' })
export type KineticCurve = z.infer<typeof KineticCurve>

/** The kinetics of one region in one channel of a sequence, for example one LED. */
export const RegionKinetics = z
  .strictObject({
    channel: z.string(),
    changeUnit: z.union([Unit, Absent]),
    curve: KineticCurve,
    referenceCurve: z.union([KineticCurve, Absent]),
    contralateralCurve: z
      .union([KineticCurve, Absent])
      .describe('Of the mirrored place in the other breast; its last baseline frame at the time of that of the region'),
    region: ChangeValues,
    lessReference: ChangeValues.describe('Of the region less the reference region'),
    referenceCorrelation: FeatureValue,
    lessContralateral: ChangeValues.describe('Of the region less its mirrored place, over the frames that both have'),
    contralateralCorrelation: FeatureValue,
    percentEnhancement: FeatureValue,
    signalEnhancementRatio: FeatureValue,
    curveType: z.union([CurveType, Absent]),
    initialRise: z.union([InitialRise, Absent]),
  })
  .meta({ id: 'RegionKinetics' })
export type RegionKinetics = z.infer<typeof RegionKinetics>

/** How far the breast moved between the frames of a channel. */
export const ChannelMotion = z.strictObject({
  channel: z.string(),
  largestShiftPx: z.number().describe('Against the first frame'),
  largestResidualPx: z.number().describe('What a shift does not explain: turning, change of form, noise'),
})
export type ChannelMotion = z.infer<typeof ChannelMotion>

/** A sequence as a whole. */
export const SequenceFacts = z
  .strictObject({
    kind: SequenceKind,
    signalUnit: SignalUnit,
    channels: z.int().positive(),
    frames: z.int().positive().describe('Of the channel that has most'),
    baselineFrames: z.int().positive(),
    durationS: z.number().describe('From the first frame to the last of any channel'),
    motion: z.union([z.array(ChannelMotion), Absent]),
    isCompensated: z.boolean().describe('The frames were moved onto the first one before anything was measured'),
  })
  .meta({ id: 'SequenceFacts' })
export type SequenceFacts = z.infer<typeof SequenceFacts>
