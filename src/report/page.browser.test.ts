import { existsSync, readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import sparticuz from '@sparticuz/chromium'
import { type Browser, chromium, type Page } from 'playwright-core'
import { afterAll, describe, expect, test } from 'vitest'
import type { Report } from '#core/report.ts'
import { renderHtml } from './page.ts'
import { assetsOf, SAMPLES } from './samples.ts'

/** The machine's own Chrome or Chromium, else the one that npm brings. */
const INSTALLED = [
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
  '/usr/bin/google-chrome',
  '/opt/google/chrome/chrome',
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
  'C:\\Program Files\\Google\\Chrome\\Application\\chrome.exe',
]

/** Nothing that a browser does of its own accord may leave the machine. */
const QUIET = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
]

/** @returns undefined where no browser starts; throws then where `CI=true`, since there it must. */
async function openBrowser(): Promise<Browser | undefined> {
  try {
    const installed = [process.env.CHROMIUM_PATH ?? '', ...INSTALLED].find((file) => file !== '' && existsSync(file))
    if (installed !== undefined) return await chromium.launch({ executablePath: installed, args: QUIET })
    return await chromium.launch({
      executablePath: await sparticuz.executablePath(),
      args: [...sparticuz.args, ...QUIET],
    })
  } catch (error) {
    if (process.env.CI === 'true') throw error
    return undefined
  }
}

const browser = await openBrowser()
if (browser === undefined) console.warn('Skipped: Chromium is missing, so the report was not opened in a browser.')
afterAll(() => browser?.close())

const AXE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8')
const HANZI = /\p{Script=Han}/u

interface Opened {
  readonly page: Page
  readonly requests: string[]
  readonly complaints: string[]
}

async function open(report: Report, language: 'zh' | 'en', width = 1200): Promise<Opened> {
  // axe is put in from outside, which the page's own policy rightly forbids
  const page = await browser!.newPage({ viewport: { width, height: 900 }, bypassCSP: true })
  const requests: string[] = []
  const complaints: string[] = []
  page.on('request', (request) => requests.push(request.url().slice(0, 40)))
  page.on('console', (message) => complaints.push(message.text()))
  page.on('dialog', (dialog) => {
    complaints.push(`dialog: ${dialog.message()}`)
    return dialog.dismiss()
  })
  await page.setContent(renderHtml(report, assetsOf(report), { language }), { waitUntil: 'load' })
  return { page, requests: requests.filter((url) => !url.startsWith('data:image/png')), complaints }
}

interface AxeResults {
  readonly violations: readonly { id: string; nodes: readonly { html: string }[] }[]
}

async function violations(page: Page): Promise<string[]> {
  await page.evaluate(AXE)
  const results = (await page.evaluate('axe.run()')) as AxeResults
  return results.violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html.slice(0, 120)).join(' | ')}`)
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
