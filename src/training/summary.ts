import { z } from 'zod'
import { Modality } from '#core/modality.ts'
import { seededRandom } from '#core/random.ts'
import { bootstrapInterval } from './bootstrap.ts'
import { exactInterval } from './exact-interval.ts'
import { areaUnderRoc, mean, median } from './metrics.ts'

/** What one image says about a model. Dice and IoU are of the mask that a user gets, at the image's own resolution. */
export interface ImageFigure {
  readonly id: string
  readonly modality: Modality
  readonly class: 'benign' | 'malignant' | 'normal' | 'unknown'
  /** The doctor's mask has foreground. */
  readonly lesion: boolean
  /** Not a near-duplicate of another image: counts in the headline. */
  readonly headline: boolean
  /** Images that are not independent of each other: one patient, one group of near-duplicates. */
  readonly cluster: string
  readonly dice: number
  readonly iou: number
  /** Chance that the image holds a lesion, 0..1; `null` where the model declares none. */
  readonly presence: number | null
  /** Foreground of the mask that a user gets, pixels of the image. */
  readonly predictedAreaPx: number
}

const Interval = z.object({ low: z.number(), high: z.number() }).nullable()

/** Mean with its 95% bootstrap interval, and the median. */
const Spread = z.object({ mean: z.number(), interval95: Interval, median: z.number() })

const Overlaps = z.object({ images: z.int().positive(), dice: Spread, iou: Spread }).nullable()

/** Lesion images, all images and normal images are three separate figures; what has no image is `null`. */
export const FigureSet = z.object({
  lesionImages: Overlaps,
  allImages: Overlaps,
  perClass: z.record(z.string(), Overlaps),
  falsePositives: z
    .object({ normals: z.int().positive(), called: z.int(), rate: z.number(), interval95: Interval })
    .nullable(),
  presenceAuc: z.object({ auc: z.number(), interval95: Interval }).nullable(),
})
export type FigureSet = z.infer<typeof FigureSet>

/** The headline counts only images that are no near-duplicate of another; the figures over all rows stand beside it. */
export const Summary = z.object({
  headline: FigureSet,
  allRows: FigureSet,
  perModality: z.partialRecord(Modality, z.object({ headline: FigureSet, allRows: FigureSet })),
})
export type Summary = z.infer<typeof Summary>

/**
 * Summarises per-image figures. Each interval's bootstrap begins anew from the seed, so that the same images give the
 * same interval wherever they stand.
 */
export function summarise(figures: readonly ImageFigure[], seed: number): Summary {
  const both = (of: readonly ImageFigure[]) => ({
    headline: figureSet(
      of.filter((figure) => figure.headline),
      seed,
    ),
    allRows: figureSet(of, seed),
  })
  const modalities = Map.groupBy(figures, (figure) => figure.modality)
  return {
    ...both(figures),
    perModality: Object.fromEntries([...modalities].map(([modality, of]) => [modality, both(of)])),
  }
}

function figureSet(figures: readonly ImageFigure[], seed: number): FigureSet {
  const lesions = figures.filter((figure) => figure.lesion)
  const classes = Map.groupBy(figures, (figure) => figure.class)
  return {
    lesionImages: overlaps(lesions, seed),
    allImages: overlaps(figures, seed),
    perClass: Object.fromEntries([...classes].sort().map(([name, of]) => [name, overlaps(of, seed)])),
    falsePositives: falsePositives(figures.filter((figure) => !figure.lesion)),
    presenceAuc: presenceAuc(figures, seed),
  }
}

function overlaps(figures: readonly ImageFigure[], seed: number): z.infer<typeof Overlaps> {
  if (figures.length === 0) return null
  const spread = (read: (figure: ImageFigure) => number) => {
    const average = (of: readonly ImageFigure[]) => mean(of.map(read))
    const interval95 = bootstrapInterval(figures, clusterOf, average, seededRandom(seed, 'bootstrap'))
    return { mean: average(figures), interval95, median: median(figures.map(read)) }
  }
  return { images: figures.length, dice: spread((figure) => figure.dice), iou: spread((figure) => figure.iou) }
}

function falsePositives(normals: readonly ImageFigure[]): FigureSet['falsePositives'] {
  if (normals.length === 0) return null
  const called = normals.filter((figure) => figure.predictedAreaPx > 0).length
  return {
    normals: normals.length,
    called,
    rate: called / normals.length,
    interval95: exactInterval(called, normals.length),
  }
}

function presenceAuc(figures: readonly ImageFigure[], seed: number): FigureSet['presenceAuc'] {
  const scored = figures.filter((figure) => figure.presence !== null)
  const auc = (of: readonly ImageFigure[]) => {
    const scores = (lesion: boolean) =>
      of.flatMap((figure) => (figure.lesion === lesion && figure.presence !== null ? [figure.presence] : []))
    return areaUnderRoc(scores(true), scores(false))
  }
  const value = auc(scored)
  return value === null
    ? null
    : { auc: value, interval95: bootstrapInterval(scored, clusterOf, auc, seededRandom(seed, 'bootstrap')) }
}

const clusterOf = (figure: ImageFigure) => figure.cluster

/** The summary as lines for a person. */
export function printSummary(summary: Summary): string {
  const blocks = [
    ...printFigureSet('headline (near-duplicates left out)', summary.headline),
    ...printFigureSet('all rows', summary.allRows),
  ]
  const modalities = Object.entries(summary.perModality)
  if (modalities.length > 1) {
    for (const [modality, { headline, allRows }] of modalities) {
      blocks.push(
        ...printFigureSet(`${modality}, headline`, headline),
        ...printFigureSet(`${modality}, all rows`, allRows),
      )
    }
  }
  return `${blocks.join('\n')}\n`
}

function printFigureSet(title: string, set: FigureSet): string[] {
  const lines = [title]
  const add = (name: string, value: string) => lines.push(`  ${name.padEnd(16)} ${value}`)
  const addOverlaps = (name: string, of: z.infer<typeof Overlaps>) => {
    if (of === null) return
    add(name, `n=${of.images}  Dice ${printSpread(of.dice)}  IoU ${printSpread(of.iou)}`)
  }
  addOverlaps('lesion images', set.lesionImages)
  addOverlaps('all images', set.allImages)
  for (const [name, of] of Object.entries(set.perClass)) addOverlaps(`  ${name}`, of)
  if (set.falsePositives !== null) {
    const { called, normals, rate, interval95 } = set.falsePositives
    add(
      'normals called',
      `${called} of ${normals} = ${(100 * rate).toFixed(1)}%${printInterval(interval95, (share) => (100 * share).toFixed(1))}`,
    )
  }
  if (set.presenceAuc !== null) {
    add('presence AUC', `${set.presenceAuc.auc.toFixed(3)}${printInterval(set.presenceAuc.interval95)}`)
  }
  return lines
}

function printSpread({ mean, interval95, median }: z.infer<typeof Spread>): string {
  return `${mean.toFixed(3)}${printInterval(interval95)} median ${median.toFixed(3)}`
}

function printInterval(interval: z.infer<typeof Interval>, print = (value: number) => value.toFixed(3)): string {
  return interval === null ? '' : ` [${print(interval.low)}, ${print(interval.high)}]`
}
