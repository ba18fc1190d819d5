import { ABSENCE_WORDS, type Absent, isAbsent } from '#core/absent.ts'
import { MODALITY_WORDS } from '#core/notices.ts'
import type { PreprocessingStep } from '#core/preprocessing.ts'
import type { ImageReport, ReadImage, Report } from '#core/report.ts'
import { exposureLabel, SIDE_LABELS, SPACING_LABELS } from './labels.ts'
import { both, type Content, html, type Markup } from './markup.ts'
import { printNumber } from './tables.ts'

/** How each image was treated, and what is known of the model: for whoever has to check or repeat it. */
export function appendix(report: Report): Markup {
  const images = [...report.sides.R.images, ...report.sides.L.images]
  return html`${images.length > 0 && imagesSection(images)}${modelSection(report)}`
}

function imagesSection(images: readonly ImageReport[]): Markup {
  return html`<section aria-labelledby="treated"><h2 id="treated">${both({ zh: '图像与处理', en: 'Images and how they were treated' })}</h2>
<div class="scroll" tabindex="0" role="group" aria-labelledby="treated"><table>
<thead><tr>
<th scope="col">${both({ zh: '图像', en: 'Image' })}</th>
<th scope="col">${both({ zh: '大小与间距', en: 'Size and spacing' })}</th>
<th scope="col">${both({ zh: '病灶存在概率', en: 'Probability of a lesion' })}</th>
<th scope="col">${both({ zh: '标准化', en: 'Standardised by' })}</th>
</tr></thead>
<tbody>${images.map(imageRow)}</tbody></table></div></section>`
}

function imageRow(image: ImageReport): Markup {
  const name = html`<th scope="row">${both(SIDE_LABELS[image.side])} · ${both(exposureLabel(image))}<br><span class="mono">${image.file}</span></th>`
  if (image.status === 'unreadable') {
    return html`<tr>${name}<td colspan="3">${both(ABSENCE_WORDS.unreadable)} <span class="mono">${image.code}</span></td></tr>\n`
  }
  return html`<tr>${name}
<td>${image.size.width} × ${image.size.height} px<br>${spacing(image)}</td>
<td>${orAbsent(image.presence, printProbability)}</td>
<td>${orAbsent(image.standardisation, (steps) => steps.map(stepName).join(' → '))}</td></tr>\n`
}

/** Rounding must not turn a small chance into none, nor a great one into certainty. */
function printProbability(probability: number): string {
  if (probability < 0.01) return '< 0.01'
  return probability > 0.99 ? '> 0.99' : printNumber(probability, 2)
}

function spacing({ pixelSpacingMm }: ReadImage): Content {
  return orAbsent(pixelSpacingMm, ({ x, y, source }) => html`${x} × ${y} mm, ${both(SPACING_LABELS[source])}`)
}

function orAbsent<T>(value: T | Absent, print: (value: T) => Content): Content {
  return isAbsent(value) ? both(ABSENCE_WORDS[value.absent]) : print(value)
}

/** In the terms of the code, which are those of the literature. */
function stepName({ name, parameters }: PreprocessingStep): string {
  const { size } = parameters
  return size === undefined ? name : `${name} ${size} × ${size}`
}

function modelSection({ model }: Report): Markup {
  const validated = model.validatedModalities.map((modality) => MODALITY_WORDS[modality])
  return html`<section aria-labelledby="model"><h2 id="model">${both({ zh: '模型及其局限', en: 'The model and its limits' })}</h2>
<p>${model.id} <span class="mono">SHA-256 ${model.sha256}</span></p>
<p>${both({ zh: '已验证的影像类型：', en: 'Validated on: ' })}${validated.length === 0 ? '–' : both({ zh: validated.map(({ zh }) => zh).join('、'), en: validated.map(({ en }) => en).join(', ') })}</p>
${model.figures.length > 0 && figures(model.figures)}
${model.limits.length > 0 && html`<ul class="note">${model.limits.map((limit) => html`<li>${both(limit)}</li>`)}</ul>`}
</section>`
}

function figures(rows: Report['model']['figures']): Markup {
  return html`<table><caption>${both({ zh: '与医生轮廓的一致程度（Dice）', en: "Agreement with doctors' outlines (Dice)" })}</caption>
<thead><tr><th scope="col">${both({ zh: '影像类型', en: 'Modality' })}</th><th scope="col">${both({ zh: '数据集', en: 'Data' })}</th><th scope="col">${both({ zh: '图像数', en: 'Images' })}</th><th scope="col">${both({ zh: '平均 Dice（95% 区间）', en: 'Mean Dice (95% interval)' })}</th></tr></thead>
<tbody>${rows.map(
    ({ modality, set, images, meanDice, interval }) =>
      html`<tr><th scope="row">${both(MODALITY_WORDS[modality])}</th><td>${set}</td><td>${images}</td><td>${printNumber(meanDice, 3)}${interval !== undefined && ` (${printNumber(interval[0], 3)}–${printNumber(interval[1], 3)})`}</td></tr>`,
  )}</tbody></table>`
}
