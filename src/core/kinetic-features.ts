import { z } from 'zod'
import type { SequenceKind, SignalUnit } from './sequence.ts'
import type { Unit } from './units.ts'
import type { Words } from './words.ts'

/**
 * What the signal of a sequence is turned into, 0 at its baseline, and its unit: optical density (natural logarithm),
 * percent enhancement, or the difference in the unit of the signal. A clip of ultrasound has no baseline.
 */
export const ChangeUnit = z.enum(['1', '%', 'Cel'])
export type ChangeUnit = z.infer<typeof ChangeUnit>

/** @param kind of a sequence with a kinetic protocol. */
export function changeUnitOf(kind: Exclude<SequenceKind, 'ultrasound-cine'>, signalUnit: SignalUnit): ChangeUnit {
  switch (kind) {
    case 'optical':
      return '1'
    case 'contrast-agent':
      return '%'
    case 'thermal':
      return signalUnit
  }
}

/** How the unit of a feature follows from that of the change. */
type KineticDimension = 'change' | 'change/s' | 'change.s' | 's' | '%' | '1'

/** As UCUM writes it. */
export function kineticUnit(dimension: KineticDimension, change: ChangeUnit): Unit {
  switch (dimension) {
    case 'change':
      return change
    case 'change/s':
      return change === '1' ? '/s' : `${change}/s`
    case 'change.s':
      return change === '1' ? 's' : `${change}.s`
    case 's':
    case '%':
    case '1':
      return dimension
  }
}

/** Of the features that are measured over time; their units follow from the kind of sequence. */
export interface KineticDeclaration {
  readonly dimension: KineticDimension
  readonly label: Words
  /** How it is measured, precisely enough to measure it again. */
  readonly method: string
  readonly source: string
  /** Digits after the point when printed. */
  readonly digits: number
}

const CHANGE =
  'Change of the mean signal S of a region against the mean S0 of its baseline frames: optical -ln(S/S0), positive where the signal falls; contrast agent 100 (S - S0) / S0; thermal S - S0'
const BEER_LAMBERT = 'Modified Beer-Lambert law, Delpy et al., Phys. Med. Biol. 33(12), 1988'
const PERFUSION = 'Kinetic curve assessment, BI-RADS 5th edition, MRI'
const NOISE = 'absent where the extremum is less than three standard deviations of the baseline frames'

/** What is measured of the change of a region, and of that less that of the reference region or of the mirrored place. */
export const CHANGE_FEATURES = {
  extremum: {
    dimension: 'change',
    label: { zh: '极值', en: 'Extremum' },
    method: `${CHANGE}. The value farthest from 0 after the baseline, with its sign`,
    source: BEER_LAMBERT,
    digits: 3,
  },
  timeToExtremumS: {
    dimension: 's',
    label: { zh: '达极值时间', en: 'Time to extremum' },
    method: `From the last baseline frame to the vertex of the parabola through the frame of the extremum and its neighbours; ${NOISE}. Of a plateau it is any moment on the plateau`,
    source: 'Time to peak of a time-signal curve',
    digits: 1,
  },
  slopeBefore: {
    dimension: 'change/s',
    label: { zh: '极值前斜率', en: 'Slope before the extremum' },
    method: `Least-squares line from the first frame after the baseline to the first that reaches 80% of the extremum; ${NOISE}`,
    source: 'Wash-in slope of a time-signal curve, by least squares; the window is defined here',
    digits: 4,
  },
  slopeAfter: {
    dimension: 'change/s',
    label: { zh: '极值后斜率', en: 'Slope after the extremum' },
    method: `Least-squares line from the extremum to the last frame; ${NOISE}`,
    source: 'Wash-out slope of a time-signal curve, by least squares',
    digits: 4,
  },
  areaUnderCurve: {
    dimension: 'change.s',
    label: { zh: '曲线下面积', en: 'Area under the curve' },
    method: 'Trapezoids from the last baseline frame to the last frame, below 0 counted negative',
    source: 'Trapezoidal rule',
    digits: 2,
  },
} as const satisfies Record<string, KineticDeclaration>
export type ChangeFeatureName = keyof typeof CHANGE_FEATURES
export const CHANGE_FEATURE_NAMES = Object.keys(CHANGE_FEATURES) as readonly ChangeFeatureName[]

