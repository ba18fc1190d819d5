import { ABSENCE_WORDS, type Absent, isAbsent } from '#core/absent.ts'
import { type Biomarker, biomarkerOf } from '#core/biomarkers.ts'
import {
  type BreastDescription,
  type BreastSentenceCode,
  DENSITIES,
  type Density,
  ECHOTEXTURES,
  type Echotexture,
  VASCULARITY_INDEX,
} from '#core/breast-description.ts'
import { codedDeclarationOf, type MassWordName } from '#core/coded-features.ts'
import { COMPARISONS, FEATURES, type FeatureValue } from '#core/features.ts'
import type { Side } from '#core/modality.ts'
import { UNIT_SYMBOLS } from '#core/units.ts'
import type { Words } from '#core/words.ts'
import { type Exposure, exposureLabel, SIDE_LABELS } from './labels.ts'
import { printNumber } from './tables.ts'

export interface BreastSentence {
  readonly code: BreastSentenceCode
  readonly words: Words
}

/** How much one breast exceeds the other in the same view; above 0. */
export interface Excess {
  readonly side: Side
  readonly exposure: Exposure
  readonly value: number
}

/** The words that rules suggest for one marked region, in the order in which they are said. */
export interface RegionWords {
  /** Id of its image. */
  readonly image: string
  readonly region: number
  readonly told: readonly { readonly name: MassWordName; readonly word: string }[]
}

type WarmthEntry = Exclude<BreastDescription['hotspots'], Absent>[number]

/** How much warmer or cooler than something; or why that is not known. */
function warmerThan(value: FeatureValue, than: Words): Words {
  if (isAbsent(value)) {
    const { zh, en } = ABSENCE_WORDS[value.absent]
    return { zh: `与${than.zh}的温差未测量（${zh}）`, en: `difference to ${than.en} not measured (${en})` }
  }
  const printed = `${printNumber(Math.abs(value.value), FEATURES.temperatureDifference.digits)} ${UNIT_SYMBOLS.Cel}`
  const isCooler = value.value < 0
  return {
    zh: `比${than.zh}${isCooler ? '低' : '高'} ${printed}`,
    en: `${printed} ${isCooler ? 'cooler' : 'warmer'} than ${than.en}`,
  }
}

const SURROUNDINGS: Words = { zh: '周围', en: 'its surroundings' }
const MIRRORED_PLACE: Words = { zh: '对侧镜像位置', en: 'its mirrored place' }

const ofOther = ({ side }: Excess) => SIDE_LABELS[side === 'L' ? 'R' : 'L']

