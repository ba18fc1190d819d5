import type { Content, TDocumentDefinitions } from 'pdfmake/interfaces.js'
import { ABSENCE_WORDS, isAbsent } from '#core/absent.ts'
import type { Report, SideReport } from '#core/report.ts'
import type { Language, Words } from '#core/words.ts'
import { appendix } from './appendix.ts'
import { breastText } from './breast-section.ts'
import type { Assets } from './figures.ts'
import { intakeSection } from './intake.ts'
import {
  type Exposure,
  exposureLabel,
  HEADINGS,
  MEASURED_NOTE,
  MISSING,
  PROBLEM_LABELS,
  SIDE_LABELS,
} from './labels.ts'
import { CAUTIONS, exposuresOf, HANGING, measuredRows, reportFacts, summaryOf, takenAs } from './overview.ts'
import {
  barred,
  blank,
  COLOURS,
  headed,
  heading,
  masthead,
  pair,
  paper,
  type Say,
  speaker,
  TEXT_WIDTH,
  together,
} from './paper.ts'
import { emptyPaper, figurePaper } from './paper-figures.ts'
import { kineticsPaper } from './paper-kinetics.ts'
import { list, measuredPaper, sectionPaper, valuePaper } from './paper-tables.ts'
import { scoreSection } from './score.ts'
import { comparisonTable } from './tables.ts'

/**
 * The report on A4 in one language: all that the page says, in its order and its words. A value: nothing is read or
 * written, and the same report gives the same document.
 */
export function reportPaper(
  report: Report,
  assets: Assets,
  { language }: { readonly language: Language },
): TDocumentDefinitions {
  const say = speaker(language)
  const { study, software } = report
  return paper({
    language,
    title: `${say(HEADINGS.report)} ${study.id}`,
    subject: say(HEADINGS.assisted),
    softwareVersion: software.version,
    createdAt: new Date(report.createdAt),
    foot: `Zaoshai ${software.version} · ${study.id} · ${say(HEADINGS.assisted)}`,
    content: [
      ...masthead(say(HEADINGS.report), say(HEADINGS.assisted), reportFacts(report), say),
      ...notices(report, say),
      ...sectionPaper(intakeSection(report), say),
      overview(report, say),
      ...exposuresOf(report).flatMap((exposure) => images(exposure, report, assets, say)),
      ...sectionPaper(scoreSection(report), say),
      ...measurements(report, say),
      ...kineticsPaper(report, assets, say),
      ...comparison(report, say),
      breastPaper(report, say),
      reading(say),
      ...appendix(report).flatMap((section) => sectionPaper(section, say)),
      ...(study.note === undefined ? [] : [{ text: study.note, style: 'note', margin: [0, 10, 0, 0] } as Content]),
    ],
  })
}

function notices({ notices, refused }: Report, say: Say): Content[] {
  return [
    ...headed(say(HEADINGS.notices), [
      { stack: notices.map(({ code, words }) => barred(say(words), CAUTIONS.has(code))) },
    ]),
    ...(refused.length === 0
      ? []
      : [list(refused.map(({ file, reason }) => ({ text: `${file}: ${say(PROBLEM_LABELS[reason])}` })))]),
  ]
}

function overview({ sides }: Report, say: Say): Content {
  const cards = HANGING.map((side) => card(sides[side], say))
  const isCard = (i: number) => i === 0 || i === 2
  return together([
    heading(say(HEADINGS.overview)),
    {
      table: {
        widths: ['*', 0, '*'],
        body: [[cards[0] ?? '', { text: '', border: [false, false, false, false] }, cards[1] ?? '']],
      },
      layout: {
        hLineWidth: () => 0.7,
        vLineWidth: () => 0.7,
        hLineColor: () => COLOURS.line,
        vLineColor: () => COLOURS.line,
        paddingLeft: (i) => (isCard(i) ? 10 : 8),
        paddingRight: (i) => (isCard(i) ? 10 : 8),
        paddingTop: () => 6,
        paddingBottom: () => 6,
      },
    },
  ])
}

