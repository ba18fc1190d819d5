import { ABSENCE_WORDS, isAbsent } from '#core/absent.ts'
import type { Side } from '#core/modality.ts'
import type { NoticeCode } from '#core/notices.ts'
import type { ImageReport, ReadImage, Report, SideReport } from '#core/report.ts'
import type { Language } from '#core/words.ts'
import { appendix } from './appendix.ts'
import { breastSection } from './breast-section.ts'
import { type Assets, emptyFigure, imageFigure } from './figures.ts'
import { kineticsSection } from './kinetics.ts'
import { type Exposure, exposureLabel, PROBLEM_LABELS, SIDE_LABELS, STATUS_LABELS } from './labels.ts'
import { both, html, Markup } from './markup.ts'
import { type PageParts, renderPage } from './shell.ts'
import { comparisonTable, lesionTables } from './tables.ts'

/** As radiologists hang films: the right breast on the viewer's left. */
const HANGING = ['R', 'L'] as const satisfies readonly Side[]

const CAUTIONS: ReadonlySet<NoticeCode> = new Set([
  'incomplete',
  'side-unresolved',
  'unreadable-images',
  'repeat-advised',
])

/**
 * The report as one HTML page that needs nothing else: pictures inside, no script, no request to anywhere. Both
 * languages are in it; `language` is the one it opens in. Nothing is computed here that the report does not say.
 */
export function renderHtml(report: Report, assets: Assets, { language }: { readonly language: Language }): string {
  const { study, software, model } = report
  return renderPage({
    title: study.id,
    language,
    heading: { zh: '乳腺早筛报告', en: 'Breast screening report' },
    subheading: { zh: '软件辅助分析，由医生作出结论', en: 'Analysis assisted by software; a doctor decides' },
    facts: factsOf(report),
    main: html`${noticeSection(report)}
${overview(report)}
${imageSections(report, assets)}
${measurements(report)}
${kineticsSection(report, assets)}
${comparisonSection(report)}
${breastSection(report)}
${reading()}
${appendix(report)}`,
    footer: html`${study.note !== undefined && html`<p>${study.note}</p>`}<p>Zaoshai ${software.version} · ${study.id} · ${model.id}</p>`,
  })
}

function factsOf({ study, createdAt, model, status }: Report): PageParts['facts'] {
  const complete = status === 'complete' ? { zh: '完整', en: 'Complete' } : { zh: '不完整', en: 'Incomplete' }
  return [
    [{ zh: '检查编号', en: 'Study' }, study.id],
    [{ zh: '检查日期', en: 'Examined' }, isAbsent(study.date) ? both(ABSENCE_WORDS[study.date.absent]) : study.date],
    [{ zh: '报告时间', en: 'Reported' }, `${createdAt.slice(0, 16).replace('T', ' ')} UTC`],
    [{ zh: '完整性', en: 'Examination' }, both(complete)],
    [{ zh: '模型', en: 'Model' }, model.id],
  ]
}

function noticeSection({ notices, refused }: Report): Markup {
  return html`<section aria-labelledby="notices"><h2 id="notices">${both({ zh: '须知', en: 'Please note' })}</h2>
<ul class="notices">${notices.map(({ code, words }) => html`<li${CAUTIONS.has(code) && new Markup(' class="caution"')}>${both(words)}</li>`)}</ul>
${refused.length > 0 && html`<ul class="note">${refused.map(({ file, reason }) => html`<li>${file}: ${both(PROBLEM_LABELS[reason])}</li>`)}</ul>`}
</section>`
}

function overview({ sides }: Report): Markup {
  return html`<section aria-labelledby="overview"><h2 id="overview">${both({ zh: '双侧概览', en: 'Both sides at a glance' })}</h2>
<div class="pair cards">${HANGING.map((side) => sideCard(sides[side]))}</div></section>`
}

function sideCard({ side, status, images, missing }: SideReport): Markup {
  const read = images.filter((image) => image.status === 'read')
  const marked = read.filter((image) => lesionsOf(image).length > 0)
  const looked = read.filter(({ marking }) => !isAbsent(marking) && marking.by === 'software')
  const badge = html`<span class="badge${status !== 'imaged' && ' caution'}">${both(STATUS_LABELS[status])}</span>`
  return html`<div class="card"><h3><span>${both(SIDE_LABELS[side])}</span>${badge}</h3>
<dl><dt>${both({ zh: '图像（可读 / 全部）', en: 'Images (readable of all)' })}</dt><dd>${read.length} / ${images.length}</dd>
<dt>${both({ zh: '软件作过标注的图像', en: 'Images looked at by the software' })}</dt><dd>${looked.length}</dd>
<dt>${both({ zh: '标出区域的图像', en: 'Images with a marked region' })}</dt><dd>${looked.length + marked.length === 0 ? '–' : marked.length}</dd></dl>
${missing.length > 0 && html`<p>${both({ zh: '缺少：', en: 'Missing: ' })}${missing.map((view, i) => html`${i > 0 && ', '}${both(exposureLabel(view))}`)}</p>`}
</div>`
}

