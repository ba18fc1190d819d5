import { ABSENCE_WORDS, isAbsent } from '#core/absent.ts'
import type { Report } from '#core/report.ts'
import { colourBar } from './colour-scale.ts'
import { curvePlot, LINE_KINDS, type LineKind, lineSample } from './curve-plot.ts'
import type { Assets } from './figures.ts'
import { coursesOf, type ImageCourse, KINETICS_HEADING, KINETICS_NOTE, type RegionCourse } from './kinetics.ts'
import { joined } from './labels.ts'
import { both, html, type Markup } from './markup.ts'
import { tableMarkup } from './table-markup.ts'

/** Curves, maps and numbers of every image that came with a sequence, as the page shows them. */
export function kineticsSection(report: Report, assets: Assets): Markup | undefined {
  const courses = coursesOf(report, assets)
  if (courses.length === 0) return undefined
  return html`<section class="kinetics" aria-labelledby="kinetics"><h2 id="kinetics">${both(KINETICS_HEADING)}</h2>
<p class="note">${both(KINETICS_NOTE)}</p>
${courses.map(imageMarkup)}</section>`
}

function imageMarkup(course: ImageCourse): Markup {
  const { title, sentences, maps, regions, why } = course
  return html`<h3>${both(title)}</h3>
${sentences.map((sentence) => html`<p>${both(sentence)}</p>\n`)}
${maps.length > 0 && mapsMarkup(course)}
${regions.length === 0 && html`<p class="note">${both(why)}</p>`}
${regions.map((region, i) => regionMarkup(region, `curves-${course.image.id}-${i + 1}`, course.baselineFrames))}\n`
}

function mapsMarkup({ maps, image: { id, size } }: ImageCourse): Markup {
  return html`<div class="maps">${maps.map(({ name, scale, low, high, href, caption }) => {
    const labelledBy = `map-${id}-${name}`
    return html`<figure><svg viewBox="0 0 ${size.width} ${size.height}" role="img" aria-labelledby="${labelledBy}"><image href="${href}" width="${size.width}" height="${size.height}" preserveAspectRatio="none"/></svg><figcaption><span id="${labelledBy}">${both(caption)}</span></figcaption>
<div class="scale"><span>${low}</span>${colourBar(scale)}<span>${high}</span></div></figure>`
  })}</div>`
}

function regionMarkup(course: RegionCourse, id: string, baselineFrames: number): Markup {
  const { title, caption, legend, notes, temporal, table } = course
  if (isAbsent(temporal)) return html`<p>${both(joined(title, ABSENCE_WORDS[temporal.absent]))}</p>`
  return html`<div class="course"><figure>${curvePlot(temporal, baselineFrames, id)}<figcaption><span id="${id}">${both(caption)}</span>${legend.length > 1 && legendMarkup(legend)}</figcaption>${notes.map((note) => html`<p class="note">${both(note)}</p>`)}</figure>
<div class="scroll" tabindex="0">${table !== undefined && tableMarkup(table)}</div></div>`
}

function legendMarkup(legend: readonly LineKind[]): Markup {
  return html`<span class="legend">${legend.map((kind) => html`<span>${lineSample(kind)} ${both(LINE_KINDS[kind].words)}</span>`)}</span>`
}
