import { z } from 'zod'
import { Absent } from './absent.ts'
import {
  CLOCK_CODES,
  type Code,
  DEPTH_CODES,
  DIRECTION_CODES,
  type FindingSiteCode,
  MASS_CODES,
  QUADRANT_CODES,
} from './codes.ts'
import type { FeatureGroup } from './features.ts'
import { LEXICON_LIMITS } from './lexicon-limits.ts'
import type { Words } from './words.ts'

/** A word of a coded feature and its code. */
export interface CodedWord {
  readonly words: Words
  /** Left out where the vocabularies have none. */
  readonly code?: Code
}

/** A feature whose value is a word out of a list. */
export interface CodedFeatureDeclaration {
  readonly group: Exclude<FeatureGroup, 'temporal'>
  readonly label: Words
  /** How it is had, precisely enough to have it again. */
  readonly method: string
  readonly source: string
  readonly values: Readonly<Record<string, CodedWord>>
  /** The word is what a rule suggests of measured numbers; a doctor who looks at the image may find another. */
  readonly isSuggested?: true
}

const HOURS = Object.keys(CLOCK_CODES) as (keyof typeof CLOCK_CODES)[]
const CLOCK_VALUES = Object.fromEntries(
  HOURS.map((hour) => [hour, { words: { zh: `${hour}点钟`, en: `${hour} o'clock` }, code: CLOCK_CODES[hour] }]),
) as Record<keyof typeof CLOCK_CODES, CodedWord>

const quadrant = (name: FindingSiteCode, zh: string, en: string): CodedWord => ({
  words: { zh, en },
  code: QUADRANT_CODES[name],
})

const NIPPLE_LINE =
  'the line from the nipple straight back to the chest wall; central within 5% of the extent of the breast along the chest wall'
const BI_RADS = 'BI-RADS 5th edition, ultrasound'
const OF_DOCTORS_OUTLINE = "Of a doctor's outline, on ultrasound alone"
const {
  smallestShapePx,
  irregularLobes,
  leastSolidity,
  leastEllipseOverlap,
  roundElongation,
  parallelWithinDeg,
  leastEdgeAbruptness,
  shadowingBelow,
} = LEXICON_LIMITS
const BOTH_VIEWS = 'Entered, or from CC and MLO together'

