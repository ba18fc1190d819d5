import type { Language } from '#core/words.ts'
import { html } from '#report/markup.ts'
import { renderSections, SECTIONS_STYLE } from '#report/sections.ts'
import { renderPage } from '#report/shell.ts'
import type { ModelCard } from './models-card.ts'
import { cardSections } from './models-sections.ts'
import { softwareVersion } from './version.ts'

/** The model card as one page that needs nothing else. */
export function cardPage(card: ModelCard, language: Language): string {
  return renderPage({
    title: card.name,
    language,
    heading: { zh: '模型卡', en: 'Model card' },
    subheading: {
      zh: '本软件仅供辅助，由医生作出结论。未标出轮廓不等于阴性检查。',
      en: 'The software assists; a doctor decides. No outline is not a negative examination.',
    },
    facts: [
      [{ zh: '模型', en: 'Model' }, card.name],
      [{ zh: 'SHA-256', en: 'SHA-256' }, card.sha256.slice(0, 12)],
    ],
    main: renderSections(cardSections(card)),
    footer: html`<p>Zaoshai ${softwareVersion} · ${card.name}</p>`,
    style: SECTIONS_STYLE,
  })
}
