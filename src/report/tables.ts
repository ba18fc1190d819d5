import { ABSENCE_WORDS, type AbsenceReason, isAbsent } from '#core/absent.ts'
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
import type { Comparison, Lesion, ReadImage } from '#core/report.ts'
import { UNIT_SYMBOLS } from '#core/units.ts'
import type { Words } from '#core/words.ts'
import { exposureLabel } from './labels.ts'
import { both, html, type Markup } from './markup.ts'

const UNCALIBRATED: Words = { zh: '未校准', en: 'uncalibrated' }
const MEASURED_GROUPS = ['location', 'spatial', 'contrast'] as const satisfies readonly FeatureGroup[]

/** Everything measured on one marked region. */
export function lesionTable(lesion: Lesion, image: ReadImage): Markup {
  const seen = exposureLabel(image)
  const caption: Words = { zh: `区域 ${lesion.number}（${seen.zh}）`, en: `Region ${lesion.number} (${seen.en})` }
  return html`<table>
<caption>${both(caption)}</caption>
<thead><tr><th scope="col">${both({ zh: '测量项目', en: 'Measurement' })}</th><th scope="col"><span class="hidden">${both({ zh: '数值', en: 'Value' })}</span></th></tr></thead>
${MEASURED_GROUPS.map((name) => groupRows(name, lesion.features[name]))}
<tbody>${groupHeading('temporal')}<tr><th scope="row">${both({ zh: '动态特征', en: 'Kinetics' })}</th>${absentCell(lesion.features.temporal.absent)}</tr></tbody>
</table>`
}

function groupHeading(name: FeatureGroup): Markup {
  return html`<tr><th colspan="2" scope="rowgroup">${both(FEATURE_GROUP_WORDS[name])}</th></tr>`
}

/** A length that stands in millimetres is not printed in pixels too; one that stands in neither is printed once. */
function groupRows(name: FeatureGroup, values: Readonly<Partial<Record<FeatureName, FeatureValue>>>): Markup {
  const rows = featuresOf(name).flatMap((feature) => {
    const value = values[feature]
    return value === undefined || isSaidElsewhere(feature, value, values) ? [] : [featureRow(feature, value)]
  })
  return html`<tbody>${groupHeading(name)}${rows}</tbody>\n`
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
  return html`<tr><th scope="row">${both(label)}</th>${valueCell(value, digits)}</tr>`
}

function valueCell(value: FeatureValue, digits: number): Markup {
  if ('absent' in value) return absentCell(value.absent)
  const remark = value.uncalibrated === true && html` <small>${both(UNCALIBRATED)}</small>`
  return html`<td class="value">${printNumber(value.value, digits)}${printUnit(value)}${remark}</td>`
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

function absentCell(reason: AbsenceReason): Markup {
  return html`<td class="absent">${both(ABSENCE_WORDS[reason])}</td>`
}

/** Left against right: one column for each view. */
export function comparisonTable(comparisons: readonly Comparison[]): Markup {
  const columns = comparisons.map((comparison) => html`<th scope="col">${both(exposureLabel(comparison))}</th>`)
  const rows = COMPARISON_NAMES.map((name) => {
    const { label, digits } = COMPARISONS[name]
    return html`<tr><th scope="row">${both(label)}</th>${comparisons.map(({ values }) => valueCell(values[name], digits))}</tr>\n`
  })
  return html`<div class="scroll" tabindex="0" role="region" aria-labelledby="comparison"><table>
<thead><tr><th scope="col">${both({ zh: '比较项目', en: 'Comparison' })}</th>${columns}</tr></thead>
<tbody>${rows}</tbody>
</table></div>`
}
