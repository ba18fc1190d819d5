import { createRequire } from 'node:module'

/** Paths of the TrueType files of one family. */
export interface PaperFonts {
  readonly normal: string
  readonly bold: string
}

const FAMILY = '@expo-google-fonts/noto-sans-sc'

/**
 * Noto Sans SC in its npm package (SIL Open Font Licence): every character of GBK but one, so that rare names print, and
 * the signs of a report. A PDF holds only the glyphs that it uses.
 */
export function paperFonts(): PaperFonts {
  const { resolve } = createRequire(import.meta.url)
  return {
    normal: resolve(`${FAMILY}/400Regular/NotoSansSC_400Regular.ttf`),
    bold: resolve(`${FAMILY}/600SemiBold/NotoSansSC_600SemiBold.ttf`),
  }
}
