import { ABSENCE_WORDS, isAbsent } from '#core/absent.ts'
import type { FeatureValue } from '#core/features.ts'
import {
  CHANGE_FEATURE_NAMES,
  CURVE_TYPE_WORDS,
  INITIAL_RISE_WORDS,
  KINETIC_FEATURES,
  type KineticDeclaration,
  type KineticFeatureName,
} from '#core/kinetic-features.ts'
import type { RegionKinetics, SequenceFacts } from '#core/kinetics.ts'
import type { Lesion, ReadImage, Report } from '#core/report.ts'
import { UNIT_SYMBOLS, type Unit } from '#core/units.ts'
import type { Words } from '#core/words.ts'
import { type ColourScale, colourBar } from './colour-scale.ts'
import { curvePlot } from './curve-plot.ts'
import type { Assets } from './figures.ts'
import { exposureLabel, joined, SIDE_LABELS } from './labels.ts'
import { both, html, type Markup } from './markup.ts'
import { FULL_TABLES_PER_IMAGE, printNumber, valueCell } from './tables.ts'

const CURVE: Words = { zh: '变化曲线', en: 'change over time' }

export type KineticMapName = Extract<KineticFeatureName, 'extremum' | 'timeToExtremumS' | 'slopeBefore'>

/** A map of one kinetic feature over the image. */
interface KineticMap {
  readonly name: KineticMapName
  readonly scale: ColourScale
  /** What the ends of the colour scale stand for. */
  readonly low: number
  readonly high: number
  readonly unit: Unit
  /** A `data:` address. */
  readonly href: string
}

/** The maps of one channel of a sequence. */
export interface KineticPictures {
  readonly channel: string
  readonly maps: readonly KineticMap[]
}

/** Curves, maps and numbers of every image that came with a sequence. */
export function kineticsSection({ sides }: Report, assets: Assets): Markup | undefined {
  const images = [...sides.R.images, ...sides.L.images].filter((image) => image.status === 'read')
  const sequences = images.flatMap((image) => {
    const { sequence } = image
    return isAbsent(sequence) ? [] : [{ image, sequence, pictures: assets.get(image.id)?.kinetics }]
  })
  if (sequences.length === 0) return undefined
  return html`<section class="kinetics" aria-labelledby="kinetics"><h2 id="kinetics">${both({ zh: '随时间的变化', en: 'Over time' })}</h2>
<p class="note">${both({
    zh: '曲线为标出区域平均信号相对基线的变化；虚线为参考区。伪彩图以 5 × 5 像素均值逐点测得，噪声大于区域曲线；无颜色处未超出噪声或无法测量。',
    en: 'Curves: change of the mean signal of a marked region against its baseline; dashed: the reference region. Maps are measured of the mean of 5 × 5 pixels and are noisier than the curves; where there is no colour, nothing stands out of the noise or can be measured.',
  })}</p>
${sequences.map(({ image, sequence, pictures }) => imageKinetics(image, sequence, pictures))}</section>`
}

function imageKinetics(image: ReadImage, sequence: SequenceFacts, pictures: KineticPictures | undefined): Markup {
  const lesions = isAbsent(image.marking) ? [] : image.marking.lesions.slice(0, FULL_TABLES_PER_IMAGE)
  const title = joined(SIDE_LABELS[image.side], exposureLabel(image))
  return html`<h3>${both(title)}</h3>
<p>${both(sequenceSentence(sequence))}</p>
<p>${both(motionSentence(sequence))}</p>
${pictures !== undefined && mapsOf(pictures, image)}
${lesions.length === 0 && html`<p class="note">${both(ABSENCE_WORDS[isAbsent(image.marking) ? image.marking.absent : 'no-lesion-marked'])}</p>`}
${lesions.map((lesion) => regionKinetics(lesion, image, sequence))}\n`
}

function sequenceSentence({ channels, frames, baselineFrames, durationS }: SequenceFacts): Words {
  const duration = printNumber(durationS, 1)
  return {
    zh: `${channels} 个通道，每通道 ${frames} 帧，历时 ${duration} 秒；前 ${baselineFrames} 帧为基线。`,
    en: `${channels === 1 ? 'One channel' : `${channels} channels`} of ${frames} frames within ${duration} s; the first ${baselineFrames === 1 ? 'one is' : `${baselineFrames} are`} the baseline.`,
  }
}

function motionSentence({ motion, isCompensated }: SequenceFacts): Words {
  if (isAbsent(motion)) return joined({ zh: '帧间运动', en: 'Motion between frames' }, ABSENCE_WORDS[motion.absent])
  const [shift, residual] = [
    Math.max(...motion.map(({ largestShiftPx }) => largestShiftPx)),
    Math.max(...motion.map(({ largestResidualPx }) => largestResidualPx)),
  ].map((value) => printNumber(value, 2))
  return isCompensated
    ? {
        zh: `帧间最大位移 ${shift} 像素，已校正；校正后残差最大 ${residual} 像素。`,
        en: `Largest motion between frames ${shift} px, compensated; largest residual ${residual} px.`,
      }
    : {
        zh: `帧间最大位移 ${shift} 像素，未校正（光源不随乳腺移动，须有平场图像方可校正）；残差最大 ${residual} 像素。`,
        en: `Largest motion between frames ${shift} px, not compensated (lamps stand still when the breast moves: that takes a flat field); largest residual ${residual} px.`,
      }
}

