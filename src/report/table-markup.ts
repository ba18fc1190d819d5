import { both, html, type Markup } from './markup.ts'
import type { Printed, PrintedRow, RegionTable, ValueTable } from './tables.ts'

/** A table of measurements as the page shows it. */
export function tableMarkup(table: RegionTable | ValueTable): Markup {
  return table.kind === 'region' ? regionMarkup(table) : valueMarkup(table)
}

function regionMarkup({ caption, remark, groups }: RegionTable): Markup {
  return html`<table class="lesion">
<caption>${both(caption)}${remark !== undefined && html`<small>${both(remark)}</small>`}</caption>
${groups.map(
  ({ name, rows }) =>
    html`<tbody>${rows.map((row, i) => html`<tr>${i === 0 && html`<th scope="rowgroup" rowspan="${rows.length}">${both(name)}</th>`}${cells(row)}</tr>\n`)}</tbody>\n`,
)}</table>`
}

function valueMarkup({ caption, remark, columns, rows }: ValueTable): Markup {
  const [first, ...others] = columns
  return html`<table>
${caption !== undefined && html`<caption>${both(caption)}${remark !== undefined && html`<small>${both(remark)}</small>`}</caption>`}
<thead><tr>${first !== undefined && html`<th scope="col">${both(first)}</th>`}${others.map((name) => html`<th scope="col" class="value">${both(name)}</th>`)}</tr></thead>
<tbody>${rows.map((row) => html`<tr>${cells(row)}</tr>\n`)}</tbody>
</table>`
}

function cells({ name, values }: PrintedRow): Markup {
  return html`<th scope="row">${typeof name === 'string' ? name : both(name)}</th>${values.map(cell)}`
}

function cell(printed: Printed): Markup {
  if ('why' in printed) return html`<td class="absent">${both(printed.why)}</td>`
  const { value } = printed
  return html`<td class="value">${typeof value === 'string' ? value : both(value)}</td>`
}
