import type { Report, SideReport } from '#core/report.ts'
import { say } from './breast-sentences.ts'
import { SIDE_LABELS } from './labels.ts'
import { both, html, type Markup } from './markup.ts'

/** The breast itself, side beside side, in the sentences of the report; serum values below, for they are of both. */
export function breastSection({ sides, serum }: Report): Markup {
  const entered = serum.map((biomarker) => say('biomarker-entered', biomarker))
  return html`<section aria-labelledby="breast"><h2 id="breast">${both({ zh: '乳腺区域描述', en: 'Breast region' })}</h2>
<div class="pair">${[sides.R, sides.L].map(column)}</div>
${entered.length > 0 && html`<h3>${both({ zh: '血清标志物', en: 'Serum' })}</h3><ul class="note">${entered.map(({ words }) => html`<li>${both(words)}</li>`)}</ul>`}</section>`
}

function column({ side, breast }: SideReport): Markup {
  const { sentences } = breast
  return html`<div class="stack"><p class="side-title">${both(SIDE_LABELS[side])}</p>
${
  sentences.length === 0
    ? html`<p class="note">${both({ zh: '无可描述的内容', en: 'Nothing to describe' })}</p>`
    : html`<ul class="note">${sentences.map(({ words }) => html`<li>${both(words)}</li>`)}</ul>`
}</div>`
}
