import { expect, test } from 'vitest'
import { ABSENCE_WORDS } from '#core/absent.ts'
import { LINE_KINDS } from './curve-plot.ts'
import { renderHtml } from './page.ts'
import { print } from './print.ts'
import { reportPaper } from './report-paper.ts'
import { assetsOf, SAMPLES } from './samples.ts'
import { pageText, readPdf, shownBy, spokenBy, withoutBlanks } from './test-pdf.ts'

const report = SAMPLES['an optical recording over time']!
const printed = async (language: 'zh' | 'en') =>
  readPdf(await print(reportPaper(report, assetsOf(report), { language })))

/** Of each drawn curve: how it is dashed. */
const dashes = (svg: string) =>
  [...svg.matchAll(/<polyline [^>]*>/g)].map(([line]) => /stroke-dasharray="([^"]*)"/.exec(line)?.[1] ?? '')

test('a plot draws region, reference and mirrored place of every channel, each kind in dashes of its own', () => {
  const [first, second] = [
    ...renderHtml(report, assetsOf(report), { language: 'en' }).matchAll(/<svg class="plot".*?<\/svg>/gs),
  ]
  const { reference, contralateral, region } = LINE_KINDS
  const ofOne = [reference, contralateral, region].map((kind) => kind.dashes as string)
  expect(new Set(ofOne).size).toBe(3)
  expect(dashes(first![0])).toEqual([...ofOne, ...ofOne, ...ofOne])
  // the left breast has no mirrored place
  expect(dashes(second![0])).not.toContain(contralateral.dashes)
})

test.each(['zh', 'en'] as const)('legend and reason are told on page and paper (%s)', async (language) => {
  const [page, paper] = [shownBy(renderHtml(report, assetsOf(report), { language }), language), await printed(language)]
  const other = withoutBlanks(LINE_KINDS.contralateral.words[language])
  for (const { words } of Object.values(LINE_KINDS)) {
    expect(page).toContain(withoutBlanks(words[language]))
    expect(spokenBy(paper)).toContain(withoutBlanks(words[language]))
  }
  // named in the legend of the right breast, with its reason below the plot of the left one
  const reason = withoutBlanks(ABSENCE_WORDS['breasts-not-alike'][language])
  const told = page.filter((text) => text.startsWith(other))
  expect(told[0]).toBe(other)
  expect(told[1]).toContain(reason)
  expect(spokenBy(paper)).toContain(told[1])
})

test('on paper no text of the maps and their scales lies on another one', async () => {
  const { pages } = await printed('en')
  const page = pages.find((one) => pageText(one).includes('Overtime'))!
  for (const a of page.texts) {
    for (const b of page.texts) {
      const isBeside = a !== b && Math.abs(a.y - b.y) < 1 && a.x < b.x
      if (isBeside) expect(a.x + a.width, `${a.text} | ${b.text}`).toBeLessThanOrEqual(b.x + 0.5)
    }
  }
})
