import { type Absent, absent, isAbsent } from '#core/absent.ts'
import type { Biomarker } from '#core/biomarkers.ts'
import {
  type BreastDescription,
  type BreastEntries,
  type BreastSentenceCode,
  DENSITIES,
  ECHOTEXTURES,
} from '#core/breast-description.ts'
import type { MassWordName } from '#core/coded-features.ts'
import { COMPARISONS, type ComparisonName, type FeatureValue } from '#core/features.ts'
import type { Modality, Side } from '#core/modality.ts'
import type { Comparison, ImageReport, Lesion } from '#core/report.ts'
import { type BreastSentence, type Excess, type RegionWords, say } from './breast-sentences.ts'
import { FULL_TABLES_PER_IMAGE } from './tables.ts'

/** The vascularity index of one marked region. */
export interface RegionVascularity {
  readonly side: Side
  readonly image: string
  readonly region: number
  readonly index: FeatureValue
}

/** How warm a region is that a doctor outlined on a thermogram, against the ring around it and against its mirrored place. */
export interface OutlinedWarmth {
  readonly side: Side
  readonly image: string
  readonly region: number
  readonly aboveSurroundings: FeatureValue
  readonly aboveMirrored: FeatureValue
}

/** What the description of both breasts is made of. */
export interface BreastParts {
  readonly images: readonly ImageReport[]
  readonly comparison: readonly Comparison[] | Absent
  readonly breasts?: BreastEntries | undefined
  readonly biomarkers?: readonly Biomarker[] | undefined
  readonly vascularity?: readonly RegionVascularity[] | undefined
  readonly hotspots?: readonly OutlinedWarmth[] | undefined
}

/** One breast, coded and in sentences that come from the codes. What a doctor entered is told as entered. */
export function describeBreast(side: Side, parts: BreastParts): BreastDescription {
  const { density, echotexture } = parts.breasts?.[side] ?? {}
  const biomarkers = (parts.biomarkers ?? []).filter((biomarker) => biomarker.side === side)
  const isImagedBy = (modality: Modality) =>
    parts.images.some((image) => image.side === side && image.status === 'read' && image.modality === modality)
  const description: Omit<BreastDescription, 'sentences'> = {
    density:
      density === undefined
        ? absent(isImagedBy('MG') ? 'density-not-validated' : 'not-for-this-modality')
        : { value: density, source: 'entered', code: DENSITIES[density].code },
    echotexture:
      echotexture === undefined
        ? absent(isImagedBy('US') ? 'echotexture-not-validated' : 'not-for-this-modality')
        : { value: echotexture, source: 'entered', code: ECHOTEXTURES[echotexture].code },
    vascularity: isImagedBy('US') ? vascularityOf(side, parts) : absent('not-for-this-modality'),
    hotspots: isImagedBy('TG') ? hotspotsOf(side, parts) : absent('not-for-this-modality'),
    biomarkers,
  }
  return { ...description, sentences: sentencesOf(side, description, parts) }
}

function vascularityOf(side: Side, { vascularity = [] }: BreastParts): BreastDescription['vascularity'] {
  const ofSide = vascularity.filter((region) => region.side === side)
  if (ofSide.length === 0) return absent('no-colour-doppler')
  return ofSide.map(({ image, region, index }) => ({ image, region, index }))
}

/** What a doctor outlined; the software finds none itself. */
function hotspotsOf(side: Side, { hotspots = [] }: BreastParts): BreastDescription['hotspots'] {
  const ofSide = hotspots.filter((region) => region.side === side)
  if (ofSide.length === 0) return absent('hotspots-not-validated')
  return ofSide.map(({ side: _, ...region }) => region)
}

function sentencesOf(
  side: Side,
  { density, echotexture, vascularity, hotspots, biomarkers }: Omit<BreastDescription, 'sentences'>,
  { images, comparison }: BreastParts,
): BreastSentence[] {
  const sentences: BreastSentence[] = []
  if (!isAbsent(density)) sentences.push(say('density-entered', density.value))
  else if (density.absent !== 'not-for-this-modality') sentences.push(say('density-not-given'))
  if (!isAbsent(echotexture)) sentences.push(say('echotexture-entered', echotexture.value))
  else if (echotexture.absent !== 'not-for-this-modality') sentences.push(say('echotexture-not-given'))
  sentences.push(...images.filter((image) => image.side === side).flatMap(regionSentences))
  sentences.push(...vascularitySentences(vascularity))
  sentences.push(...hotspotSentences(hotspots))
  if (!isAbsent(comparison)) sentences.push(...comparison.flatMap((pair) => excessSentences(side, pair)))
  sentences.push(...biomarkers.map((biomarker) => say('biomarker-entered', biomarker)))
  return sentences
}

/** Of each region that has a table of its own, what is said of its form; nothing where no word is told. */
function regionSentences(image: ImageReport): BreastSentence[] {
  if (image.status !== 'read' || isAbsent(image.marking)) return []
  return image.marking.lesions.slice(0, FULL_TABLES_PER_IMAGE).flatMap((lesion) => {
    const told = wordsOf(lesion)
    return told.length === 0 ? [] : [say('region-words', { image: image.id, region: lesion.number, told })]
  })
}

function wordsOf({ features: { spatial, contrast } }: Lesion): RegionWords['told'] {
  const { shape, orientation, margin } = spatial
  const values = { shape, orientation, margin, posteriorFeatures: contrast.posteriorFeatures }
  return (Object.keys(values) as MassWordName[]).flatMap((name) => {
    const value = values[name]
    return isAbsent(value) ? [] : [{ name, word: value.word }]
  })
}

function vascularitySentences(vascularity: BreastDescription['vascularity']): BreastSentence[] {
  if (isAbsent(vascularity)) {
    return vascularity.absent === 'not-for-this-modality' ? [] : [say('vascularity-not-measured')]
  }
  const measured = vascularity.flatMap(({ image, region, index }) =>
    isAbsent(index) ? [] : [say('vascularity-index', { image, region, value: index.value })],
  )
  return measured.length === 0 ? [say('vascularity-not-measured')] : measured
}

function hotspotSentences(hotspots: BreastDescription['hotspots']): BreastSentence[] {
  if (!isAbsent(hotspots)) {
    // Those that have a table of their own.
    const told = hotspots.filter(({ region }) => region <= FULL_TABLES_PER_IMAGE)
    return told.map((region) => say('hotspot-outlined', region))
  }
  return hotspots.absent === 'not-for-this-modality' ? [] : [say('hotspots-not-measured')]
}

const EXCESSES = {
  intensityDifference: 'brighter-than-other',
  textureDifference: 'coarser-than-other',
  temperatureDifference: 'warmer-than-other',
} as const satisfies Partial<Record<ComparisonName, BreastSentenceCode>>

/** Said of the breast that has more; nothing where the printed difference is 0. */
function excessSentences(side: Side, { values, ...exposure }: Comparison): BreastSentence[] {
  return (Object.keys(EXCESSES) as (keyof typeof EXCESSES)[]).flatMap((name) => {
    const difference = values[name]
    if (isAbsent(difference)) return []
    const value = side === 'L' ? difference.value : -difference.value
    const excess: Excess = { side, exposure, value }
    return Number(value.toFixed(COMPARISONS[name].digits)) > 0 ? [say(EXCESSES[name], excess)] : []
  })
}
