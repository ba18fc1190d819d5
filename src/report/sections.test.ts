import { expect, test } from 'vitest'
import { HOSTILE } from './samples.ts'
import { printSections, printTable, renderSections, type Section, type Table } from './sections.ts'

const TABLE: Table = {
  caption: { zh: '表', en: 'Table' },
  columns: [{ name: { zh: '影像类型', en: 'Modality' } }, { name: { zh: '数量', en: 'n' }, numeric: true }],
  rows: [
    [{ zh: '超声', en: 'Ultrasound' }, '5'],
    ['MG', '1024'],
  ],
}
const SECTION: Section = {
  id: 'one',
  title: { zh: '标题', en: 'Title' },
  facts: [[{ zh: '名称', en: 'Name' }, HOSTILE]],
  tables: [TABLE],
  notes: [{ zh: '注', en: 'A note' }, HOSTILE],
}

test('columns of a printed table end where they end in every line: numbers to the right, Han characters two wide', () => {
  expect(printTable(TABLE, 'en')).toEqual(['  Table', '  Modality       n', '  Ultrasound     5', '  MG          1024'])
  expect(printTable(TABLE, 'zh')).toEqual(['  表', '  影像类型  数量', '  超声         5', '  MG        1024'])
})

test('what is printed is in one language, and no name can steer the terminal', () => {
  const steering = { ...SECTION, notes: ['\u001b[2J gone'] }
  const text = printSections([steering], 'en')
  expect(text).not.toMatch(/\p{Script=Han}/u)
  expect(text).not.toContain('\u001b')
  expect(text).toContain('\ufffd[2J gone')
})

test('a page has everything that is printed, in both languages, and hostile text stays text', () => {
  const page = renderSections([SECTION]).text
  for (const word of ['标题', 'Title', '名称', 'Ultrasound', '超声', '1024', 'A note']) expect(page).toContain(word)
  expect(page).not.toMatch(/<script|<img/)
  expect(page.match(/class="zh"/g)?.length).toBe(page.match(/class="en"/g)?.length)
})
