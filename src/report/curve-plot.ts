import { isAbsent } from '#core/absent.ts'
import type { KineticCurve, RegionKinetics } from '#core/kinetics.ts'
import { UNIT_SYMBOLS } from '#core/units.ts'
import type { Words } from '#core/words.ts'
import { html, Markup } from './markup.ts'
import { printNumber } from './tables.ts'

const PLOT = { width: 480, height: 250, left: 58, right: 12, top: 22, bottom: 34 } as const
/** Okabe and Ito's palette, less yellow, which is faint on white. */
const COLOURS = ['#0072b2', '#d55e00', '#009e73', '#cc79a7', '#56b4e9'] as const

/** As in the page's style; on paper there is none. */
const [SOFT, FAINT] = ['#51606c', '#c9d2d9']
const TEXT = html`fill="${SOFT}" font-size="11"`

/** Whose curve a line is: its dashes (none where it is drawn through) and what it is called. */
export const LINE_KINDS = {
  reference: { dashes: '6 4', words: { zh: '参考区', en: 'reference region' } },
  contralateral: { dashes: '1.5 3.5', words: { zh: '对侧对应部位', en: 'mirrored place in the other breast' } },
  region: { dashes: '', words: { zh: '标出区域', en: 'marked region' } },
} as const satisfies Record<string, { readonly dashes: string; readonly words: Words }>
export type LineKind = keyof typeof LINE_KINDS

/** A curve of each kind, where there is one, in the order in which they are drawn: the region's own lies on top. */
export function curvesOf(of: RegionKinetics): readonly { readonly kind: LineKind; readonly curve: KineticCurve }[] {
  const { curve, referenceCurve, contralateralCurve } = of
  return [
    ...(isAbsent(referenceCurve) ? [] : [{ kind: 'reference' as const, curve: referenceCurve }]),
    ...(isAbsent(contralateralCurve) ? [] : [{ kind: 'contralateral' as const, curve: contralateralCurve }]),
    { kind: 'region' as const, curve },
  ]
}

interface Line {
  readonly colour: string
  readonly kind: LineKind
  readonly points: readonly (readonly [timeS: number, change: number])[]
}

/**
 * Change over time of a region in every channel, and of what it is compared with in the dashes of {@link LINE_KINDS}.
 * @param labelledBy id of its caption.
 */
export function curvePlot(channels: readonly RegionKinetics[], baselineFrames: number, labelledBy: string): Markup {
  const lines = channels.flatMap((channel, i) =>
    curvesOf(channel).map(
      ({ kind, curve }): Line => ({ colour: COLOURS[i % COLOURS.length]!, kind, points: pointsOf(curve) }),
    ),
  )
  const all = lines.flatMap(({ points }) => points)
  if (all.length === 0) return html``
  const [x, y] = [axis(all.map(([time]) => time)), axis([0, ...all.map(([, change]) => change)])]
  const across = (time: number) => place(x, time, PLOT.left, PLOT.width - PLOT.right)
  const up = (change: number) => place(y, change, PLOT.height - PLOT.bottom, PLOT.top)
  const baselineEnd = channels[0]!.curve.timesS[baselineFrames - 1] ?? x.ticks[0]!
  return html`<svg class="plot" viewBox="0 0 ${PLOT.width} ${PLOT.height}" role="img" aria-labelledby="${labelledBy}">
${y.ticks.map((tick) => html`<line class="${tick === 0 ? 'zero' : 'axis'}" stroke="${tick === 0 ? SOFT : FAINT}" x1="${PLOT.left}" x2="${PLOT.width - PLOT.right}" y1="${rounded(up(tick))}" y2="${rounded(up(tick))}"/><text x="${PLOT.left - 6}" y="${rounded(up(tick) + 4)}" text-anchor="end" ${TEXT}>${printNumber(tick, y.digits)}</text>`)}
${x.ticks.map((tick) => html`<text x="${rounded(across(tick))}" y="${PLOT.height - PLOT.bottom + 16}" text-anchor="middle" ${TEXT}>${printNumber(tick, x.digits)}</text>`)}
<line class="axis" stroke="${FAINT}" x1="${rounded(across(baselineEnd))}" x2="${rounded(across(baselineEnd))}" y1="${PLOT.top}" y2="${PLOT.height - PLOT.bottom}" stroke-dasharray="2 3"/>
${lines.map(({ colour, kind, points }) => html`<polyline class="course-line" fill="none" stroke-width="2" stroke-linejoin="round"${strokeDashes(kind)} stroke="${colour}" points="${points.map(([time, change]) => `${rounded(across(time))},${rounded(up(change))}`).join(' ')}"/>`)}
${channels.map(({ channel }, i) => html`<text x="${PLOT.left + i * 82}" y="12" font-size="11" fill="${COLOURS[i % COLOURS.length]!}">━ ${channel}</text>`)}
<text x="${PLOT.width - PLOT.right}" y="${PLOT.height - 4}" text-anchor="end" ${TEXT}>s</text><text x="4" y="12" ${TEXT}>${unitOf(channels)}</text></svg>`
}

/** What a kind of line looks like, beside its name in a legend. */
export function lineSample(kind: LineKind): Markup {
  return html`<svg class="sample" viewBox="0 0 30 8" width="30" height="8" aria-hidden="true"><line x1="1" x2="29" y1="4" y2="4" stroke="${SOFT}" stroke-width="2"${strokeDashes(kind)}/></svg>`
}

function strokeDashes(kind: LineKind): Markup {
  const { dashes } = LINE_KINDS[kind]
  return new Markup(dashes === '' ? '' : ` stroke-dasharray="${dashes}"`)
}

function unitOf(channels: readonly RegionKinetics[]): string {
  const unit = channels[0]?.changeUnit
  return unit === undefined || isAbsent(unit) ? '' : UNIT_SYMBOLS[unit]
}

function pointsOf({ timesS, change }: KineticCurve): [number, number][] {
  return isAbsent(change) ? [] : timesS.map((time, i) => [time, change[i]!])
}

interface Axis {
  readonly low: number
  readonly high: number
  readonly ticks: readonly number[]
  readonly digits: number
}

/** Round ticks, about four, that hold all values. */
function axis(values: readonly number[]): Axis {
  const [least, most] = [Math.min(...values), Math.max(...values)]
  const span = most > least ? most - least : Math.abs(most) || 1
  const power = 10 ** Math.floor(Math.log10(span / 4))
  const step = power * ([1, 2, 5, 10].find((factor) => factor * power >= span / 4) ?? 10)
  const [first, last] = [Math.floor(least / step + 1e-9), Math.ceil((most > least ? most : least + span) / step - 1e-9)]
  const ticks = Array.from({ length: last - first + 1 }, (_, i) => (first + i) * step)
  return { low: first * step, high: last * step, ticks, digits: Math.max(0, -Math.floor(Math.log10(step) + 1e-9)) }
}

function place({ low, high }: Axis, value: number, from: number, to: number): number {
  return from + ((value - low) / (high - low)) * (to - from)
}

function rounded(value: number): string {
  return value.toFixed(1)
}
