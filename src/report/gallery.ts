import type { Point } from '#core/geometry.ts'
import type { Size } from '#core/image.ts'
import type { Words } from '#core/words.ts'
import { pathOf } from './figures.ts'
import { both, type Content, html, type Markup } from './markup.ts'
import { printNumber, printScore } from './tables.ts'

/** Who drew an outline: the doctor, the one model, the other. Later ones are drawn over earlier ones. */
export const HANDS = ['doctor', 'first', 'second'] as const
export type Hand = (typeof HANDS)[number]

export type HandNames = Readonly<Partial<Record<Hand, Words>>>

/** What is drawn of one image: the picture and, in pixels of the original, the outlines of each hand. */
export interface Drawing {
  readonly size: Size
  /** The picture as a `data:` address, in any resolution. */
  readonly href: string
  readonly outlines: Readonly<Partial<Record<Hand, readonly (readonly Point[])[]>>>
}

/** How one model's mask of an image agrees with the doctor's. */
export interface Reading {
  readonly hand: Hand
  /** Unitless, 0..1. */
  readonly dice: number
  readonly iou: number
  /** Presence score, 0..1; `null` where the model gives none. */
  readonly presence: number | null
  /** The model marked something. */
  readonly marked: boolean
}

/** One image of a gallery. */
export interface Plate {
  /** Names the image for people. */
  readonly id: string
  /** What stands beside the name. */
  readonly notes: readonly Content[]
  readonly drawing: Drawing
  readonly readings: readonly Reading[]
}

/**
 * Images with the outlines of several hands and the figures below. Hands differ in colour (white, orange and sky blue of
 * Okabe and Ito's palette, which colour-blind readers tell apart) and in the kind of line.
 * @param key begins the names of elements; each gallery of a page has its own.
 */
export function gallery(key: string, plates: readonly Plate[], names: HandNames): Markup {
  return html`<div class="plates">
${plates.map((plate, i) => plateFigure(plate, `${key}-${i}`, names))}</div>`
}

/** Which line is whose. */
export function legend(names: HandNames): Markup {
  const entries = HANDS.flatMap((hand) => (names[hand] === undefined ? [] : [{ hand, words: names[hand] }]))
  return html`<ul class="legend">${entries.map(({ hand, words }) => html`<li>${swatch(hand)}${both(words)}</li>`)}</ul>`
}

function swatch(hand: Hand): Markup {
  return html`<svg class="swatch" viewBox="0 0 44 14" aria-hidden="true"><path class="line ${hand}" d="M3 7H41"/></svg>`
}

function plateFigure({ id, notes, drawing, readings }: Plate, name: string, names: HandNames): Markup {
  return html`<figure class="plate">
${picture(drawing, name)}
<figcaption><strong id="${name}">${id}</strong>${notes.map((note) => html`<span>${note}</span>`)}</figcaption>
<table><thead><tr><th scope="col">${both({ zh: '轮廓', en: 'Outline' })}</th><th scope="col" class="value">Dice</th><th scope="col" class="value">IoU</th><th scope="col" class="value">${both({ zh: '存在评分', en: 'Presence' })}</th></tr></thead>
<tbody>${readings.map((reading) => readingRow(reading, names))}</tbody></table>
</figure>
`
}

function picture({ size: { width, height }, href, outlines }: Drawing, labelledBy: string): Markup {
  const drawn = HANDS.flatMap((hand) => (outlines[hand] ?? []).map((outline) => ({ hand, path: pathOf(outline) })))
  return html`<svg viewBox="-0.5 -0.5 ${width} ${height}" role="img" aria-labelledby="${labelledBy}">
<image href="${href}" x="-0.5" y="-0.5" width="${width}" height="${height}" preserveAspectRatio="none"/>
${drawn.map(({ path }) => html`<path class="casing" d="${path}"/>`)}
${drawn.map(({ hand, path }) => html`<path class="line ${hand}" d="${path}"/>`)}
</svg>`
}

const NOTHING_MARKED: Words = { zh: '（未标出）', en: ' (nothing marked)' }

function readingRow({ hand, dice, iou, presence, marked }: Reading, names: HandNames): Markup {
  return html`<tr><th scope="row">${swatch(hand)}${both(names[hand] ?? { zh: hand, en: hand })}${!marked && both(NOTHING_MARKED)}</th>
<td class="value">${printNumber(dice, 3)}</td><td class="value">${printNumber(iou, 3)}</td>
<td class="value">${presence === null ? '–' : printScore(presence)}</td></tr>
`
}

/** Beside the common style, on pages with a gallery. */
export const GALLERY_STYLE = `
.plates { display: grid; grid-template-columns: repeat(auto-fill, minmax(min(100%, 310px), 1fr)); gap: 26px 22px; align-items: start; margin-top: 16px; }
.plate svg[role="img"] { max-height: 420px; }
.plate table { margin-top: 6px; }
.plate figcaption strong { color: var(--ink); }
.line { fill: none; vector-effect: non-scaling-stroke; stroke-linejoin: round; stroke-width: 2.2px; }
.line.doctor { stroke: #ffffff; }
.line.first { stroke: #e69f00; stroke-dasharray: 9 5; }
.line.second { stroke: #56b4e9; stroke-dasharray: .1 5; stroke-linecap: round; stroke-width: 3px; }
.swatch { display: inline-block; width: 44px; height: 14px; background: #10161b; border-radius: 3px; vertical-align: -2px; margin-right: 8px; }
.legend { list-style: none; padding: 0; display: flex; flex-wrap: wrap; gap: 6px 26px; }
@media print { .plates { grid-template-columns: 1fr 1fr; } .plate svg[role="img"] { max-height: 70mm; } .swatch { border: 1px solid #10161b; } }
`
