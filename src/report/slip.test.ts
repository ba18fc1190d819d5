import { afterAll, describe, expect, test } from 'vitest'
import { ABSENCE_WORDS } from '#core/absent.ts'
import { CONFIDENCE } from '#core/confidence.ts'
import { FEATURE_NAMES, FEATURES } from '#core/features.ts'
import type { Report } from '#core/report.ts'
import { Language } from '#core/words.ts'
import { openBrowser, openPage, violations } from './browser.ts'
import { print } from './print.ts'
import { readImage, SAMPLES, sampleReport } from './samples.ts'
import { NEXT_STEPS, SLIP_WORDS, slipOf } from './slip.ts'
import { renderSlip } from './slip-page.ts'
import { slipPaper } from './slip-paper.ts'
import { readPdf, shownBy, spokenBy, withoutBlanks } from './test-pdf.ts'

const browser = await openBrowser()
afterAll(() => browser?.close())

/** Everything that can be wrong with an examination, on both sides. */
const WORST = sampleReport(
  (['R', 'L'] as const).flatMap((side) => [
    readImage({ side, over: { quality: [{ code: 'blurred', severity: 'repeat', value: 2, limit: 1 }] } }),
    { status: 'unreadable', id: `${side}-2`, file: 'x', side, view: 'MLO', modality: 'MG', code: 'IMAGE_EMPTY' },
    readImage({ side, modality: 'US', view: 'unspecified' }),
  ]),
  { study: { id: 'x'.repeat(64) }, refused: [{ file: 'x.png', reason: 'side-unknown', code: 'SIDE_UNKNOWN' }] },
)

const CASES = Object.entries({ ...SAMPLES, 'everything that can be wrong': WORST }).flatMap(([name, report]) =>
  Language.options.map((language) => [name, language, report] as const),
)

/** Nowhere on a slip, not even to deny it. */
const FORBIDDEN =
  /benign|malignan|normal|negative|良性|恶性|正常|阴性|BI-?RADS|\d\.\d|Dice|\bmm\b|\bpx\b|%|毫米|像素|score|评分/i

const slip = (report: Report, language: Language) => print(slipPaper(report, { language }))

describe.each(CASES)('the slip of %s (%s)', (_, language, report) => {
  test('is one page of A4 that says what the page for a screen says', async () => {
    const pdf = await readPdf(await slip(report, language))
    expect(pdf.pages.map(({ width, height }) => [width, height].map(Math.round))).toEqual([[595, 842]])
    const shown = shownBy(renderSlip(report, { language }), language)
    expect(shown.length).toBeGreaterThan(25)
    expect(shown.filter((text) => !spokenBy(pdf).includes(text))).toEqual([])
  })

  test('has no verdict, no score, no measurement and no finding', async () => {
    const { pages, info } = await readPdf(await slip(report, language))
    const spoken = pages.flatMap(({ texts }) => texts.map(({ text }) => text)).join(' ')
    const told = spoken.replaceAll(`Zaoshai ${report.software.version}`, '')
    expect(FORBIDDEN.exec(told)?.[0]).toBeUndefined()
    expect(FORBIDDEN.exec(String(info.Title))).toBeNull()
    const page = shownBy(renderSlip(report, { language }), language).join('')
    expect(FORBIDDEN.exec(page)?.[0]).toBeUndefined()
    const labels = [...FEATURE_NAMES.map((name) => FEATURES[name].label), CONFIDENCE.outlineUncertaintyMm.label]
    const findings = [...labels, ABSENCE_WORDS['no-lesion-marked']].map((words) => words[language].toLowerCase())
    expect(findings.filter((words) => words.length > 4 && told.toLowerCase().includes(words))).toEqual([])
  })

  test('says that marks are no diagnosis, that no mark is no all-clear, and when to see a doctor at once', async () => {
    const spoken = spokenBy(await readPdf(await slip(report, language)))
    for (const words of [
      SLIP_WORDS.marks,
      SLIP_WORDS.noMarks,
      SLIP_WORDS.urgent,
      ...NEXT_STEPS.map(({ what }) => what),
    ]) {
      expect(spoken).toContain(withoutBlanks(words[language]))
    }
  })
})

test('a slip says how each side was imaged, and of an incomplete examination why it is', () => {
  const { done, isComplete, complete } = slipOf(SAMPLES['an unreadable image and one of unknown side']!)
  expect(done.map(({ en }) => en)).toEqual([
    'Right breast: mammography, 1 image.',
    'Left breast: mammography, 1 image.',
  ])
  expect(isComplete).toBe(false)
  expect(complete.slice(1).map(({ en }) => en)).toEqual([
    'Right breast: 1 view missing.',
    'Left breast: 2 views missing.',
    'Left breast: 1 image could not be read.',
    'Of 1 image it is not clear which breast is shown; not used.',
  ])
  expect(slipOf(SAMPLES['no image at all']!).done.map(({ zh }) => zh)).toEqual(['右乳：未检查。', '左乳：未检查。'])
})

test('whatever was marked, the slip of it is the same', () => {
  const marked = (lesions: number) =>
    sampleReport((['R', 'L'] as const).map((side) => readImage({ side, modality: 'US', view: 'unspecified', lesions })))
  expect(slipOf(marked(3))).toEqual(slipOf(marked(0)))
})

test('the same slip is the same document, byte by byte', async () => {
  expect(Buffer.compare(await slip(WORST, 'zh'), await slip(WORST, 'zh'))).toBe(0)
})

describe.skipIf(browser === undefined)('in a browser, the slip', () => {
  test.each(Language.options)('has no accessibility violation and asks for nothing (%s)', async (language) => {
    const { page, requests, complaints } = await openPage(browser!, renderSlip(WORST, { language }), 390)
    expect(await violations(page)).toEqual([])
    expect([requests, complaints]).toEqual([[], []])
    expect(await page.evaluate('document.documentElement.scrollWidth')).toBeLessThanOrEqual(390)
    await page.close()
  })

  test.each(Language.options)('prints on one page of A4 (%s)', async (language) => {
    const { page } = await openPage(browser!, renderSlip(WORST, { language }))
    const { pages } = await readPdf(await page.pdf({ preferCSSPageSize: true }))
    expect(pages).toHaveLength(1)
    await page.close()
  })
})