/** What was taken alike on both sides, or should have been: the rows in which the breasts stand beside each other. */
function exposuresOf({ sides }: Report): Exposure[] {
  const all = [...sides.R.images, ...sides.L.images, ...sides.R.missing, ...sides.L.missing]
  return [...new Map(all.map((image) => [exposureLabel(image).en, image])).values()]
}

function takenAs(exposure: Exposure, { images }: SideReport): ImageReport[] {
  return images.filter((image) => exposureLabel(image).en === exposureLabel(exposure).en)
}

function imageSections(report: Report, assets: Assets): Markup[] {
  return exposuresOf(report).map(
    (
      exposure,
      i,
    ) => html`<section class="row" aria-labelledby="row-${i}"><h2 id="row-${i}">${both(exposureLabel(exposure))}</h2>
<div class="pair">${HANGING.map((side) => imageColumn(report.sides[side], takenAs(exposure, report.sides[side]), assets))}</div></section>\n`,
  )
}

function imageColumn({ side, images }: SideReport, alike: readonly ImageReport[], assets: Assets): Markup {
  return html`<div class="stack"><p class="side-title">${both(SIDE_LABELS[side])}</p>
${alike.length === 0 ? emptyFigure(side, images.length > 0) : alike.map((image) => imageFigure(image, assets))}</div>`
}

function measurements(report: Report): Markup | undefined {
  const rows = exposuresOf(report)
    .map((exposure) => ({ exposure, columns: HANGING.map((side) => measuredColumn(exposure, report.sides[side])) }))
    .filter(({ columns }) => columns.some(({ tables }) => tables.length > 0))
  if (rows.length === 0) return undefined
  return html`<section class="measured" aria-labelledby="measured"><h2 id="measured">${both({ zh: '标出区域的测量', en: 'Measurements of the marked regions' })}</h2>
<p class="note">${both({
    zh: '由软件或医生的轮廓测得，须由医生核对。未校准的数值以像素计，不能换算为毫米。预期 Dice：验证图像中同类轮廓与医生轮廓的平均重合度（0 至 1），不说明区域的性质。轮廓不确定度：轮廓可能所在带状区域的平均宽度。',
    en: "Measured from the outlines of the software, or of a doctor, to be checked by a doctor. Uncalibrated values are on the pixel grid and are not millimetres. Expected Dice: the mean agreement with doctors' outlines (0 to 1) that outlines like this one had on validation images; it says nothing of what the region is. Outline uncertainty: mean width of the band in which the outline might as well run.",
  })}</p>
${rows.map(
  ({ exposure, columns }) => html`<h3>${both(exposureLabel(exposure))}</h3>
<div class="pair tables">${columns.map(
    ({ side, tables, why }) => html`<div class="stack"><p class="side-title">${both(SIDE_LABELS[side])}</p>
${tables.length > 0 ? tables : html`<p class="note">${both(why)}</p>`}</div>`,
  )}</div>\n`,
)}</section>`
}

/** The tables of one side for one exposure, or why there are none. */
function measuredColumn(exposure: Exposure, side: SideReport) {
  const images = takenAs(exposure, side)
  const read = images.filter((image) => image.status === 'read')
  const refused = read.map(({ marking }) => marking).find(isAbsent)
  const reason = read.length > 0 ? 'no-lesion-marked' : images.length > 0 ? 'unreadable' : 'not-imaged'
  return {
    side: side.side,
    tables: read.flatMap((image) => lesionTables(lesionsOf(image))),
    why: ABSENCE_WORDS[refused?.absent ?? reason],
  }
}

function lesionsOf({ marking }: ReadImage) {
  return isAbsent(marking) ? [] : marking.lesions
}

function comparisonSection({ comparison }: Report): Markup {
  return html`<section aria-labelledby="comparison"><h2 id="comparison">${both({ zh: '左右对比', en: 'Left against right' })}</h2>
${isAbsent(comparison) ? html`<p>${both(ABSENCE_WORDS[comparison.absent])}</p>` : comparisonTable(comparison)}</section>`
}

/** Left blank: the software does not conclude. */
function reading(): Markup {
  return html`<section aria-labelledby="reading"><h2 id="reading">${both({ zh: '医生结论', en: "Doctor's conclusion" })}</h2>
<div class="reading"><div class="space"></div><div class="signatures"><span>${both({ zh: '医生签名', en: 'Signature' })}</span><span>${both({ zh: '日期', en: 'Date' })}</span></div></div></section>`
}
