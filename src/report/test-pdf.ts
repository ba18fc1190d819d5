/** For tests: what a reader of a PDF gets to see. */
import { getDocumentProxy } from 'unpdf'

export interface PdfText {
  readonly text: string
  /** Size of its letters and place of its first one, in points from the lower left corner. */
  readonly size: number
  readonly x: number
  readonly y: number
  readonly width: number
}

export interface PdfPage {
  readonly width: number
  readonly height: number
  readonly texts: readonly PdfText[]
}

export interface PdfRead {
  readonly info: Readonly<Record<string, unknown>>
  readonly pages: readonly PdfPage[]
}

export async function readPdf(bytes: Uint8Array): Promise<PdfRead> {
  const document = await getDocumentProxy(Uint8Array.from(bytes))
  const { info } = await document.getMetadata()
  const pages: PdfPage[] = []
  for (let number = 1; number <= document.numPages; number++) {
    const page = await document.getPage(number)
    const { width, height } = page.getViewport({ scale: 1 })
    const { items } = await page.getTextContent()
    const texts = items.flatMap((item): PdfText[] => {
      if (!('str' in item) || item.str.trim() === '') return []
      const [, , , size, x, y] = item.transform as number[]
      return [{ text: item.str, size: size ?? 0, x: x ?? 0, y: y ?? 0, width: item.width }]
    })
    pages.push({ width, height, texts })
  }
  return { info: info as PdfRead['info'], pages }
}

/** All that it says, without blanks: where a line breaks does not matter. */
export function spokenBy({ pages }: PdfRead): string {
  return pages.map(pageText).join('')
}

export function pageText({ texts }: PdfPage): string {
  return withoutBlanks(texts.map(({ text }) => text).join(''))
}

export function withoutBlanks(text: string): string {
  return text.replaceAll(/\s+/g, '')
}

const ENTITIES: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"', '#39': "'" }

/** Every text that a page of ours shows in a language, below its masthead's switch and above its footer. */
export function shownBy(page: string, language: 'zh' | 'en'): string[] {
  const other = language === 'zh' ? 'en' : 'zh'
  const shown = page
    .slice(page.indexOf('<body>'), page.indexOf('<footer>'))
    .replaceAll(/<fieldset.*?<\/fieldset>/gs, '')
    .replaceAll(/<span id="[^"]*" class="hidden">.*?<\/span><\/span>/gs, '')
    .replaceAll(new RegExp(`<span class="${other}" lang="[^"]*">[^<]*</span>`, 'g'), '')
  return shown
    .split(/<[^>]*>/)
    .map((text) => withoutBlanks(text.replaceAll(/&(amp|lt|gt|quot|#39);/g, (_, name: string) => ENTITIES[name] ?? '')))
    .filter((text) => text !== '')
}
