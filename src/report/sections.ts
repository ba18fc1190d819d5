import type { Language, Words } from '#core/words.ts'
import { both, html, type Markup } from './markup.ts'

/** A text that is the same in every language, or one in both. */
export type Cell = string | Words

export interface Column {
  readonly name: Words
  /** Numbers stand right-aligned. */
  readonly numeric?: boolean
  /** Names of files and the like, which may break anywhere. */
  readonly isCode?: boolean
}

export interface Table {
  readonly caption?: Words
  /** The first column names the row. */
  readonly columns: readonly Column[]
  readonly rows: readonly (readonly Cell[])[]
}

export type Fact = readonly [name: Words, value: Cell]

/** A part of a document that people read on a page or in a terminal. */
export interface Section {
  /** Names its element; unique on a page. */
  readonly id: string
  readonly title: Words
  readonly facts?: readonly Fact[]
  readonly tables?: readonly Table[]
  /** Sentences below. */
  readonly notes?: readonly Cell[]
}

/** Sections as a page shows them. */
export function renderSections(sections: readonly Section[]): Markup {
  return html`${sections.map(
    ({
      id,
      title,
      facts = [],
      tables = [],
      notes = [],
    }) => html`<section aria-labelledby="${id}"><h2 id="${id}">${both(title)}</h2>
${facts.length > 0 && html`<table class="known"><tbody>${facts.map(([name, value]) => html`<tr><th scope="row">${both(name)}</th><td>${cellMarkup(value)}</td></tr>\n`)}</tbody></table>`}
${tables.map((table, i) => renderTable(table, `${id}-${i}`, id))}
${notes.length > 0 && html`<ul class="note">${notes.map((note) => html`<li>${cellMarkup(note)}</li>`)}</ul>`}</section>\n`,
  )}`
}

function renderTable({ caption, columns, rows }: Table, id: string, section: string): Markup {
  const align = (i: number) =>
    html`${columns[i]?.numeric === true ? 'value' : columns[i]?.isCode === true ? 'code' : ''}`
  return html`<div class="scroll" tabindex="0" role="group" aria-labelledby="${caption === undefined ? section : id}"><table>
${caption !== undefined && html`<caption id="${id}">${both(caption)}</caption>`}
<thead><tr>${columns.map(({ name }, i) => html`<th scope="col" class="${align(i)}">${both(name)}</th>`)}</tr></thead>
<tbody>${rows.map(
    ([first = '', ...rest]) =>
      html`<tr><th scope="row">${cellMarkup(first)}</th>${rest.map((cell, i) => html`<td class="${align(i + 1)}">${cellMarkup(cell)}</td>`)}</tr>\n`,
  )}</tbody></table></div>`
}

export function cellMarkup(cell: Cell): Markup | string {
  return typeof cell === 'string' ? cell : both(cell)
}

/** The same sections as lines for a terminal, in one language. */
export function printSections(sections: readonly Section[], language: Language): string {
  const blocks = sections.map(({ title, facts = [], tables = [], notes = [] }) => [
    title[language],
    ...align(facts.map(([name, value]) => [name[language], inTerminal(value, language)])),
    ...tables.flatMap((table) => printTable(table, language)),
    ...notes.map((note) => `  - ${inTerminal(note, language)}`),
  ])
  return blocks.map((lines) => `${lines.join('\n')}\n`).join('\n')
}

/** A table as aligned lines. */
export function printTable({ caption, columns, rows }: Table, language: Language): string[] {
  const cells = rows.map((row) => row.map((cell) => inTerminal(cell, language)))
  const lines = align([columns.map(({ name }) => name[language]), ...cells], columns)
  return caption === undefined ? lines : [`  ${caption[language]}`, ...lines]
}

/** Control characters of a name could rewrite what stands on a terminal. */
function inTerminal(cell: Cell, language: Language): string {
  return (typeof cell === 'string' ? cell : cell[language]).replace(/\p{Cc}/gu, '\ufffd')
}

function align(rows: readonly (readonly string[])[], columns: readonly Column[] = []): string[] {
  const widths = (rows[0] ?? []).map((_, i) => Math.max(...rows.map((row) => displayWidth(row[i] ?? ''))))
  return rows.map((row) => {
    const cells = row.map((cell, i) => {
      const gap = ' '.repeat(widths[i]! - displayWidth(cell))
      return columns[i]?.numeric === true ? gap + cell : cell + gap
    })
    return `  ${cells.join('  ')}`.trimEnd()
  })
}

const WIDE =
  /[\u1100-\u115f\u2e80-\u303e\u3041-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6]/u

/** Columns of a terminal that a text takes: Han characters and full-width forms take two. */
function displayWidth(text: string): number {
  return [...text].reduce((width, character) => width + (WIDE.test(character) ? 2 : 1), 0)
}

/** Beside the common style, on pages with sections. */
export const SECTIONS_STYLE = `
.known td { overflow-wrap: anywhere; }
.known th { white-space: nowrap; padding-right: 24px; width: 1%; }
.known + .scroll { margin-top: 14px; }
.code { overflow-wrap: anywhere; }
td.value + td:not(.value), th.value + th:not(.value) { padding-left: 24px; }
@media (max-width: 700px) { .known th { white-space: initial; padding-right: 12px; } }
`
