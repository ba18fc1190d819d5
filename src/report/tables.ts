import { ABSENCE_WORDS, type AbsenceReason, isAbsent } from '#core/absent.ts'
import { CONFIDENCE, type ConfidenceName } from '#core/confidence.ts'
import {
  COMPARISON_NAMES,
  COMPARISONS,
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
import { both, html, type Markup } from './markup.ts'

const UNCALIBRATED: Words = { zh: '（像素值，未校准）', en: ' (in pixels, uncalibrated)' }
const CONFIDENCE_WORDS: Words = { zh: '轮廓可信度', en: 'Confidence' }
const STANDARDISED_WORDS: Words = { zh: '对比（标准化图像）', en: 'Contrast, standardised' }
/** The record holds the others, too. */
const STANDARDISED_ON_PAGE = ['gcnr', 'ringDifference'] as const satisfies readonly FeatureName[]
const MEASURED_GROUPS = ['location', 'spatial', 'contrast'] as const satisfies readonly FeatureGroup[]

/** Of more regions on one image than this, the smaller ones share a table of their main measurements. */
export const FULL_TABLES_PER_IMAGE = 3

/** A table for each marked region of an image, largest first; beyond three, one for all the rest. */
export function lesionTables(lesions: readonly Lesion[]): Markup[] {
  const rest = lesions.slice(FULL_TABLES_PER_IMAGE)
  return [
    ...lesions.slice(0, FULL_TABLES_PER_IMAGE).map((lesion) => lesionTable(lesion)),
    ...(rest.length === 0 ? [] : [furtherTable(rest)]),
  ]
}

/** Everything measured on one marked region. */
function lesionTable({ number, features, confidence }: Lesion): Markup {
  const { temporal } = features
  const told = isAbsent(temporal)
    ? absentCell(temporal.absent)
    : html`<td class="absent">${both({ zh: '见“随时间的变化”', en: 'See “Over time”' })}</td>`
  const kinetics = html`<th scope="row">${both({ zh: '动态变化', en: 'Kinetics' })}</th>${told}`
  return html`<table class="lesion">
<caption>${both({ zh: `区域 ${number}`, en: `Region ${number}` })}${remark(Object.values(features.spatial))}</caption>
${MEASURED_GROUPS.map((name) => groupRows(name, features[name]))}
${rowGroup(STANDARDISED_WORDS, standardisedRows(features.contrastStandardised))}
${rowGroup(FEATURE_GROUP_WORDS.temporal, [kinetics])}
${rowGroup(CONFIDENCE_WORDS, confidenceRows(confidence))}
</table>`
}

/** What leads of the contrasts once more, of the image as the model sees it. */
function standardisedRows(contrast: Lesion['features']['contrastStandardised']): Markup[] {
  return STANDARDISED_ON_PAGE.map((name) => {
    const { label, digits } = declarationOf(name)
    const words = { zh: `${label.zh}（标准化）`, en: `${label.en}, standardised` }
    return html`<th scope="row">${both(words)}</th>${valueCell(isAbsent(contrast) ? contrast : contrast[name], digits)}`
  })
}

/** How far the outline itself can be trusted; in millimetres where they are known and in pixels else. */
function confidenceRows(confidence: Lesion['confidence']): Markup[] {
  const width = isAbsent(confidence.outlineUncertaintyMm) ? 'outlineUncertaintyPx' : 'outlineUncertaintyMm'
  return (['expectedDice', width] as const satisfies readonly ConfidenceName[]).map((name) => {
    const { label, digits } = CONFIDENCE[name]
    return html`<th scope="row">${both(label)}</th>${valueCell(confidence[name], digits)}`
  })
}

/** Said once in the caption where nothing printed is in millimetres: without spacing the forms stand on the grid too. */
function remark(values: readonly FeatureValue[]): Markup | undefined {
  const onGrid = values.some((value) => 'unit' in value && value.unit === '1' && value.uncalibrated === true)
  const inMm = values.some((value) => 'unit' in value && value.unit === 'mm')
  return onGrid || !inMm ? html`<small>${both(UNCALIBRATED)}</small>` : undefined
}

const MAIN_MEASUREMENTS = [
  ['nippleDistanceMm', 'nippleDistancePx'],
  ['areaMm2', 'areaPx'],
  ['maximumDiameterMm', 'maximumDiameterPx'],
] as const satisfies readonly (readonly [FeatureName, FeatureName])[]

/** The small regions of an image that has many: one row each. */
function furtherTable(lesions: readonly Lesion[]): Markup {
  const head = MAIN_MEASUREMENTS.map(
    ([name]) => html`<th scope="col" class="value">${both(declarationOf(name).label)}</th>`,
  )
  const { label, digits } = CONFIDENCE.expectedDice
  const rows = lesions.map(({ number, features, confidence }) => {
    const values: Partial<Record<FeatureName, FeatureValue>> = { ...features.location, ...features.spatial }
    const cells = MAIN_MEASUREMENTS.map(([inMm, inPx]) => {
      const name = isAbsent(values[inMm]) && !isAbsent(values[inPx]) ? inPx : inMm
      const value = values[name]
      return value === undefined ? undefined : valueCell(value, declarationOf(name).digits)
    })
    const trust = valueCell(confidence.expectedDice, digits)
    return html`<tr><th scope="row">${number}</th>${cells}${trust}</tr>\n`
  })
  return html`<table>
<caption>${both({ zh: '其余较小区域', en: 'Further, smaller regions' })}${remark(lesions.flatMap(({ features }) => Object.values(features.spatial)))}</caption>
<thead><tr><th scope="col">${both({ zh: '区域', en: 'Region' })}</th>${head}<th scope="col" class="value">${both(label)}</th></tr></thead>
<tbody>${rows}</tbody>
</table>`
}

/** The group's name beside its rows. */
function rowGroup(name: Words, rows: readonly Markup[]): Markup {
  const heading = html`<th scope="rowgroup" rowspan="${rows.length}">${both(name)}</th>`
  return html`<tbody>${rows.map((row, i) => html`<tr>${i === 0 && heading}${row}</tr>\n`)}</tbody>`
}

/** A length that stands in millimetres is not printed in pixels too; one that stands in neither is printed once. */
function groupRows(name: FeatureGroup, values: Readonly<Partial<Record<FeatureName, FeatureValue>>>): Markup {
  const rows = featuresOf(name).flatMap((feature) => {
    const value = values[feature]
    if (value === undefined || declarationOf(feature).recordOnly || isOfOtherImages(value)) return []
    return isSaidElsewhere(feature, value, values) ? [] : [featureRow(feature, value)]
  })
  return rowGroup(FEATURE_GROUP_WORDS[name], rows)
}

/** What another kind of image alone has is no gap in the report of this one. */
function isOfOtherImages(value: FeatureValue): boolean {
  return isAbsent(value) && value.absent === 'not-for-this-modality'
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

function featureRow(name: FeatureName, value: FeatureValue): Markup {
  const { label, digits } = declarationOf(name)
  return html`<th scope="row">${both(label)}</th>${valueCell(value, digits)}`
}

export function valueCell(value: FeatureValue, digits: number): Markup {
  if ('absent' in value) return absentCell(value.absent)
  return html`<td class="value">${printNumber(value.value, digits)}${printUnit(value)}</td>`
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

function absentCell(reason: AbsenceReason): Markup {
  return html`<td class="absent">${both(ABSENCE_WORDS[reason])}</td>`
}

/** Left against right: one column for each view. */
export function comparisonTable(comparisons: readonly Comparison[]): Markup {
  const columns = comparisons.map((comparison) => html`<th scope="col">${both(exposureLabel(comparison))}</th>`)
  const shown = COMPARISON_NAMES.filter((name) => !comparisons.every(({ values }) => isOfOtherImages(values[name])))
  const rows = shown.map((name) => {
    const { label, digits } = COMPARISONS[name]
    return html`<tr><th scope="row">${both(label)}</th>${comparisons.map(({ values }) => valueCell(values[name], digits))}</tr>\n`
  })
  return html`<div class="scroll" tabindex="0" role="group" aria-labelledby="comparison"><table>
<thead><tr><th scope="col">${both({ zh: '左 − 右', en: 'Left less right' })}</th>${columns}</tr></thead>
<tbody>${rows}</tbody>
</table></div>`
}