/** Every feature whose value is a word, declared once: schema, report, page and completeness test come from here. */
export const CODED_FEATURES = {
  clockPosition: {
    group: 'location',
    label: { zh: '钟点位置', en: 'Clock position' },
    method: `${BOTH_VIEWS}: direction from the nipple as seen facing the woman, to the nearest hour; the height on the MLO is taken as read, not corrected for the angle of the tube`,
    source: 'BI-RADS 5th edition, location; DICOM PS3.16 CID 6018',
    values: CLOCK_VALUES,
  },
  quadrant: {
    group: 'location',
    label: { zh: '象限', en: 'Quadrant' },
    method: `${BOTH_VIEWS}. Entered: from clock position and side, 12, 3, 6 and 9 o'clock lying between two; subareolar within 10 mm of the nipple. Both views: lateral or medial of one and superior or inferior of the other; central where both are central, subareolar where it also lies in the anterior third of both`,
    source: 'BI-RADS 5th edition, location; DICOM PS3.16 CID 6018',
    values: {
      'upper-outer': quadrant('upper-outer', '外上象限', 'Upper outer'),
      'upper-inner': quadrant('upper-inner', '内上象限', 'Upper inner'),
      'lower-outer': quadrant('lower-outer', '外下象限', 'Lower outer'),
      'lower-inner': quadrant('lower-inner', '内下象限', 'Lower inner'),
      central: quadrant('central', '中央区', 'Central'),
      subareolar: quadrant('subareolar', '乳晕后区', 'Subareolar'),
    },
  },
  mediolateral: {
    group: 'location',
    label: { zh: '内侧或外侧', en: 'Medial or lateral' },
    method: `Centroid of the region on a CC view (CC, XCCL, XCCM) against ${NIPPLE_LINE}. Needs the orientation of the picture`,
    source: 'BI-RADS 5th edition, location; DICOM PS3.16 CID 212',
    values: {
      lateral: { words: { zh: '外侧', en: 'Lateral' }, code: DIRECTION_CODES.lateral },
      medial: { words: { zh: '内侧', en: 'Medial' }, code: DIRECTION_CODES.medial },
      central: { words: { zh: '中央', en: 'Central' }, code: DIRECTION_CODES.central },
    },
  },
  superoinferior: {
    group: 'location',
    label: { zh: '上方或下方', en: 'Superior or inferior' },
    method: `Centroid of the region on an MLO, ML or LM view against ${NIPPLE_LINE}. Needs the orientation of the picture`,
    source: 'BI-RADS 5th edition, location; DICOM PS3.16 CID 212',
    values: {
      superior: { words: { zh: '上方', en: 'Superior' }, code: DIRECTION_CODES.superior },
      inferior: { words: { zh: '下方', en: 'Inferior' }, code: DIRECTION_CODES.inferior },
      central: { words: { zh: '中央', en: 'Central' }, code: DIRECTION_CODES.central },
    },
  },
  depthThird: {
    group: 'location',
    label: { zh: '深度', en: 'Depth' },
    method: 'Third of depthFraction: anterior below 1/3, middle below 2/3, posterior above',
    source: 'BI-RADS 5th edition, depth',
    values: {
      anterior: { words: { zh: '前1/3', en: 'Anterior third' }, code: DEPTH_CODES.anterior },
      middle: { words: { zh: '中1/3', en: 'Middle third' }, code: DEPTH_CODES.middle },
      posterior: { words: { zh: '后1/3', en: 'Posterior third' }, code: DEPTH_CODES.posterior },
    },
  },
  shape: {
    group: 'spatial',
    label: { zh: '形状（按规则建议）', en: 'Shape, suggested' },
    method: `${OF_DOCTORS_OUTLINE}. Irregular where lobulationCount is ${irregularLobes} or more, solidity below ${leastSolidity} or ellipseOverlap below ${leastEllipseOverlap}; else round where elongation is ${roundElongation} or more, else oval; from ${smallestShapePx} pixels on`,
    source: `${BI_RADS}, shape; DICOM PS3.16 CID 6004; the limits are ours (ADR 23)`,
    isSuggested: true,
    values: {
      oval: { words: { zh: '椭圆形', en: 'Oval' }, code: MASS_CODES.oval },
      round: { words: { zh: '圆形', en: 'Round' }, code: MASS_CODES.round },
      irregular: { words: { zh: '不规则形', en: 'Irregular' }, code: MASS_CODES.irregular },
    },
  },
  orientation: {
    group: 'spatial',
    label: { zh: '方位（按规则建议）', en: 'Orientation, suggested' },
    method: `On ultrasound alone, whose rows run along the skin. Parallel where the major axis lies within ${parallelWithinDeg} degrees of the rows, which makes an ellipse wider than tall; not parallel else, and where elongation is ${roundElongation} or more, since a round mass has no long axis. On the pixel grid where no spacing is given`,
    source: `${BI_RADS}, orientation; DICOM PS3.16 CID 6152; the limits are ours (ADR 23)`,
    isSuggested: true,
    values: {
      parallel: { words: { zh: '平行于皮肤', en: 'Parallel' }, code: MASS_CODES.parallel },
      'not-parallel': { words: { zh: '不平行于皮肤', en: 'Not parallel' }, code: MASS_CODES['not-parallel'] },
    },
  },
  margin: {
    group: 'spatial',
    label: { zh: '边缘（按规则建议）', en: 'Margin, suggested' },
    method: `${OF_DOCTORS_OUTLINE}. Circumscribed where shape is not irregular and edgeAbruptness is ${leastEdgeAbruptness} or more; else not circumscribed. In which way it is not (indistinct, angular, microlobulated, spiculated) a doctor says: the numbers do not tell`,
    source: `${BI_RADS}, margin; DICOM PS3.16 CID 6006; the limits are ours (ADR 23)`,
    isSuggested: true,
    values: {
      circumscribed: { words: { zh: '边缘光整', en: 'Circumscribed' }, code: MASS_CODES.circumscribed },
      'not-circumscribed': { words: { zh: '边缘不光整', en: 'Not circumscribed' } },
    },
  },
  posteriorFeatures: {
    group: 'contrast',
    label: { zh: '后方回声（按规则建议）', en: 'Posterior features, suggested' },
    method: `On ultrasound alone. Shadowing where posteriorAcousticRatio is below ${shadowingBelow}, enhancement where it is 1/${shadowingBelow} or more, none between. A combined pattern is not told from none`,
    source: `${BI_RADS}, posterior features; DICOM PS3.16 CID 6155; the limits are ours (ADR 23)`,
    isSuggested: true,
    values: {
      none: { words: { zh: '后方回声无变化', en: 'No posterior features' }, code: MASS_CODES.none },
      enhancement: { words: { zh: '后方回声增强', en: 'Posterior enhancement' }, code: MASS_CODES.enhancement },
      shadowing: { words: { zh: '后方声影', en: 'Posterior shadowing' }, code: MASS_CODES.shadowing },
    },
  },
} as const satisfies Record<string, CodedFeatureDeclaration>

export type CodedFeatureName = keyof typeof CODED_FEATURES
export const CODED_FEATURE_NAMES = Object.keys(CODED_FEATURES) as readonly CodedFeatureName[]
export type WordOf<N extends CodedFeatureName> = keyof (typeof CODED_FEATURES)[N]['values'] & string

/** What a doctor describes a mass by. */
export type MassWordName = 'shape' | 'orientation' | 'margin' | 'posteriorFeatures'
export type LocationWordName = Exclude<CodedFeatureName, MassWordName>

/** A word of the feature's list, marked where a rule suggests it, or the reason why there is none. */
export type CodedValue<W extends string = string> = { readonly word: W; readonly suggested?: true } | Absent

/** The schema of one coded feature: its own words and no others. */
export function codedValue(name: CodedFeatureName): z.ZodType<CodedValue> {
  const { values, isSuggested } = codedDeclarationOf(name)
  const word = z.enum(Object.keys(values) as [string, ...string[]])
  return z.union([
    isSuggested ? z.strictObject({ word, suggested: z.literal(true) }) : z.strictObject({ word }),
    Absent,
  ])
}

/** The declaration, its words looked up by any name. */
export function codedDeclarationOf(name: CodedFeatureName): CodedFeatureDeclaration {
  return CODED_FEATURES[name]
}

export function codedFeaturesOf(group: FeatureGroup): readonly CodedFeatureName[] {
  return CODED_FEATURE_NAMES.filter((name) => CODED_FEATURES[name].group === group)
}
