import pdfmake from 'pdfmake'
import type { TDocumentDefinitions } from 'pdfmake/interfaces.js'
import { paperFonts } from './fonts.ts'
import { PAPER_FONT } from './paper.ts'

/** Pictures come as `data:` addresses: but for the two fonts nothing is ever opened, from the disk or the network. */
const FONTS = paperFonts()
pdfmake.setUrlAccessPolicy(() => false)
pdfmake.setLocalAccessPolicy((path) => path === FONTS.normal || path === FONTS.bold)
pdfmake.setFonts({ [PAPER_FONT]: { ...FONTS } })

/** The bytes of a PDF: the same for the same document. */
export function print(document: TDocumentDefinitions): Promise<Uint8Array> {
  return pdfmake.createPdf(document).getBuffer()
}
