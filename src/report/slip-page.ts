import type { Report } from '#core/report.ts'
import type { Language, Words } from '#core/words.ts'
import { HEADINGS } from './labels.ts'
import { both, html, type Markup } from './markup.ts'
import { cellMarkup } from './sections.ts'
import { renderPage } from './shell.ts'
import { NEXT_STEPS, SLIP_WORDS, slipOf } from './slip.ts'

/** The woman's slip as a page in both languages: to read on a phone, or to print and fill in by hand. */
export function renderSlip(report: Report, { language }: { readonly language: Language }): string {
  const { facts, done, isComplete, complete } = slipOf(report)
  const [whether, ...why] = complete
  return renderPage({
    title: report.study.id,
    language,
    heading: SLIP_WORDS.title,
    subheading: SLIP_WORDS.subtitle,
    facts: facts.map(([name, value]) => [name, cellMarkup(value)]),
    main: html`<section>${blanks([SLIP_WORDS.name, SLIP_WORDS.clinic])}</section>
${part('done', html`${done.map((words) => html`<p><strong>${both(words)}</strong></p>\n`)}<p>${both(SLIP_WORDS.assisted)}</p>`)}
${part('complete', html`${whether !== undefined && notice(whether, !isComplete)}${items(why)}`)}
${part('next', html`${NEXT_STEPS.map(({ what, blanks: lines }) => html`<div class="step"><strong>${both(what)}</strong>${blanks(lines)}</div>\n`)}${blanks([SLIP_WORDS.ask])}`)}
${part('remember', html`${notice(SLIP_WORDS.urgent, true)}${items([SLIP_WORDS.marks, SLIP_WORDS.noMarks])}`)}
<section>${blanks([HEADINGS.signature, HEADINGS.date])}</section>`,
    footer: html`<p>Zaoshai ${report.software.version} · ${report.study.id}</p>`,
    style: SLIP_STYLE,
  })
}

function part(name: 'done' | 'complete' | 'next' | 'remember', content: Markup): Markup {
  return html`<section aria-labelledby="${name}"><h2 id="${name}">${both(SLIP_WORDS[name])}</h2>
${content}</section>`
}

function notice(words: Words, isCaution: boolean): Markup {
  return html`<ul class="notices"><li class="${isCaution ? 'caution' : ''}">${both(words)}</li></ul>`
}

function items(all: readonly Words[]): Markup | undefined {
  if (all.length === 0) return undefined
  return html`<ul class="items">${all.map((words) => html`<li>${both(words)}</li>`)}</ul>`
}

function blanks(words: readonly Words[]): Markup {
  return html`<div class="blanks">${words.map((line) => html`<span>${both(line)}</span>`)}</div>`
}

const SLIP_STYLE = `
.items { padding-left: 20px; margin-top: 8px; }
.blanks { display: flex; flex-wrap: wrap; gap: 4px 24px; }
.blanks > span { flex: 1 1 150px; padding-top: 14px; border-bottom: 1px solid var(--soft); color: var(--soft); }
.step { position: relative; padding-left: 26px; margin-bottom: 8px; }
.step::before { content: ""; position: absolute; left: 0; top: 4px; width: 13px; height: 13px; border: 1.5px solid var(--ink); }
@media print {
  html { font-size: 10pt; line-height: 1.4; } h2 { margin-bottom: 3pt; } section { margin-bottom: 6pt; break-inside: avoid; }
  body > header { padding-top: 0; padding-bottom: 4pt; } body > footer { padding-bottom: 0; }
  .blanks > span { padding-top: 8pt; }
  .step { margin-bottom: 3pt; } .items { margin-top: 3pt; } .notices li { padding: 4pt 10pt; }
}
`
