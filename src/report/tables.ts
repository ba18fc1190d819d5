import { ABSENCE_WORDS, isAbsent } from '#core/absent.ts'
import { type CodedFeatureName, type CodedValue, codedDeclarationOf, codedFeaturesOf } from '#core/coded-features.ts'
import { CONFIDENCE, type ConfidenceName } from '#core/confidence.ts'
import {
  COMPARISON_NAMES,
  COMPARISONS,
  DISTANCE_KIND_WORDS,
  declarationOf,
  FEATURE_GROUP_WORDS,
  type FeatureGroup,
  type FeatureName,
  type FeatureValue,
  featuresOf,
} from '#core/features.ts'
import type { Comparison, Lesion } from '#core/report.ts'
import { UNIT_SYMBOLS } from '#core/units.ts'
import type { Words } from '#core/words.ts'
import { exposureLabel } from './labels.ts'

/** A value as it is printed: a number with its unit or a word, or why there is none. */
export type Printed = { readonly value: string | Words } | { readonly why: Words }

export interface PrintedRow {
  readonly name: string | Words
  readonly values: readonly Printed[]
}

/** Everything measured on one marked region, in the groups that a record keeps. */
export interface RegionTable {
  readonly kind: 'region'
  readonly caption: Words
  /** Beside the caption. */
  readonly remark: Words | undefined
  readonly groups: readonly { readonly name: Words; readonly rows: readonly PrintedRow[] }[]
}

/** One row for each of several things, its values in columns. */
export interface ValueTable {
  readonly kind: 'values'
  readonly caption?: Words
  readonly remark?: Words | undefined
  /** The first one heads the names of the rows. */
  readonly columns: readonly Words[]
  readonly rows: readonly PrintedRow[]
}

const UNCALIBRATED: Words = { zh: '（像素值，未校准）', en: ' (in pixels, uncalibrated)' }
const CONFIDENCE_WORDS: Words = { zh: '轮廓可信度', en: 'Confidence' }
const STANDARDISED_WORDS: Words = { zh: '对比（标准化图像）', en: 'Contrast, standardised' }
/** The record holds the others, too. */
const STANDARDISED_ON_PAGE = ['gcnr', 'ringDifference'] as const satisfies readonly FeatureName[]
const MEASURED_GROUPS = ['location', 'spatial', 'contrast'] as const satisfies readonly FeatureGroup[]

/** Of more regions on one image than this, the smaller ones share a table of their main measurements. */
export const FULL_TABLES_PER_IMAGE = 3

/**
 * A table for each marked region of an image, largest first; beyond three, one for all the rest.
 * @param file names the image where its side has several that were taken alike.
 */
export function lesionTables(lesions: readonly Lesion[], file?: string): (RegionTable | ValueTable)[] {
  const rest = lesions.slice(FULL_TABLES_PER_IMAGE)
  return [
    ...lesions.slice(0, FULL_TABLES_PER_IMAGE).map((lesion) => regionTable(lesion, file)),
    ...(rest.length === 0 ? [] : [furtherTable(rest, file)]),
  ]
}

function regionTable({ number, features, confidence }: Lesion, file: string | undefined): RegionTable {
  const { temporal } = features
  const told = isAbsent(temporal) ? ABSENCE_WORDS[temporal.absent] : { zh: '见“随时间的变化”', en: 'See “Over time”' }
  const kinetics: PrintedRow = { name: { zh: '动态变化', en: 'Kinetics' }, values: [{ why: told }] }
  return {
    kind: 'region',
    caption: captionOf({ zh: `区域 ${number}`, en: `Region ${number}` }, file),
    remark: remark(Object.values(features.spatial)),
    groups: [
      ...MEASURED_GROUPS.map((name) => ({ name: FEATURE_GROUP_WORDS[name], rows: groupRows(name, features[name]) })),
      { name: STANDARDISED_WORDS, rows: standardisedRows(features.contrastStandardised) },
      { name: FEATURE_GROUP_WORDS.temporal, rows: [kinetics] },
      { name: CONFIDENCE_WORDS, rows: confidenceRows(confidence) },
    ],
  }
}

function captionOf({ zh, en }: Words, file: string | undefined): Words {
  return file === undefined ? { zh, en } : { zh: `${zh} · ${file}`, en: `${en} · ${file}` }
}

/** What leads of the contrasts once more, of the image as the model sees it. */
function standardisedRows(contrast: Lesion['features']['contrastStandardised']): PrintedRow[] {
  return STANDARDISED_ON_PAGE.map((name) => {
    const { label, digits } = declarationOf(name)
    const words = { zh: `${label.zh}（标准化）`, en: `${label.en}, standardised` }
    return { name: words, values: [printValue(isAbsent(contrast) ? contrast : contrast[name], digits)] }
  })
}

/** How far the outline itself can be trusted; in millimetres where they are known and in pixels else. */
function confidenceRows(confidence: Lesion['confidence']): PrintedRow[] {
  const width = isAbsent(confidence.outlineUncertaintyMm) ? 'outlineUncertaintyPx' : 'outlineUncertaintyMm'
  return (['expectedDice', width] as const satisfies readonly ConfidenceName[]).map((name) => {
    const { label, digits } = CONFIDENCE[name]
    return { name: label, values: [printValue(confidence[name], digits)] }
  })
}

/** Said once in the caption where nothing printed is in millimetres: without spacing the forms stand on the grid too. */
function remark(values: readonly (FeatureValue | CodedValue)[]): Words | undefined {
  const onGrid = values.some((value) => 'unit' in value && value.unit === '1' && value.uncalibrated === true)
  const inMm = values.some((value) => 'unit' in value && value.unit === 'mm')
  return onGrid || !inMm ? UNCALIBRATED : undefined
}

