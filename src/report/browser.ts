/** A browser for the tests of pages. */
import { existsSync, readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import sparticuz from '@sparticuz/chromium'
import { type Browser, chromium, type Page } from 'playwright-core'

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
export async function openBrowser(): Promise<Browser | undefined> {
  try {
    const installed = [process.env.CHROMIUM_PATH ?? '', ...INSTALLED].find((file) => file !== '' && existsSync(file))
    if (installed !== undefined) return await chromium.launch({ executablePath: installed, args: QUIET })
    return await chromium.launch({
      executablePath: await sparticuz.executablePath(),
      args: [...sparticuz.args, ...QUIET],
    })
  } catch (error) {
    if (process.env.CI === 'true') throw error
    console.warn('Skipped: Chromium is missing, so no page was opened in a browser.')
    return undefined
  }
}

/** A page that is open, with what it asked for and what it complained of. */
export interface Opened {
  readonly page: Page
  readonly requests: string[]
  readonly complaints: string[]
}

export async function openPage(browser: Browser, html: string, width = 1200): Promise<Opened> {
  // axe is put in from outside, which the page's own policy rightly forbids
  const page = await browser.newPage({ viewport: { width, height: 900 }, bypassCSP: true })
  const requests: string[] = []
  const complaints: string[] = []
  page.on('request', (request) => requests.push(request.url().slice(0, 40)))
  page.on('console', (message) => complaints.push(message.text()))
  page.on('dialog', (dialog) => {
    complaints.push(`dialog: ${dialog.message()}`)
    return dialog.dismiss()
  })
  await page.setContent(html, { waitUntil: 'load' })
  return { page, requests: requests.filter((url) => !url.startsWith('data:image/png')), complaints }
}

interface AxeResults {
  readonly violations: readonly { id: string; nodes: readonly { html: string }[] }[]
}

/** What axe finds wrong with a page's accessibility. */
export async function violations(page: Page): Promise<string[]> {
  await page.evaluate(readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8'))
  const results = (await page.evaluate('axe.run()')) as AxeResults
  return results.violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html.slice(0, 120)).join(' | ')}`)
}
