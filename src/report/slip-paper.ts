import type { Content, TDocumentDefinitions } from 'pdfmake/interfaces.js'
import type { Report } from '#core/report.ts'
import type { Language } from '#core/words.ts'
import { HEADINGS } from './labels.ts'
import { barred, blank, COLOURS, heading, masthead, paper, type Say, speaker, TEXT_WIDTH } from './paper.ts'
import { NEXT_STEPS, type NextStep, SLIP_WORDS, slipOf } from './slip.ts'

const INDENT = 18
const BETWEEN = 14

/** The woman's slip: one page of A4, in one language. */
export function slipPaper(report: Report, { language }: { readonly language: Language }): TDocumentDefinitions {
  const say = speaker(language)
  const { facts, done, isComplete, complete } = slipOf(report)
  const [whether, ...why] = complete.map(say)
  return paper({
    language,
    title: `${say(SLIP_WORDS.title)} ${report.study.id}`,
    subject: say(SLIP_WORDS.subtitle),
    softwareVersion: report.software.version,
    createdAt: new Date(report.createdAt),
    foot: `Zaoshai ${report.software.version} · ${report.study.id}`,
    fontSize: 10.5,
    content: [
      ...masthead(say(SLIP_WORDS.title), say(SLIP_WORDS.subtitle), facts, say),
      blanks([SLIP_WORDS.name, SLIP_WORDS.clinic].map(say), TEXT_WIDTH),
      heading(say(SLIP_WORDS.done)),
      ...done.map((words) => ({ text: say(words), bold: true })),
      { text: say(SLIP_WORDS.assisted), margin: [0, 3, 0, 0] },
      heading(say(SLIP_WORDS.complete)),
      barred(whether ?? '', !isComplete),
      ...(why.length === 0 ? [] : [{ ul: why } as Content]),
      heading(say(SLIP_WORDS.next)),
      ...NEXT_STEPS.map((step) => nextStep(step, say)),
      {
        columns: [
          { width: 'auto', text: say(SLIP_WORDS.ask) },
          { width: '*', stack: [blank('', 180)] },
        ],
        columnGap: 6,
        margin: [0, 4, 0, 0],
      },
      heading(say(SLIP_WORDS.remember)),
      barred(say(SLIP_WORDS.urgent), true),
      { ul: [say(SLIP_WORDS.marks), say(SLIP_WORDS.noMarks)] },
      blanks([HEADINGS.signature, HEADINGS.date].map(say), TEXT_WIDTH),
    ],
  })
}

/** A box to tick, what it is about, and lines to write on. */
function nextStep({ what, blanks: lines }: NextStep, say: Say): Content {
  const box: Content = {
    canvas: [{ type: 'rect', x: 0.5, y: 4.5, w: 9, h: 9, lineWidth: 0.8, lineColor: COLOURS.ink }],
  }
  const words: Content = { stack: [{ text: say(what), bold: true }, blanks(lines.map(say), TEXT_WIDTH - INDENT)] }
  return { columns: [{ width: INDENT, stack: [box] }, words], margin: [0, 0, 0, 4] }
}

/** Words and rules to write on beside each other, as wide as there is room. */
function blanks(words: readonly string[], width: number): Content {
  const share = (width - (words.length - 1) * BETWEEN) / words.length
  return {
    columns: words.map((text) => ({ width: share, stack: [blank(text, share)] })),
    columnGap: BETWEEN,
    margin: [0, 12, 0, 0],
  }
}