/** Everything that is said of a breast: one sentence for each code, its words from the codes and values alone. */
export const BREAST_SENTENCES = {
  'density-entered': (density: Density) => {
    const { zh, en } = DENSITIES[density].words
    return {
      zh: `乳腺密度（医生录入）：${density} 类，${zh}。`,
      en: `Breast density, entered by a doctor: ${density}, ${en}.`,
    }
  },
  'density-not-given': () => ({
    zh: '乳腺密度：未录入；软件不自动估计。',
    en: 'Breast density: not entered; the software does not estimate it.',
  }),
  'echotexture-entered': (echotexture: Echotexture) => {
    const { zh, en } = ECHOTEXTURES[echotexture].words
    return {
      zh: `背景回声（医生录入）：${zh}。`,
      en: `Background echotexture, entered by a doctor: ${en}.`,
    }
  },
  'echotexture-not-given': () => ({
    zh: '背景回声：未录入；软件不自动判断。',
    en: 'Background echotexture: not entered; the software does not judge it.',
  }),
  'region-words': ({ image, region, told }: RegionWords) => {
    const words = told.flatMap(({ name, word }) => codedDeclarationOf(name).values[word]?.words ?? [])
    return {
      zh: `图像 ${image} 的区域 ${region}（按规则建议，由医生确认）：${words.map(({ zh }) => zh).join('，')}。`,
      en: `Image ${image}, region ${region}, suggested by rule for a doctor to confirm: ${words.map(({ en }) => en.toLowerCase()).join(', ')}.`,
    }
  },
  'vascularity-index': ({ image, region, value }: { image: string; region: number; value: number }) => {
    const percent = printNumber(value, VASCULARITY_INDEX.digits)
    return {
      zh: `彩色多普勒图像 ${image} 的区域 ${region} 及其周围：彩色像素占 ${percent}%（血流指数，未经验证）。`,
      en: `Colour Doppler image ${image}, region ${region} and its surroundings: ${percent}% of the pixels are coloured (vascularity index, not validated).`,
    }
  },
  'vascularity-not-measured': () => ({
    zh: '血流：没有注明为彩色多普勒的图像，或无法测量。',
    en: 'Vascularity: no image that is stated to be a colour Doppler image, or none that could be measured.',
  }),
  'hotspots-not-measured': () => ({
    zh: '热点：软件不自动标出；医生勾画的区域在已注明温度标度时测量温差。热成像仅为辅助检查。',
    en: 'Hot spots: not marked by the software; of a region that a doctor outlines the difference in temperature is measured, where the scale is stated. Thermography is an adjunct only.',
  }),
  'hotspot-outlined': ({ image, region, aboveSurroundings, aboveMirrored }: WarmthEntry) => {
    const around = warmerThan(aboveSurroundings, SURROUNDINGS)
    const mirrored = warmerThan(aboveMirrored, MIRRORED_PLACE)
    return {
      zh: `图像 ${image} 的区域 ${region}（医生勾画）：${around.zh}；${mirrored.zh}。热成像仅为辅助检查。`,
      en: `Image ${image}, region ${region}, outlined by a doctor: ${around.en}; ${mirrored.en}. Thermography is an adjunct only.`,
    }
  },
  'brighter-than-other': (excess: Excess) => {
    const [view, other] = [exposureLabel(excess.exposure), ofOther(excess)]
    const by = printNumber(100 * excess.value, 1)
    return {
      zh: `${view.zh}：配准后平均灰度比${other.zh}高，相差灰度范围的 ${by}%。`,
      en: `${view.en}: registered on the ${other.en.toLowerCase()}, mean grey is higher by ${by}% of the range.`,
    }
  },
  'coarser-than-other': (excess: Excess) => {
    const [view, other] = [exposureLabel(excess.exposure), ofOther(excess)]
    const by = printNumber(100 * excess.value, 2)
    return {
      zh: `${view.zh}：配准后局部灰度起伏比${other.zh}大，相差灰度范围的 ${by}%。`,
      en: `${view.en}: registered on the ${other.en.toLowerCase()}, local variation of grey is larger by ${by}% of the range.`,
    }
  },
  'warmer-than-other': (excess: Excess) => {
    const [view, other] = [exposureLabel(excess.exposure), ofOther(excess)]
    const by = `${printNumber(excess.value, COMPARISONS.temperatureDifference.digits)} ${UNIT_SYMBOLS.Cel}`
    return {
      zh: `${view.zh}：配准后平均温度比${other.zh}高 ${by}。热成像仅为辅助检查。`,
      en: `${view.en}: registered on the ${other.en.toLowerCase()}, mean temperature is higher by ${by}. Thermography is an adjunct only.`,
    }
  },
  'biomarker-entered': ({ marker, value, unit, date }: Biomarker) => {
    const { zh, en } = biomarkerOf(marker).label
    const amount = unit.startsWith('{') ? `${value}` : `${value} ${unit}`
    return {
      zh: `${zh}：${amount}（录入${date === undefined ? '' : `，采样日期 ${date}`}）。`,
      en: `${en}: ${amount} (as entered${date === undefined ? '' : `, sampled ${date}`}).`,
    }
  },
} as const satisfies Record<BreastSentenceCode, (value: never) => Words>

/** A sentence by its code. */
export function say<C extends BreastSentenceCode>(
  code: C,
  ...values: Parameters<(typeof BREAST_SENTENCES)[C]>
): BreastSentence {
  const words = BREAST_SENTENCES[code] as (...values: unknown[]) => Words
  return { code, words: words(...values) }
}