function card(side: SideReport, say: Say): Content {
  const { title, status, isWhole, facts, missing } = summaryOf(side)
  return {
    stack: [
      {
        columns: [
          { text: say(title), bold: true, fontSize: 10.5 },
          { text: say(status), bold: true, alignment: 'right', color: isWhole ? COLOURS.accent : COLOURS.caution },
        ],
        margin: [0, 0, 0, 3],
      },
      ...facts.map(([name, value]) => ({
        columns: [
          { text: say(name), style: 'soft', width: '*' },
          { text: say(value), width: 50, alignment: 'right' as const },
        ],
      })),
      ...(missing.length === 0
        ? []
        : [
            {
              text: say(MISSING) + missing.map(say).join(', '),
              color: COLOURS.caution,
              margin: [0, 3, 0, 0],
            } as Content,
          ]),
    ],
  }
}

/** What was taken alike, side beside side; where a side has several such images, one row for each. */
function images(exposure: Exposure, { sides }: Report, assets: Assets, say: Say): Content[] {
  const columns = HANGING.map((side) => {
    const alike = takenAs(exposure, sides[side])
    if (alike.length === 0) return [emptyPaper(sides[side].images.length > 0, say(SIDE_LABELS[side]), say)]
    return alike.map((image) => figurePaper(image, assets, say))
  })
  const titles = HANGING.map((side) => say(SIDE_LABELS[side]))
  return rowsOf(columns, titles, [heading(say(exposureLabel(exposure)))])
}

function measurements(report: Report, say: Say): Content[] {
  const rows = measuredRows(report)
  const note: Content = { text: say(MEASURED_NOTE), style: 'note' }
  return rows.flatMap(({ exposure, columns }, i) => {
    const top = i === 0 ? [heading(say(HEADINGS.measured)), note] : []
    const tables = columns.map(({ tables, why }) =>
      tables.length > 0
        ? tables.map((table) => measuredPaper(table, say))
        : [{ text: say(why), style: 'note' } satisfies Content],
    )
    const name: Content = { text: say(exposure), style: 'subheading', margin: [0, 6, 0, 0] }
    return rowsOf(
      tables,
      columns.map(({ side }) => say(side)),
      [...top, name],
    )
  })
}

/** Right and left beside each other, row after row; no row breaks across pages, and the first stays with its heading. */
function rowsOf(columns: readonly Content[][], titles: readonly string[], top: readonly Content[]): Content[] {
  const count = Math.max(...columns.map(({ length }) => length))
  const title = (i: number): Content => ({ text: titles[i] ?? '', style: 'soft', bold: true, margin: [0, 0, 0, 2] })
  return Array.from({ length: count }, (_, row) =>
    together(
      [
        ...(row === 0 ? [...top, pair(title(0), title(1))] : []),
        pair(columns[0]?.[row] ?? { text: '' }, columns[1]?.[row] ?? { text: '' }),
      ],
      6,
    ),
  )
}

function comparison({ comparison }: Report, say: Say): Content[] {
  return headed(say(HEADINGS.comparison), [
    isAbsent(comparison)
      ? { text: say(ABSENCE_WORDS[comparison.absent]) }
      : valuePaper(comparisonTable(comparison), TEXT_WIDTH, say),
  ])
}

/** The breast itself, side beside side. */
function breastPaper(report: Report, say: Say): Content {
  const { columns, serum } = breastText(report)
  const bullets = (sentences: readonly Words[]) => list(sentences.map((words) => ({ text: say(words) })))
  const [right, left] = columns.map(({ side, sentences }) => ({
    stack: [{ text: say(side), style: 'soft', bold: true }, bullets(sentences)],
  }))
  const below = serum.length === 0 ? [] : [{ text: say(HEADINGS.serum), style: 'subheading' }, bullets(serum)]
  return together([heading(say(HEADINGS.breast)), pair(right ?? '', left ?? ''), ...below])
}

/** Left blank: the software does not conclude. */
function reading(say: Say): Content {
  const rules = Array.from({ length: 4 }, (_, i) => 22 * (i + 1))
  return together([
    heading(say(HEADINGS.reading)),
    {
      canvas: rules.map((y) => ({
        type: 'line',
        x1: 0,
        y1: y,
        x2: TEXT_WIDTH,
        y2: y,
        lineWidth: 0.5,
        lineColor: COLOURS.line,
      })),
      margin: [0, 0, 0, 16],
    },
    {
      columns: [HEADINGS.signature, HEADINGS.date].map((words) => ({ width: 240, stack: [blank(say(words), 240)] })),
      columnGap: TEXT_WIDTH - 480,
    },
  ])
}
