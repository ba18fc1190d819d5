import pdfmake from 'pdfmake'
import type { TDocumentDefinitions } from 'pdfmake/interfaces.js'
import type { PaperFonts } from './fonts.ts'
import { PAPER_FONT } from './paper.ts'

/** Its types leave out where it looks for files before it asks the disk. */
const { virtualfs } = pdfmake as typeof pdfmake & {
  readonly virtualfs: { writeFileSync(name: string, content: Uint8Array): void }
}

/** Fonts come as bytes and pictures as `data:` addresses: nothing else is ever opened. */
pdfmake.setUrlAccessPolicy(() => false)
pdfmake.setLocalAccessPolicy(() => false)

/** The bytes of a PDF: the same for the same document and fonts. */
export async function print(document: TDocumentDefinitions, { regular, bold }: PaperFonts): Promise<Uint8Array> {
  const files = { normal: 'regular.ttf', bold: 'bold.ttf' }
  virtualfs.writeFileSync(files.normal, regular)
  virtualfs.writeFileSync(files.bold, bold)
  pdfmake.setFonts({ [PAPER_FONT]: files })
  return pdfmake.createPdf(document).getBuffer()
}
