import { readFile } from 'node:fs/promises'
import { createRequire } from 'node:module'

/** TrueType files of one family. */
export interface PaperFonts {
  readonly regular: Buffer
  readonly bold: Buffer
}

const PACKAGE = '@expo-google-fonts/noto-sans-sc'

/**
 * Noto Sans SC from its npm package (SIL Open Font Licence): every character of GBK, so that rare names print, and the
 * signs of a report. A PDF holds only the glyphs that it uses.
 */
export async function paperFonts(): Promise<PaperFonts> {
  const { resolve } = createRequire(import.meta.url)
  const [regular, bold] = await Promise.all([
    readFile(resolve(`${PACKAGE}/400Regular/NotoSansSC_400Regular.ttf`)),
    readFile(resolve(`${PACKAGE}/600SemiBold/NotoSansSC_600SemiBold.ttf`)),
  ])
  return { regular, bold }
}
