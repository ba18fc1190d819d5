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
import type { ColourScale } from './colour-scale.ts'
import { curvesOf, LINE_KINDS, type LineKind } from './curve-plot.ts'
import type { Assets } from './figures.ts'
import { exposureLabel, joined, SIDE_LABELS } from './labels.ts'
import { FULL_TABLES_PER_IMAGE, type PrintedRow, printNumber, printValue, type ValueTable } from './tables.ts'

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

/** What is told of one marked region over time. */
export interface RegionCourse {
  readonly title: Words
  /** Below its curves. */
  readonly caption: Words
  /** Which kinds of line are drawn, the region's own first. */
  readonly legend: readonly LineKind[]
  /** Why nothing is compared with the other breast, if so. */
  readonly notes: readonly Words[]
  /** For each channel, or why there is nothing. */
  readonly temporal: Lesion['features']['temporal']
  readonly table: ValueTable | undefined
}

/** What is told of one image that came with a sequence. */
export interface ImageCourse {
  readonly image: ReadImage
  readonly title: Words
  readonly baselineFrames: number
  readonly sentences: readonly Words[]
  readonly maps: readonly PrintedMap[]
  readonly regions: readonly RegionCourse[]
  /** Why there are no regions. */
  readonly why: Words
}

export interface PrintedMap {
  readonly name: KineticMapName
  readonly scale: ColourScale
  readonly href: string
  readonly caption: Words
  /** The ends of the colour scale. */
  readonly low: string
  readonly high: string
}

export const KINETICS_HEADING: Words = { zh: '随时间的变化', en: 'Over time' }
export const KINETICS_NOTE: Words = {
  zh: '曲线为标出区域平均信号相对基线的变化。伪彩图以 5 × 5 像素均值逐点测得，噪声大于区域曲线；无颜色处未超出噪声或无法测量。',
  en: 'Curves: change of the mean signal of a marked region against its baseline. Maps are measured of the mean of 5 × 5 pixels and are noisier than the curves; where there is no colour, nothing stands out of the noise or can be measured.',
}

/** Curves, maps and numbers of every image that came with a sequence. */
export function coursesOf({ sides }: Report, assets: Assets): ImageCourse[] {
  const images = [...sides.R.images, ...sides.L.images].filter((image) => image.status === 'read')
  return images.flatMap((image) => {
    const { sequence } = image
    return isAbsent(sequence) ? [] : [imageCourse(image, sequence, assets.get(image.id)?.kinetics)]
  })
}

