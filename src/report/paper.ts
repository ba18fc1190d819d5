import type { Content, ContentText, CustomTableLayout, Style, TDocumentDefinitions } from 'pdfmake/interfaces.js'
import type { Language, Words } from '#core/words.ts'
import type { Fact } from './sections.ts'

/** The family that every document on paper is set in; `fonts.ts` brings it. */
export const PAPER_FONT = 'Noto Sans SC'

/** A4 in points, its margins, and the two columns in which the breasts stand beside each other. */
const [PAGE_WIDTH, MARGIN, GAP] = [595.28, 40, 16]
export const TEXT_WIDTH = PAGE_WIDTH - 2 * MARGIN
export const COLUMN_WIDTH = (TEXT_WIDTH - GAP) / 2

/** The colours of the page. */
export const COLOURS = {
  ink: '#1c2730',
  soft: '#51606c',
  line: '#c9d2d9',
  ground: '#f5f7f8',
  accent: '#0f5f73',
  caution: '#7a4a00',
  cautionGround: '#fdf5e4',
  cautionLine: '#e3b24a',
  outline: '#ffc233',
  nipple: '#7fd8ff',
} as const

const STYLES = {
  title: { fontSize: 19, bold: true },
  heading: { fontSize: 12.5, bold: true, color: COLOURS.accent },
  subheading: { fontSize: 10, bold: true },
  soft: { color: COLOURS.soft },
  note: { fontSize: 7.8, color: COLOURS.soft },
  small: { fontSize: 7.8 },
} as const satisfies Record<string, Style>

/** A text that is the same in every language, or the words of the document's one. */
export type Say = (text: string | Words) => string

export function speaker(language: Language): Say {
  return (text) => (typeof text === 'string' ? text : text[language])
}

export interface PaperParts {
  readonly language: Language
  readonly title: string
  readonly subject: string
  readonly softwareVersion: string
  /** Its only time: nothing of the moment of printing is in the document, so that it can be made again byte by byte. */
  readonly createdAt: Date
  /** At the foot of every page, before its number. */
  readonly foot: string
  /** In points. */
  readonly fontSize?: number
  readonly content: readonly Content[]
}

/** A document on A4: the same frame for all that is printed. */
export function paper({
  language,
  title,
  subject,
  softwareVersion,
  createdAt,
  foot,
  fontSize = 8.8,
  content,
}: PaperParts) {
  const software = `Zaoshai ${softwareVersion}`
  const definition: TDocumentDefinitions = {
    pageSize: 'A4',
    pageMargins: [MARGIN, 36, MARGIN, 44],
    version: '1.7',
    language: language === 'zh' ? 'zh-CN' : 'en',
    displayTitle: true,
    info: { title, subject, creator: software, producer: software, creationDate: createdAt, modDate: createdAt },
    defaultStyle: { font: PAPER_FONT, fontSize, color: COLOURS.ink, lineHeight: 0.95 },
    styles: STYLES,
    footer: (page, pages) => ({
      margin: [MARGIN, 8, MARGIN, 0],
      style: 'note',
      columns: [{ text: foot }, { text: `${page} / ${pages}`, width: 50, alignment: 'right' }],
    }),
    content: [...content],
  }
  return definition
}

/** What it is, and of which examination. */
export function masthead(title: string, subtitle: string, facts: readonly Fact[], say: Say): Content[] {
  const cells = facts.map(
    ([name, value]): Content => ({
      text: [
        { text: `${say(name)}  `, color: COLOURS.soft },
        { text: say(value), bold: true },
      ],
      margin: [0, 0, 0, 2],
    }),
  )
  const half = Math.ceil(cells.length / 2)
  return [
    { text: title, style: 'title' },
    { text: subtitle, style: 'soft', margin: [0, 0, 0, 5] },
    { canvas: [{ type: 'line', x1: 0, y1: 0, x2: TEXT_WIDTH, y2: 0, lineWidth: 1.5, lineColor: COLOURS.accent }] },
    {
      ...(pair({ stack: cells.slice(0, half) }, { stack: cells.slice(half) }) as object),
      margin: [0, 6, 0, 0],
    } as Content,
  ]
}

/** What a page break must not part. */
export function together(stack: readonly Content[], marginBottom = 0): Content {
  return { stack: [...stack], unbreakable: true, margin: [0, 0, 0, marginBottom] }
}

export function heading(text: string): ContentText {
  return { text, style: 'heading', margin: [0, 10, 0, 4] }
}

/** A heading over its contents, which never stands alone at the foot of a page. */
export function headed(title: string, [first, ...rest]: readonly Content[]): Content[] {
  return [together([heading(title), ...(first === undefined ? [] : [first])]), ...rest]
}

/** The right breast and the left beside each other. */
export function pair(right: Content, left: Content): Content {
  return {
    columns: [
      { width: COLUMN_WIDTH, stack: [right] },
      { width: COLUMN_WIDTH, stack: [left] },
    ],
    columnGap: GAP,
  }
}

/** Rules below rows; none at the sides. */
export const RULED: CustomTableLayout = {
  hLineWidth: (i) => (i === 0 ? 0 : 0.5),
  vLineWidth: () => 0,
  hLineColor: () => COLOURS.line,
  paddingLeft: (i) => (i === 0 ? 0 : 4),
  paddingRight: () => 2,
  paddingTop: () => 1.2,
  paddingBottom: () => 1.2,
}

/** What `RULED` leaves of a width for the texts in `count` columns. */
export function ruledWidth(width: number, count: number): number {
  return width - 2 * count - 4 * (count - 1)
}

/** A text in a box: a bar of colour at its left on a light ground. */
export function barred(text: string, isCaution: boolean): Content {
  return {
    table: { widths: ['*'], body: [[{ text, ...(isCaution ? { bold: true, color: COLOURS.caution } : {}) }]] },
    layout: {
      hLineWidth: () => 0,
      vLineWidth: (i) => (i === 0 ? 3 : 0),
      vLineColor: () => (isCaution ? COLOURS.cautionLine : COLOURS.accent),
      fillColor: () => (isCaution ? COLOURS.cautionGround : COLOURS.ground),
      paddingLeft: () => 8,
      paddingTop: () => 3,
      paddingBottom: () => 3,
    },
    margin: [0, 0, 0, 4],
  }
}

/** A rule to write on, the words before it. */
export function blank(words: string, width: number): Content {
  return {
    stack: [
      { text: words === '' ? ' ' : words, style: 'soft' },
      { canvas: [{ type: 'line', x1: 0, y1: 0, x2: width, y2: 0, lineWidth: 0.6, lineColor: COLOURS.soft }] },
    ],
  }
}
