import { afterAll, describe, expect, test } from 'vitest'
import type { Report } from '#core/report.ts'
import { openBrowser, openPage, violations } from './browser.ts'
import { renderHtml } from './page.ts'
import { assetsOf, SAMPLES } from './samples.ts'

const browser = await openBrowser()
afterAll(() => browser?.close())

const HANZI = /\p{Script=Han}/u

function open(report: Report, language: 'zh' | 'en', width?: number) {
  return openPage(browser!, renderHtml(report, assetsOf(report), { language }), width)
}

describe.skipIf(browser === undefined).each(Object.entries(SAMPLES))('in a browser, the page of %s', (_, report) => {
  test('has no accessibility violation that axe knows', async () => {
    const { page } = await open(report, 'zh')
    expect(await violations(page)).toEqual([])
    await page.close()
  })

  test('asks for nothing, runs nothing and fits a phone', async () => {
    const { page, requests, complaints } = await open(report, 'zh', 390)
    expect(requests).toEqual([])
    expect(complaints).toEqual([])
    expect(await page.evaluate('document.documentElement.scrollWidth')).toBeLessThanOrEqual(390)
    await page.close()
  })
})

describe.skipIf(browser === undefined)('in a browser', () => {
  test('the page shows one language, and the other on a click', async () => {
    const { page } = await open(SAMPLES['mammography of both sides']!, 'en')
    const text = async () => (await page.locator('main').innerText()).replaceAll(/\s+/g, ' ')
    expect(await text()).not.toMatch(HANZI)
    await page.getByText('中文').click()
    expect(await text()).toMatch(HANZI)
    expect(await text()).not.toContain('Right breast')
    await page.close()
  })

  test('in English too there is no accessibility violation', async () => {
    const { page } = await open(SAMPLES['mammography of both sides']!, 'en')
    expect(await violations(page)).toEqual([])
    await page.close()
  })

  test('its own policy lets its style and pictures in, and no script', async () => {
    const page = await browser!.newPage()
    const complaints: string[] = []
    page.on('console', (message) => complaints.push(message.text()))
    const html = renderHtml(SAMPLES['mammography of both sides']!, assetsOf(SAMPLES['mammography of both sides']!), {
      language: 'zh',
    })
    await page.setContent(html.replace('</main>', '<script>document.title = "broken in"</script></main>'))
    expect(await page.title()).toContain('Zaoshai')
    expect(complaints.filter((complaint) => !/script/.test(complaint))).toEqual([])
    const shown = "getComputedStyle(document.querySelector('.pair')).display"
    expect(await page.evaluate(shown)).toBe('grid')
    await page.close()
  })

  test('it prints on A4: both sides beside each other, no switch of language', async () => {
    const { page } = await open(SAMPLES['mammography of both sides']!, 'zh')
    await page.emulateMedia({ media: 'print' })
    expect(await page.locator('.language').isVisible()).toBe(false)
    const pdf = await page.pdf({ preferCSSPageSize: true })
    const pages = pdf.toString('latin1').match(/\/MediaBox ?\[0 0 59[45][.\d]* 84[12][.\d]*\]/g)
    expect(pages?.length).toBeGreaterThanOrEqual(2)
    expect(pages?.length).toBeLessThanOrEqual(7)
    await page.close()
  })
})
