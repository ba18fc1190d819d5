import { ABSENCE_WORDS, type Absent, isAbsent } from '#core/absent.ts'
import { CONFIDENCE } from '#core/confidence.ts'
import type { FeatureValue } from '#core/features.ts'
import { MODALITY_WORDS } from '#core/notices.ts'
import type { PreprocessingStep } from '#core/preprocessing.ts'
import type { ImageReport, ReadImage, Report } from '#core/report.ts'
import type { Words } from '#core/words.ts'
import { exposureLabel, SIDE_LABELS, SPACING_LABELS } from './labels.ts'
import { both, type Content, html, type Markup } from './markup.ts'
import { printNumber, printScore } from './tables.ts'

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
<th scope="col">${both({ zh: '病灶存在评分（非概率）', en: 'Presence score (no probability)' })}</th>
<th scope="col">${both({ zh: '预期 Dice（整幅轮廓）', en: 'Expected Dice (all outlines)' })}</th>
<th scope="col">${both({ zh: '标准化', en: 'Standardised by' })}</th>
</tr></thead>
<tbody>${images.map(imageRow)}</tbody></table></div></section>`
}

function imageRow(image: ImageReport): Markup {
  const name = html`<th scope="row">${both(SIDE_LABELS[image.side])} · ${both(exposureLabel(image))}<br><span class="mono">${image.file}</span></th>`
  if (image.status === 'unreadable') {
    return html`<tr>${name}<td colspan="4">${both(ABSENCE_WORDS.unreadable)} <span class="mono">${image.code}</span></td></tr>\n`
  }
  return html`<tr>${name}
<td>${image.size.width} × ${image.size.height} px<br>${spacing(image)}</td>
<td>${orAbsent(image.presence, printScore)}</td>
<td>${orAbsent(expectedDiceOf(image), ({ value }) => printNumber(value, CONFIDENCE.expectedDice.digits))}</td>
<td>${orAbsent(image.standardisation, (steps) => steps.map(stepName).join(' → '))}${image.readWith !== undefined && html`<br>${both({ zh: '两种曝光一并判读：', en: 'Read together with ' })}<span class="mono">${image.readWith}</span>`}</td></tr>\n`
}

function expectedDiceOf({ marking }: ReadImage): FeatureValue {
  return isAbsent(marking) ? marking : marking.expectedDice
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
${model.confidence.length > 0 && confidence(model.confidence)}
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

const OF_WORDS = {
  mask: { zh: '整幅图像的轮廓', en: 'all outlines of an image' },
  region: { zh: '单个区域', en: 'one region' },
} as const satisfies Record<Report['model']['confidence'][number]['of'], Words>

/** How far the expected Dice held on images that it was not fitted on. */
function confidence(rows: Report['model']['confidence']): Markup {
  return html`<table><caption>${both({ zh: '预期 Dice 与实际 Dice 的符合程度（交叉验证）', en: 'Expected against observed Dice (cross-validated)' })}</caption>
<thead><tr><th scope="col">${both({ zh: '影像类型', en: 'Modality' })}</th><th scope="col">${both({ zh: '对象', en: 'Of' })}</th><th scope="col">${both({ zh: '数量', en: 'Number' })}</th><th scope="col">${both({ zh: '校准误差', en: 'Calibration error' })}</th><th scope="col">${both({ zh: '相关系数', en: 'Correlation' })}</th></tr></thead>
<tbody>${rows.map(
    ({ modality, of, examples, calibrationError, correlation }) =>
      html`<tr><th scope="row">${both(MODALITY_WORDS[modality])}</th><td>${both(OF_WORDS[of])}</td><td>${examples}</td><td>${printNumber(calibrationError, 3)}</td><td>${correlation === null ? '–' : printNumber(correlation, 2)}</td></tr>`,
  )}</tbody></table>`
}
