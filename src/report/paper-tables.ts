import type { Content, ContentTable, ContentText, TableCell } from 'pdfmake/interfaces.js'
import { COLOURS, COLUMN_WIDTH, headed, heading, RULED, ruledWidth, type Say, TEXT_WIDTH, together } from './paper.ts'
import type { Column, Section, Table } from './sections.ts'
import type { Printed, RegionTable, ValueTable } from './tables.ts'

/** A table of measurements, as wide as half of the page. */
export function measuredPaper(table: RegionTable | ValueTable, say: Say): Content {
  return table.kind === 'region' ? regionPaper(table, say) : valuePaper(table, COLUMN_WIDTH, say)
}

const GROUP_WIDTH = 44
const VALUE_WIDTH = 92

function regionPaper({ caption, remark, groups }: RegionTable, say: Say): Content {
  const shown = groups.filter(({ rows }) => rows.length > 0)
  const ends = new Set<number>()
  const body = shown.flatMap(({ name, rows }) => {
    ends.add(rows.length + Math.max(0, ...ends))
    return rows.map((row, i): TableCell[] => [
      i === 0 ? { text: say(name), rowSpan: rows.length, bold: true, color: COLOURS.accent } : {},
      { text: say(row.name) },
      ...row.values.map((value) => printed(value, say)),
    ])
  })
  return {
    unbreakable: true,
    margin: [0, 2, 0, 8],
    stack: [
      captionOf(caption, remark, say),
      {
        style: 'small',
        table: { widths: [GROUP_WIDTH, ruledWidth(COLUMN_WIDTH, 3) - GROUP_WIDTH - VALUE_WIDTH, VALUE_WIDTH], body },
        layout: { ...RULED, hLineColor: (i) => (ends.has(i) ? COLOURS.soft : COLOURS.line) },
      },
    ],
  }
}

function captionOf(caption: RegionTable['caption'], remark: RegionTable['remark'], say: Say): ContentText {
  const beside = remark === undefined ? [] : [{ text: say(remark), bold: false, style: 'note' }]
  return { text: [{ text: say(caption), bold: true }, ...beside], margin: [0, 2, 0, 1] }
}

/** One row for each thing. Where it breaks across pages, its head is repeated. */
export function valuePaper({ caption, remark, columns, rows }: ValueTable, width: number, say: Say): Content {
  const [first, ...others] = columns
  const head: ContentText[] = [
    { text: first === undefined ? '' : say(first) },
    ...others.map((name) => ({ text: say(name), alignment: 'right' as const })),
  ]
  const body = rows.map(({ name, values }): TableCell[] => [
    { text: say(name) },
    ...values.map((value) => printed(value, say)),
  ])
  const top = caption === undefined ? undefined : captionOf(caption, remark, say)
  return ruled(top, head, body, shares(width, columns.length, isNarrow(rows) ? 1 : 2))
}

/** Numbers of regions need less room than names of measurements. */
function isNarrow(rows: ValueTable['rows']): boolean {
  return rows.every(({ name }) => typeof name === 'string')
}

function shares(width: number, count: number, first: number): number[] {
  const share = ruledWidth(width, count) / (count - 1 + first)
  return Array.from({ length: count }, (_, i) => (i === 0 ? first * share : share))
}

function printed(value: Printed, say: Say): TableCell {
  if ('why' in value) return { text: say(value.why), alignment: 'right', color: COLOURS.soft }
  return { text: say(value.value), alignment: 'right', bold: true }
}

/** Tables of no more rows do not break across pages. */
const SHORT = 8

function ruled(caption: ContentText | undefined, head: ContentText[], body: TableCell[][], widths: number[]): Content {
  const cells = head.map((cell) => ({ ...cell, bold: true, color: COLOURS.soft }))
  const top = caption === undefined ? [] : [[{ ...caption, colSpan: head.length }, ...head.slice(1).map(() => ({}))]]
  const headerRows = top.length + 1
  const table: ContentTable = {
    style: 'small',
    table: {
      widths,
      headerRows,
      keepWithHeaderRows: 1,
      dontBreakRows: true,
      body: [...(top as TableCell[][]), cells, ...body],
    },
    layout: {
      ...RULED,
      hLineWidth: (i) => (i < headerRows ? 0 : 0.5),
      hLineColor: (i) => (i === headerRows ? COLOURS.soft : COLOURS.line),
    },
    margin: [0, 2, 0, 8],
  }
  return body.length > SHORT ? table : together([table])
}

/** A section of an appendix: its facts beside their names, its tables, its remarks. */
export function sectionPaper({ title, facts = [], tables = [], notes = [] }: Section, say: Say): Content[] {
  const remarks = notes.length === 0 ? [] : [list(notes.map((note) => ({ text: say(note) })))]
  const [first] = tables
  if (facts.length === 0 && first !== undefined && first.rows.length > SHORT && first.caption === undefined) {
    // its heading is part of the table's head: nothing else keeps it with the first row, and it too is repeated
    const [table, ...others] = tables.map((each, i) => tablePaper(each, say, i === 0 ? heading(say(title)) : undefined))
    return [table ?? '', ...others, ...remarks]
  }
  const known = facts.length === 0 ? [] : [factsPaper(facts, say)]
  return headed(say(title), [...known, ...tables.map((table) => tablePaper(table, say)), ...remarks])
}

/** Remarks below, one a line. */
export function list(items: readonly Content[]): Content {
  return { ul: [...items], style: 'note', margin: [0, 2, 0, 0] }
}

function factsPaper(facts: NonNullable<Section['facts']>, say: Say): Content {
  const name = 88
  return {
    style: 'small',
    table: {
      widths: [name, ruledWidth(TEXT_WIDTH, 2) - name],
      body: facts.map(([label, value]) => [{ text: say(label), color: COLOURS.soft }, { text: say(value) }]),
    },
    layout: RULED,
    margin: [0, 0, 0, 6],
  }
}

function tablePaper({ caption, columns, rows }: Table, say: Say, top?: ContentText): Content {
  const align = ({ numeric }: Column) => (numeric === true ? ('right' as const) : ('left' as const))
  const head = columns.map((column): ContentText => ({ text: say(column.name), alignment: align(column) }))
  const body = rows.map((row) =>
    row.map(
      (cell, i): TableCell => ({ text: say(cell), alignment: align(columns[i] ?? { name: { zh: '', en: '' } }) }),
    ),
  )
  return ruled(
    caption === undefined ? top : { text: say(caption), bold: true, color: COLOURS.ink },
    head,
    body,
    shares(TEXT_WIDTH, columns.length, 1),
  )
}
