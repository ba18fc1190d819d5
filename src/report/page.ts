import { createHash } from 'node:crypto'
import { ABSENCE_WORDS, isAbsent } from '#core/absent.ts'
import type { Side } from '#core/modality.ts'
import type { NoticeCode } from '#core/notices.ts'
import type { ImageReport, ReadImage, Report, SideReport } from '#core/report.ts'
import type { Language } from '#core/words.ts'
import { appendix } from './appendix.ts'
import { type Assets, emptyFigure, imageFigure } from './figures.ts'
import { exposureLabel, PROBLEM_LABELS, SIDE_LABELS, STATUS_LABELS } from './labels.ts'
import { both, html, Markup } from './markup.ts'
import { STYLE } from './style.ts'
import { comparisonTable, lesionTable } from './tables.ts'

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
  const page = html`<!doctype html>
<html lang="${language === 'zh' ? 'zh-CN' : 'en'}">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; img-src data:; style-src 'sha256-${styleHash()}'; base-uri 'none'; form-action 'none'">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="referrer" content="no-referrer">
<title>早筛 Zaoshai · ${report.study.id}</title>
${new Markup(`<style>${STYLE}</style>`)}
</head>
<body>
${header(report, language)}
<main>
${noticeSection(report)}
${overview(report)}
${imageSections(report, assets)}
${measurements(report)}
${comparisonSection(report)}
${reading()}
${appendix(report)}
</main>
<footer><p>Zaoshai ${report.software.version} · ${report.study.id} · ${report.model.id}</p></footer>
</body>
</html>
`
  return page.text
}

function styleHash(): string {
  return createHash('sha256').update(STYLE).digest('base64')
}

function header({ study, createdAt, model, status }: Report, language: Language): Markup {
  const option = (code: Language, name: string, lang: string) =>
    html`<label><input class="hidden" type="radio" name="language" id="show-${code}"${code === language && new Markup(' checked')}><span lang="${lang}">${name}</span></label>`
  return html`<header>
<div class="masthead"><div><h1>${both({ zh: '乳腺早筛报告', en: 'Breast screening report' })}</h1>
<p>${both({ zh: '软件辅助分析，由医生作出结论', en: 'Analysis assisted by software; a doctor decides' })}</p></div>
<fieldset class="language"><legend class="hidden">语言 Language</legend>${option('zh', '中文', 'zh-CN')}${option('en', 'English', 'en')}</fieldset></div>
<dl class="facts">
${fact({ zh: '检查编号', en: 'Study' }, study.id)}
${fact({ zh: '检查日期', en: 'Examined' }, isAbsent(study.date) ? both(ABSENCE_WORDS[study.date.absent]) : study.date)}
${fact({ zh: '报告时间', en: 'Reported' }, `${createdAt.slice(0, 16).replace('T', ' ')} UTC`)}
${fact({ zh: '完整性', en: 'Examination' }, both(status === 'complete' ? { zh: '完整', en: 'Complete' } : { zh: '不完整', en: 'Incomplete' }))}
${fact({ zh: '模型', en: 'Model' }, model.id)}
</dl>
</header>`
}

function fact(name: { zh: string; en: string }, value: string | Markup): Markup {
  return html`<div><dt>${both(name)}</dt><dd>${value}</dd></div>`
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
  const looked = read.filter(({ marking }) => !isAbsent(marking))
  const badge = html`<span class="badge${status !== 'imaged' && ' caution'}">${both(STATUS_LABELS[status])}</span>`
  return html`<div class="card"><h3><span>${both(SIDE_LABELS[side])}</span>${badge}</h3>
<dl><dt>${both({ zh: '图像（可读 / 全部）', en: 'Images (readable of all)' })}</dt><dd>${read.length} / ${images.length}</dd>
<dt>${both({ zh: '软件作过标注的图像', en: 'Images looked at by the software' })}</dt><dd>${looked.length}</dd>
<dt>${both({ zh: '标出区域的图像', en: 'Images with a marked region' })}</dt><dd>${looked.length === 0 ? '–' : marked.length}</dd></dl>
${missing.length > 0 && html`<p>${both({ zh: '缺少：', en: 'Missing: ' })}${missing.map((view, i) => html`${i > 0 && ', '}${both(exposureLabel(view))}`)}</p>`}
</div>`
}

/** Sections of what was taken alike on both sides: the rows in which the breasts stand beside each other. */
function imageSections({ sides }: Report, assets: Assets): Markup[] {
  const all = [...sides.R.images, ...sides.L.images, ...sides.R.missing, ...sides.L.missing]
  const exposures = new Map(all.map((image) => [exposureLabel(image).en, image]))
  return [...exposures].map(([key, exposure], i) => {
    const alike = (side: Side) => sides[side].images.filter((image) => exposureLabel(image).en === key)
    return html`<section aria-labelledby="row-${i}"><h2 id="row-${i}">${both(exposureLabel(exposure))}</h2>
<div class="pair">${HANGING.map((side) => imageColumn(sides[side], alike(side), assets))}</div></section>\n`
  })
}

function imageColumn({ side, images }: SideReport, alike: readonly ImageReport[], assets: Assets): Markup {
  return html`<div class="stack"><p class="side-title">${both(SIDE_LABELS[side])}</p>
${alike.length === 0 ? emptyFigure(side, images.length > 0) : alike.map((image) => imageFigure(image, assets))}</div>`
}

function measurements({ sides }: Report): Markup | undefined {
  const tables = HANGING.map((side) => ({ side, tables: sides[side].images.flatMap(lesionTables) }))
  if (tables.every((column) => column.tables.length === 0)) return undefined
  return html`<section aria-labelledby="measured"><h2 id="measured">${both({ zh: '标出区域的测量', en: 'Measurements of the marked regions' })}</h2>
<div class="pair tables">${tables.map(
    (column) => html`<div class="stack"><p class="side-title">${both(SIDE_LABELS[column.side])}</p>
${column.tables.length === 0 ? html`<p class="note">${both(ABSENCE_WORDS[sides[column.side].images.length === 0 ? 'not-imaged' : 'no-lesion-marked'])}</p>` : column.tables}</div>`,
  )}</div>
<p class="note">${both({
    zh: '由软件轮廓测得，须由医生核对。未校准的数值以像素计，不能换算为毫米。',
    en: "Measured from the software's outlines, to be checked by a doctor. Uncalibrated values are on the pixel grid and are not millimetres.",
  })}</p></section>`
}

function lesionTables(image: ImageReport): Markup[] {
  return image.status === 'read' ? lesionsOf(image).map((lesion) => lesionTable(lesion, image)) : []
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
