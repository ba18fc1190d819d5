import { createHash } from 'node:crypto'
import type { Language, Words } from '#core/words.ts'
import { both, type Content, html, Markup } from './markup.ts'
import { STYLE } from './style.ts'

/** What every page of ours is made of. */
export interface PageParts {
  /** Stands in the browser's tab after the software's name. */
  readonly title: string
  /** The language that the page opens in; both are in it. */
  readonly language: Language
  readonly heading: Words
  readonly subheading: Words
  /** Below the heading: what the page is about, by name and value. */
  readonly facts: readonly (readonly [name: Words, value: Content])[]
  readonly main: Content
  readonly footer: Content
  /** Beside the common style. */
  readonly style?: string
}

/** One HTML page that needs nothing else: style and pictures inside, no script, no request to anywhere. */
export function renderPage({ title, language, main, footer, style = '', ...head }: PageParts): string {
  const styles = STYLE + style
  return html`<!doctype html>
<html lang="${language === 'zh' ? 'zh-CN' : 'en'}">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; img-src data:; style-src 'sha256-${sha256(styles)}'; base-uri 'none'; form-action 'none'">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="referrer" content="no-referrer">
<title>早筛 Zaoshai · ${title}</title>
${new Markup(`<style>${styles}</style>`)}
</head>
<body>
${masthead(head, language)}
<main>
${main}
</main>
<footer>${footer}</footer>
</body>
</html>
`.text
}

function sha256(text: string): string {
  return createHash('sha256').update(text).digest('base64')
}

function masthead(
  { heading, subheading, facts }: Pick<PageParts, 'heading' | 'subheading' | 'facts'>,
  shown: Language,
) {
  const option = (code: Language, name: string, lang: string) =>
    html`<label><input class="hidden" type="radio" name="language" id="show-${code}"${code === shown && new Markup(' checked')}><span lang="${lang}">${name}</span></label>`
  return html`<header>
<div class="masthead"><div><h1>${both(heading)}</h1>
<p>${both(subheading)}</p></div>
<fieldset class="language"><legend class="hidden">语言 Language</legend>${option('zh', '中文', 'zh-CN')}${option('en', 'English', 'en')}</fieldset></div>
<dl class="facts">
${facts.map(([name, value]) => html`<div><dt>${both(name)}</dt><dd>${value}</dd></div>\n`)}</dl>
</header>`
}
