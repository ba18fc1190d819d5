import { ABSENCE_WORDS, isAbsent } from '#core/absent.ts'
import type { ImageReport, Report, SideReport } from '#core/report.ts'
import type { Language } from '#core/words.ts'
import { appendix } from './appendix.ts'
import { breastSection } from './breast-section.ts'
import { type Assets, emptyFigure, imageFigure } from './figures.ts'
import { intakeSection } from './intake.ts'
import { kineticsSection } from './kinetics-markup.ts'
import { exposureLabel, HEADINGS, MEASURED_NOTE, MISSING, PROBLEM_LABELS, SIDE_LABELS } from './labels.ts'
import { both, html, Markup } from './markup.ts'
import { CAUTIONS, exposuresOf, HANGING, measuredRows, reportFacts, summaryOf, takenAs } from './overview.ts'
import { scoreSection } from './score.ts'
import { cellMarkup, renderSections, SECTIONS_STYLE } from './sections.ts'
import { renderPage } from './shell.ts'
import { tableMarkup } from './table-markup.ts'
import { comparisonTable } from './tables.ts'

/**
 * The report as one HTML page that needs nothing else: pictures inside, no script, no request to anywhere. Both
 * languages are in it; `language` is the one it opens in. Nothing is computed here that the report does not say.
 */
export function renderHtml(report: Report, assets: Assets, { language }: { readonly language: Language }): string {
  const { study, software, model } = report
  return renderPage({
    title: study.id,
    language,
    heading: HEADINGS.report,
    subheading: HEADINGS.assisted,
    facts: reportFacts(report).map(([name, value]) => [name, cellMarkup(value)]),
    main: html`${noticeSection(report)}
${renderSections([intakeSection(report)])}
${overview(report)}
${imageSections(report, assets)}
${renderSections([scoreSection(report)])}
${measurements(report)}
${kineticsSection(report, assets)}
${comparisonSection(report)}
${breastSection(report)}
${reading()}
${renderSections(appendix(report))}`,
    footer: html`${study.note !== undefined && html`<p>${study.note}</p>`}<p>Zaoshai ${software.version} · ${study.id} · ${model.id}</p>`,
    style: SECTIONS_STYLE,
  })
}

function noticeSection({ notices, refused }: Report): Markup {
  return html`<section aria-labelledby="notices"><h2 id="notices">${both(HEADINGS.notices)}</h2>
<ul class="notices">${notices.map(({ code, words }) => html`<li${CAUTIONS.has(code) && new Markup(' class="caution"')}>${both(words)}</li>`)}</ul>
${refused.length > 0 && html`<ul class="note">${refused.map(({ file, reason }) => html`<li>${file}: ${both(PROBLEM_LABELS[reason])}</li>`)}</ul>`}
</section>`
}

function overview({ sides }: Report): Markup {
  return html`<section aria-labelledby="overview"><h2 id="overview">${both(HEADINGS.overview)}</h2>
<div class="pair cards">${HANGING.map((side) => sideCard(sides[side]))}</div></section>`
}

function sideCard(side: SideReport): Markup {
  const { title, status, isWhole, facts, missing } = summaryOf(side)
  const badge = html`<span class="badge${!isWhole && ' caution'}">${both(status)}</span>`
  return html`<div class="card"><h3><span>${both(title)}</span>${badge}</h3>
<dl>${facts.map(([name, value]) => html`<dt>${both(name)}</dt><dd>${cellMarkup(value)}</dd>\n`)}</dl>
${missing.length > 0 && html`<p>${both(MISSING)}${missing.map((view, i) => html`${i > 0 && ', '}${both(view)}`)}</p>`}
</div>`
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
  const rows = measuredRows(report)
  if (rows.length === 0) return undefined
  return html`<section class="measured" aria-labelledby="measured"><h2 id="measured">${both(HEADINGS.measured)}</h2>
<p class="note">${both(MEASURED_NOTE)}</p>
${rows.map(
  ({ exposure, columns }) => html`<h3>${both(exposure)}</h3>
<div class="pair tables">${columns.map(
    ({ side, tables, why }) => html`<div class="stack"><p class="side-title">${both(side)}</p>
${tables.length > 0 ? tables.map(tableMarkup) : html`<p class="note">${both(why)}</p>`}</div>`,
  )}</div>\n`,
)}</section>`
}

function comparisonSection({ comparison }: Report): Markup {
  return html`<section aria-labelledby="comparison"><h2 id="comparison">${both(HEADINGS.comparison)}</h2>
${isAbsent(comparison) ? html`<p>${both(ABSENCE_WORDS[comparison.absent])}</p>` : html`<div class="scroll" tabindex="0" role="group" aria-labelledby="comparison">${tableMarkup(comparisonTable(comparison))}</div>`}</section>`
}

/** Left blank: the software does not conclude. */
function reading(): Markup {
  return html`<section aria-labelledby="reading"><h2 id="reading">${both(HEADINGS.reading)}</h2>
<div class="reading"><div class="space"></div><div class="signatures"><span>${both(HEADINGS.signature)}</span><span>${both(HEADINGS.date)}</span></div></div></section>`
}
