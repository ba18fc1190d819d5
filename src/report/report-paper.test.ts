import { beforeAll, describe, expect, test } from 'vitest'
import { NOTICE_WORDS } from '#core/notices.ts'
import type { ImageReport, Report } from '#core/report.ts'
import { Language } from '#core/words.ts'
import { renderHtml } from './page.ts'
import { print } from './print.ts'
import { reportPaper } from './report-paper.ts'
import { assetsOf, LONG_NAME, readImage, SAMPLES, sampleReport } from './samples.ts'
import { type PdfRead, pageText, readPdf, shownBy, spokenBy, withoutBlanks } from './test-pdf.ts'

const printed = (report: Report, language: Language = 'zh') =>
  print(reportPaper(report, assetsOf(report), { language }))

const FORBIDDEN = /benign|malignan|normal|negative|良性|恶性|正常|阴性|BI-?RADS/i
/** Points: the headings of sections are the only texts of this size. */
const HEADING_SIZE = 12.5
const FOOT_Y = 44

const CASES = Object.entries(SAMPLES).flatMap(([name, report]) =>
  Language.options.map((language) => [name, language, report] as const),
)

describe.each(CASES)('on paper, %s (%s)', (_, language, report) => {
  let pdf: PdfRead
  let spoken: string
  beforeAll(async () => {
    pdf = await readPdf(await printed(report, language))
    spoken = spokenBy(pdf)
  })

  test('says everything that the page says', () => {
    const shown = shownBy(renderHtml(report, assetsOf(report), { language }), language)
    expect(shown.length).toBeGreaterThan(30)
    expect(shown.filter((text) => !spoken.includes(text))).toEqual([])
  })

  test('says no word that the software may not say', () => {
    const sanctioned = withoutBlanks(NOTICE_WORDS['nothing-marked'][language])
    expect(FORBIDDEN.exec(spoken.replaceAll(sanctioned, ''))?.[0]).toBeUndefined()
    expect(FORBIDDEN.exec(JSON.stringify(pdf.info))).toBeNull()
  })

  test('has the study and the number of the page on every page', () => {
    for (const [i, page] of pdf.pages.entries()) {
      const foot = withoutBlanks(
        page.texts
          .filter(({ y }) => y < FOOT_Y)
          .map(({ text }) => text)
          .join(''),
      )
      expect(foot).toContain(`·${report.study.id}·`)
      expect(foot).toMatch(new RegExp(`${i + 1}/${pdf.pages.length}$`))
    }
  })

  test('is on A4, nothing runs over an edge, and no heading stands alone at the foot of a page', () => {
    for (const { width, height, texts } of pdf.pages) {
      expect([width, height].map(Math.round)).toEqual([595, 842])
      const outside = texts.filter(({ x, y, width: w }) => x < 39 || x + w > 557 || y < 15 || y > 842 - 36)
      expect(outside).toEqual([])
      const body = texts.filter(({ y }) => y > FOOT_Y)
      const lowest = Math.min(...body.map(({ y }) => y))
      expect(body.filter(({ size, y }) => size === HEADING_SIZE && y === lowest)).toEqual([])
    }
  })
})

test('the forbidden words would be found, and headings are of the size that is looked for', async () => {
  const limits = [{ zh: '良性', en: 'benign' }]
  const report = sampleReport([], { model: { ...SAMPLES['nothing marked']!.model, limits } })
  const pdf = await readPdf(await printed(report))
  expect(spokenBy(pdf)).toMatch(FORBIDDEN)
  expect(pdf.pages[0]?.texts.filter(({ size }) => size === HEADING_SIZE).length).toBeGreaterThan(2)
})

test('rare characters and signs come back from the text of the document', async () => {
  const spoken = spokenBy(await readPdf(await printed(SAMPLES['long names with rare characters']!)))
  expect(spoken).toContain(LONG_NAME)
  const note = '龑昳媱㛃喆堃 ≥ ≤ ² × ° − → · – “引” ℃ ± μ'
  expect(spokenBy(await readPdf(await printed(sampleReport([], { study: { id: 'a', note } }))))).toContain(
    withoutBlanks(note),
  )
})

test('the same report is the same document, byte by byte, with no other time than its own', async () => {
  const report = SAMPLES['mammography of both sides']!
  const [first, second] = [await printed(report), await printed(report)]
  expect(Buffer.compare(first, second)).toBe(0)
  const { info } = await readPdf(first)
  expect(info.CreationDate).toContain('20260301080000')
  expect(info.ModDate).toContain('20260301080000')
})

test('its metadata are title, language and software, and nobody is named', async () => {
  const bytes = await printed(SAMPLES['long names with rare characters']!)
  const { info } = await readPdf(bytes)
  expect(info).toMatchObject({ Title: `乳腺早筛报告 ${'x'.repeat(64)}`, Language: 'zh-CN', Creator: 'Zaoshai 0.1.0' })
  expect(info).not.toHaveProperty('Author')
  expect(JSON.stringify(info)).not.toContain('龑')
  expect((await readPdf(await printed(SAMPLES['no image at all']!, 'en'))).info).toMatchObject({ Language: 'en' })
})

test('a table that goes on over the page repeats its head there', async () => {
  const images = Array.from({ length: 60 }, (_, i): ImageReport => {
    const side = i % 2 === 0 ? 'L' : 'R'
    return {
      ...{ status: 'unreadable', id: `${side}-${i}`, side },
      file: `row-${i}.png`,
      view: 'CC',
      modality: 'MG',
      code: 'IMAGE_EMPTY',
    }
  })
  const { pages } = await readPdf(await printed(sampleReport(images), 'en'))
  const rows = pages.map(pageText).filter((text) => text.includes('ImageunreadableIMAGE_EMPTY–'))
  expect(rows.length).toBeGreaterThan(2)
  for (const text of rows) expect(text).toContain('Presencescore(noprobability)')
})

test('the two languages are two documents: neither has a word of the other', async () => {
  const report = sampleReport([readImage({ side: 'L' })])
  expect(spokenBy(await readPdf(await printed(report, 'en')))).not.toMatch(/\p{Script=Han}/u)
  expect(spokenBy(await readPdf(await printed(report, 'zh')))).not.toContain('breast')
})

test('it is printed in less than three seconds and holds only the glyphs that it uses', async () => {
  const times: number[] = []
  for (let i = 0; i < 3; i++) {
    const started = performance.now()
    const bytes = await printed(SAMPLES['ten regions on one image']!)
    times.push(performance.now() - started)
    // two fonts of 10 MB each
    expect(bytes.length).toBeLessThan(200_000)
  }
  expect(Math.min(...times)).toBeLessThan(3000)
})