/** What is measured of two regions together. */
export const REFERENCE_FEATURES = {
  referenceCorrelation: {
    dimension: '1',
    label: { zh: '与参考区曲线相关', en: 'Correlation with the reference region' },
    method: 'Pearson correlation of the changes of the region and of the reference region over all frames, -1..1',
    source: 'Pearson 1895',
    digits: 2,
  },
  contralateralCorrelation: {
    dimension: '1',
    label: { zh: '与对侧对应部位曲线相关', en: 'Correlation with the other breast' },
    method:
      'Pearson correlation of the changes of the region and of its mirrored place in the other breast over the frames that both recordings have at the same time since their last baseline frame, -1..1',
    source: 'Pearson 1895; the mirrored place as docs/adr/0021',
    digits: 2,
  },
} as const satisfies Record<string, KineticDeclaration>

/** Numbers of contrast series alone. */
export const CONTRAST_FEATURES = {
  percentEnhancement: {
    dimension: '%',
    label: { zh: '早期强化率', en: 'Initial enhancement' },
    method: 'PE = 100 (S1 - S0) / S0, S0 the mean of the baseline frames, S1 the early frame',
    source: PERFUSION,
    digits: 0,
  },
  signalEnhancementRatio: {
    dimension: '1',
    label: { zh: '信号强化比', en: 'Signal enhancement ratio' },
    method:
      'SER = (S1 - S0) / (S2 - S0), S2 the last frame; absent where |S2 - S0| is less than three standard deviations of the baseline frames',
    source: 'Hylton et al., Radiology 263(3), 2012, doi:10.1148/radiol.12110748',
    digits: 2,
  },
} as const satisfies Record<string, KineticDeclaration>

/** Every kinetic number, declared once: the group `temporal` of the features. */
export const KINETIC_FEATURES = { ...CHANGE_FEATURES, ...REFERENCE_FEATURES, ...CONTRAST_FEATURES } as const
export type KineticFeatureName = keyof typeof KINETIC_FEATURES
export const KINETIC_FEATURE_NAMES = Object.keys(KINETIC_FEATURES) as readonly KineticFeatureName[]

/** In words where a sequence is not at hand: the unit of the change is `1`, `%` or `Cel`. */
export function kineticUnitInWords(dimension: KineticDimension): string {
  switch (dimension) {
    case 'change':
      return '1, % or Cel'
    case 'change/s':
      return '/s, %/s or Cel/s'
    case 'change.s':
      return 's, %.s or Cel.s'
    case 's':
    case '%':
    case '1':
      return dimension
  }
}

/**
 * Of the last frame against the early one: 100 (S2 - S1) / S1 above 10 is persistent, below -10 washout, else plateau.
 * Contrast series alone. Source: Kuhl et al., Radiology 211(1), 1999; BI-RADS 5th edition, MRI, delayed phase.
 */
export const CurveType = z.enum(['persistent', 'plateau', 'washout'])
export type CurveType = z.infer<typeof CurveType>

export const CURVE_TYPE_WORDS = {
  persistent: { zh: '持续上升型', en: 'persistent' },
  plateau: { zh: '平台型', en: 'plateau' },
  washout: { zh: '流出型', en: 'washout' },
} as const satisfies Record<CurveType, Words>

/**
 * Of the percent enhancement of the early frame: below 50 slow, up to 100 medium, above fast. Contrast series alone.
 * Source: BI-RADS 5th edition, MRI, initial phase.
 */
export const InitialRise = z.enum(['slow', 'medium', 'fast'])
export type InitialRise = z.infer<typeof InitialRise>

export const INITIAL_RISE_WORDS = {
  slow: { zh: '缓慢', en: 'slow' },
  medium: { zh: '中等', en: 'medium' },
  fast: { zh: '快速', en: 'fast' },
} as const satisfies Record<InitialRise, Words>