function mapsOf({ channel, maps }: KineticPictures, { id, size: { width, height } }: ReadImage): Markup {
  return html`<div class="maps">${maps.map(({ name, scale, low, high, unit, href }) => {
    const { label, digits } = declaration(name)
    const caption = `map-${id}-${name}`
    const end = (value: number) => `${printNumber(value, digits)}${symbolOf(unit)}`
    return html`<figure><svg viewBox="0 0 ${width} ${height}" role="img" aria-labelledby="${caption}"><image href="${href}" width="${width}" height="${height}" preserveAspectRatio="none"/></svg><figcaption><span id="${caption}">${both(label)} · ${channel}</span></figcaption>
<div class="scale"><span>${end(low)}</span>${colourBar(scale)}<span>${end(high)}</span></div></figure>`
  })}</div>`
}

function regionKinetics({ number, features: { temporal } }: Lesion, image: ReadImage, sequence: SequenceFacts): Markup {
  const title: Words = { zh: `区域 ${number}`, en: `Region ${number}` }
  if (isAbsent(temporal)) return html`<p>${both(joined(title, ABSENCE_WORDS[temporal.absent]))}</p>`
  const id = `curves-${image.id}-${number}`
  return html`<div class="course"><figure>${curvePlot(temporal, sequence.baselineFrames, id)}<figcaption><span id="${id}">${both(joined(title, CURVE))}</span></figcaption></figure>
${kineticTable(title, temporal)}</div>`
}

/** A column for each channel. What is said of contrast agents alone is left out where there is none. */
function kineticTable(title: Words, channels: readonly RegionKinetics[]): Markup {
  const row = (name: KineticFeatureName, values: readonly FeatureValue[], of?: Words) => {
    const { label, digits } = declaration(name)
    return html`<tr><th scope="row">${both(label)}${of !== undefined && both(of)}</th>${values.map((value) => valueCell(value, digits))}</tr>\n`
  }
  const hasReference = channels.some(({ referenceCurve }) => !isAbsent(referenceCurve))
  const hasAgent = channels.some(({ percentEnhancement: of }) => !isAbsent(of) || of.absent !== 'no-contrast-agent')
  const less: Words = { zh: '（减参考区）', en: ', less reference' }
  return html`<div class="scroll" tabindex="0"><table><caption>${both(title)}</caption>
<thead><tr><th scope="col">${both({ zh: '测量', en: 'Measured' })}</th>${channels.map(({ channel }) => html`<th scope="col" class="value">${channel}</th>`)}</tr></thead>
<tbody>${CHANGE_FEATURE_NAMES.map((name) =>
    row(
      name,
      channels.map(({ region }) => region[name]),
    ),
  )}
${
  hasReference &&
  html`${CHANGE_FEATURE_NAMES.map((name) =>
    row(
      name,
      channels.map(({ lessReference }) => lessReference[name]),
      less,
    ),
  )}${row(
    'referenceCorrelation',
    channels.map(({ referenceCorrelation }) => referenceCorrelation),
  )}`
}
${hasAgent && contrastRows(channels, row)}</tbody></table></div>`
}

type RowOf = (name: KineticFeatureName, values: readonly FeatureValue[]) => Markup

function contrastRows(channels: readonly RegionKinetics[], row: RowOf): Markup {
  const words = (heading: Words, cells: readonly Words[]) =>
    html`<tr><th scope="row">${both(heading)}</th>${cells.map((cell) => html`<td class="value">${both(cell)}</td>`)}</tr>\n`
  return html`${(['percentEnhancement', 'signalEnhancementRatio'] as const).map((name) =>
    row(
      name,
      channels.map((of) => of[name]),
    ),
  )}
${words(
  { zh: '曲线类型', en: 'Curve type' },
  channels.map(({ curveType: of }) => (isAbsent(of) ? ABSENCE_WORDS[of.absent] : CURVE_TYPE_WORDS[of])),
)}
${words(
  { zh: '早期上升', en: 'Initial rise' },
  channels.map(({ initialRise: of }) => (isAbsent(of) ? ABSENCE_WORDS[of.absent] : INITIAL_RISE_WORDS[of])),
)}`
}

/** The declaration, with the optional fields typed. */
function declaration(name: KineticFeatureName): KineticDeclaration {
  return KINETIC_FEATURES[name]
}

function symbolOf(unit: Unit): string {
  const symbol = UNIT_SYMBOLS[unit]
  return symbol === '' ? '' : ` ${symbol}`
}