function imageCourse(image: ReadImage, sequence: SequenceFacts, pictures: KineticPictures | undefined): ImageCourse {
  const lesions = isAbsent(image.marking) ? [] : image.marking.lesions.slice(0, FULL_TABLES_PER_IMAGE)
  return {
    image,
    title: joined(SIDE_LABELS[image.side], exposureLabel(image)),
    baselineFrames: sequence.baselineFrames,
    sentences: [sequenceSentence(sequence), motionSentence(sequence)],
    maps: pictures === undefined ? [] : mapsOf(pictures),
    regions: lesions.map(regionCourse),
    why: ABSENCE_WORDS[isAbsent(image.marking) ? image.marking.absent : 'no-lesion-marked'],
  }
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

function mapsOf({ channel, maps }: KineticPictures): PrintedMap[] {
  return maps.map(({ name, scale, low, high, unit, href }) => {
    const { label, digits } = declaration(name)
    const end = (value: number) => `${printNumber(value, digits)}${symbolOf(unit)}`
    const caption = { zh: `${label.zh} · ${channel}`, en: `${label.en} · ${channel}` }
    return { name, scale, href, caption, low: end(low), high: end(high) }
  })
}

function regionCourse({ number, features: { temporal } }: Lesion): RegionCourse {
  const title: Words = { zh: `区域 ${number}`, en: `Region ${number}` }
  const table = isAbsent(temporal) ? undefined : kineticTable(title, temporal)
  const channels = isAbsent(temporal) ? [] : temporal
  const drawn = new Set(channels.flatMap(curvesOf).map(({ kind }) => kind))
  const legend = (['region', 'reference', 'contralateral'] as const).filter((kind) => drawn.has(kind))
  return { title, caption: joined(title, CURVE), legend, notes: notesOf(channels), temporal, table }
}

/** Where a curve of the other breast is missing, the reasons; those of single values stand in the table. */
function notesOf(channels: readonly RegionKinetics[]): Words[] {
  const absences = channels.map(({ contralateralCurve: of }) => of).filter(isAbsent)
  const reasons = new Set(absences.map(({ absent }) => absent))
  return [...reasons].map((reason) => joined(LINE_KINDS.contralateral.words, ABSENCE_WORDS[reason]))
}

/** A column for each channel. What is said of contrast agents alone is left out where there is none. */
function kineticTable(title: Words, channels: readonly RegionKinetics[]): ValueTable {
  const hasReference = channels.some(({ referenceCurve }) => !isAbsent(referenceCurve))
  const hasOther = channels.some(({ contralateralCurve }) => !isAbsent(contralateralCurve))
  const hasAgent = channels.some(({ percentEnhancement: of }) => !isAbsent(of) || of.absent !== 'no-contrast-agent')
  const changes = CHANGE_FEATURE_NAMES.map((name) =>
    row(
      name,
      channels.map(({ region }) => region[name]),
    ),
  )
  return {
    kind: 'values',
    caption: title,
    columns: [{ zh: '测量', en: 'Measured' }, ...channels.map(({ channel }) => ({ zh: channel, en: channel }))],
    rows: [
      ...changes,
      ...(hasReference ? comparedRows(channels, REFERENCE) : []),
      ...(hasOther ? comparedRows(channels, OTHER_BREAST) : []),
      ...(hasAgent ? contrastRows(channels) : []),
    ],
  }
}

function row(name: KineticFeatureName, values: readonly FeatureValue[], of: Words = { zh: '', en: '' }): PrintedRow {
  const { label, digits } = declaration(name)
  return {
    name: { zh: label.zh + of.zh, en: label.en + of.en },
    values: values.map((value) => printValue(value, digits)),
  }
}

/** What a region is compared with. */
interface Compared {
  readonly changes: 'lessReference' | 'lessContralateral'
  readonly less: Words
  readonly correlation: 'referenceCorrelation' | 'contralateralCorrelation'
}

const REFERENCE: Compared = {
  changes: 'lessReference',
  less: { zh: '（减参考区）', en: ', less reference' },
  correlation: 'referenceCorrelation',
}
const OTHER_BREAST: Compared = {
  changes: 'lessContralateral',
  less: { zh: '（减对侧）', en: ', less other breast' },
  correlation: 'contralateralCorrelation',
}

function comparedRows(channels: readonly RegionKinetics[], { changes, less, correlation }: Compared): PrintedRow[] {
  const rows = CHANGE_FEATURE_NAMES.map((name) =>
    row(
      name,
      channels.map((of) => of[changes][name]),
      less,
    ),
  )
  return [
    ...rows,
    row(
      correlation,
      channels.map((of) => of[correlation]),
    ),
  ]
}

function contrastRows(channels: readonly RegionKinetics[]): PrintedRow[] {
  const numbers = (['percentEnhancement', 'signalEnhancementRatio'] as const).map((name) =>
    row(
      name,
      channels.map((of) => of[name]),
    ),
  )
  const types = channels.map(({ curveType: of }) => (isAbsent(of) ? ABSENCE_WORDS[of.absent] : CURVE_TYPE_WORDS[of]))
  const rises = channels.map(({ initialRise: of }) =>
    isAbsent(of) ? ABSENCE_WORDS[of.absent] : INITIAL_RISE_WORDS[of],
  )
  return [
    ...numbers,
    { name: { zh: '曲线类型', en: 'Curve type' }, values: types.map((value) => ({ value })) },
    { name: { zh: '早期上升', en: 'Initial rise' }, values: rises.map((value) => ({ value })) },
  ]
}

/** The declaration, with the optional fields typed. */
function declaration(name: KineticFeatureName): KineticDeclaration {
  return KINETIC_FEATURES[name]
}

function symbolOf(unit: Unit): string {
  const symbol = UNIT_SYMBOLS[unit]
  return symbol === '' ? '' : ` ${symbol}`
}
