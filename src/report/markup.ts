import type { Words } from '#core/words.ts'

/** Markup that is ready to be sent: everything else that goes into it is escaped. */
export class Markup {
  readonly text: string

  constructor(text: string) {
    this.text = text
  }
}

/** What may stand in a template. Nothing is printed for `undefined` and `false`. */
export type Content = string | number | Markup | undefined | false | readonly Content[]

/** `html\`<p>${text}</p>\``: escapes every value that is not itself markup. Attribute values stand in double quotes. */
export function html(strings: TemplateStringsArray, ...values: readonly Content[]): Markup {
  let text = strings[0] ?? ''
  for (const [i, value] of values.entries()) text += print(value) + (strings[i + 1] ?? '')
  return new Markup(text)
}

/** The same sentence in both languages; the page shows the one that is chosen. */
export function both({ zh, en }: Words): Markup {
  return html`<span class="zh" lang="zh-CN">${zh}</span><span class="en" lang="en">${en}</span>`
}

function print(value: Content): string {
  if (value === undefined || value === false) return ''
  if (value instanceof Markup) return value.text
  if (typeof value === 'object') return value.map(print).join('')
  return escapeHtml(String(value))
}

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
}

function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (character) => ENTITIES[character] ?? character)
}
