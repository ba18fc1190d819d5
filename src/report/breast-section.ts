import type { Report, SideReport } from '#core/report.ts'
import type { Words } from '#core/words.ts'
import { say } from './breast-sentences.ts'
import { HEADINGS, SIDE_LABELS } from './labels.ts'
import { both, html, type Markup } from './markup.ts'

const NOTHING: Words = { zh: '无可描述的内容', en: 'Nothing to describe' }

/** What is said of the breast itself: of each side, and the serum values, which are of both. */
export interface BreastText {
  readonly columns: readonly { readonly side: Words; readonly sentences: readonly Words[] }[]
  readonly serum: readonly Words[]
}

export function breastText({ sides, serum }: Report): BreastText {
  const column = ({ side, breast }: SideReport) => {
    const sentences = breast.sentences.map(({ words }) => words)
    return { side: SIDE_LABELS[side], sentences: sentences.length === 0 ? [NOTHING] : sentences }
  }
  return {
    columns: [sides.R, sides.L].map(column),
    serum: serum.map((biomarker) => say('biomarker-entered', biomarker).words),
  }
}

/** The breast itself, side beside side, in the sentences of the report. */
export function breastSection(report: Report): Markup {
  const { columns, serum } = breastText(report)
  return html`<section aria-labelledby="breast"><h2 id="breast">${both(HEADINGS.breast)}</h2>
<div class="pair">${columns.map(({ side, sentences }) => html`<div class="stack"><p class="side-title">${both(side)}</p>${bullets(sentences)}</div>`)}</div>
${serum.length > 0 && html`<h3>${both(HEADINGS.serum)}</h3>${bullets(serum)}`}</section>`
}

function bullets(sentences: readonly Words[]): Markup {
  return html`<ul class="note">${sentences.map((words) => html`<li>${both(words)}</li>`)}</ul>`
}