const MAIN_MEASUREMENTS = [
  ['nippleDistanceMm', 'nippleDistancePx'],
  ['areaMm2', 'areaPx'],
  ['maximumDiameterMm', 'maximumDiameterPx'],
] as const satisfies readonly (readonly [FeatureName, FeatureName])[]

/** The small regions of an image that has many: one row each. */
function furtherTable(lesions: readonly Lesion[], file: string | undefined): ValueTable {
  const { label, digits } = CONFIDENCE.expectedDice
  return {
    kind: 'values',
    caption: captionOf({ zh: '其余较小区域', en: 'Further, smaller regions' }, file),
    remark: remark(lesions.flatMap(({ features }) => Object.values(features.spatial))),
    columns: [{ zh: '区域', en: 'Region' }, ...MAIN_MEASUREMENTS.map(([name]) => declarationOf(name).label), label],
    rows: lesions.map(({ number, features, confidence }) => {
      const values: Partial<Record<FeatureName, FeatureValue>> = { ...features.location, ...features.spatial }
      const main = MAIN_MEASUREMENTS.map(([inMm, inPx]) => {
        const name = isAbsent(values[inMm]) && !isAbsent(values[inPx]) ? inPx : inMm
        const value = values[name]
        return value === undefined ? { value: '' } : printValue(value, declarationOf(name).digits)
      })
      return { name: `${number}`, values: [...main, printValue(confidence.expectedDice, digits)] }
    }),
  }
}

/** A length that stands in millimetres is not printed in pixels too; one that stands in neither is printed once. */
function groupRows(
  name: FeatureGroup,
  values: Readonly<Partial<Record<FeatureName, FeatureValue> & Record<CodedFeatureName, CodedValue>>>,
): PrintedRow[] {
  const rows = featuresOf(name).flatMap((feature): PrintedRow[] => {
    const value = values[feature]
    const { label, digits, recordOnly } = declarationOf(feature)
    if (value === undefined || recordOnly || isOfOtherImages(value)) return []
    return isSaidElsewhere(feature, value, values)
      ? []
      : [{ name: withKind(label, value), values: [printValue(value, digits)] }]
  })
  const coded = codedFeaturesOf(name).flatMap((feature): PrintedRow[] => {
    const value = values[feature]
    if (value === undefined || isOfOtherImages(value)) return []
    return [{ name: codedDeclarationOf(feature).label, values: [printWord(feature, value)] }]
  })
  return [...rows, ...coded]
}

/** What another kind of image alone has is no gap in the report of this one. */
function isOfOtherImages(value: FeatureValue | CodedValue): boolean {
  return isAbsent(value) && (value.absent === 'not-for-this-modality' || value.absent === 'not-for-this-view')
}

function printWord(name: CodedFeatureName, value: CodedValue): Printed {
  if (isAbsent(value)) return { why: ABSENCE_WORDS[value.absent] }
  return { value: codedDeclarationOf(name).values[value.word]?.words ?? value.word }
}

/** A projection is shorter than the way through the breast or along the skin: the row says which one it is. */
function withKind({ zh, en }: Words, value: FeatureValue): Words {
  if (isAbsent(value) || value.distance === undefined || value.unit === '1') return { zh, en }
  const kind = DISTANCE_KIND_WORDS[value.distance]
  return { zh: `${zh}（${kind.zh}）`, en: `${en} (${kind.en})` }
}

function isSaidElsewhere(
  feature: FeatureName,
  value: FeatureValue,
  values: Readonly<Partial<Record<FeatureName, FeatureValue>>>,
): boolean {
  const { calibratedAs } = declarationOf(feature)
  if (calibratedAs !== undefined) {
    const calibrated = values[calibratedAs as FeatureName]
    return isAbsent(value) || (calibrated !== undefined && !isAbsent(calibrated))
  }
  const onGrid = featuresOf(declarationOf(feature).group).find((name) => declarationOf(name).calibratedAs === feature)
  const gridValue = onGrid === undefined ? undefined : values[onGrid]
  return isAbsent(value) && gridValue !== undefined && !isAbsent(gridValue)
}

/** Left against right: one column for each view. */
export function comparisonTable(comparisons: readonly Comparison[]): ValueTable {
  return {
    kind: 'values',
    columns: [{ zh: '左 − 右', en: 'Left less right' }, ...comparisons.map(exposureLabel)],
    rows: COMPARISON_NAMES.filter((name) => !comparisons.every(({ values }) => isOfOtherImages(values[name]))).map(
      (name) => {
        const { label, digits } = COMPARISONS[name]
        return { name: label, values: comparisons.map(({ values }) => printValue(values[name], digits)) }
      },
    ),
  }
}

export function printValue(value: FeatureValue, digits: number): Printed {
  if (isAbsent(value)) return { why: ABSENCE_WORDS[value.absent] }
  return { value: printNumber(value.value, digits) + printUnit(value) }
}

function printUnit({ unit }: Exclude<FeatureValue, { absent: unknown }>): string {
  const symbol = UNIT_SYMBOLS[unit]
  return symbol === '' || symbol === '°' ? symbol : ` ${symbol}`
}

/** With a true minus sign, and no minus before a zero. */
export function printNumber(value: number, digits: number): string {
  const text = Math.abs(value).toFixed(digits)
  return value < 0 && Number(text) !== 0 ? `−${text}` : text
}

/** Rounding must not turn a low score into none, nor a high one into certainty. */
export function printScore(score: number): string {
  if (score < 0.01) return '< 0.01'
  return score > 0.99 ? '> 0.99' : printNumber(score, 2)
}
