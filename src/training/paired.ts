import { z } from 'zod'
import { Modality } from '#core/modality.ts'
import { seededRandom } from '#core/random.ts'
import { bootstrapInterval } from './bootstrap.ts'
import { areaUnderRoc, mean } from './metrics.ts'
import type { ImageFigure } from './summary.ts'

/** One image under two models. */
export interface ImagePair {
  readonly first: ImageFigure
  readonly second: ImageFigure
}

/** Second less first, with its 95% bootstrap interval; `null` where nothing can be resampled. */
const Difference = z.object({
  first: z.number(),
  second: z.number(),
  difference: z.number(),
  interval95: z.object({ low: z.number(), high: z.number() }).nullable(),
})
export type Difference = z.infer<typeof Difference>

/** How two models agree with the doctors on the same images; `null` where there is no image. */
export const PairedOverlaps = z
  .object({
    images: z.int().positive(),
    /** Images that are not independent of each other count as one. */
    groups: z.int().positive(),
    dice: Difference,
    iou: Difference,
    /** Images on which the second model's Dice is higher, lower, the same. */
    better: z.int(),
    worse: z.int(),
    same: z.int(),
  })
  .nullable()
export type PairedOverlaps = z.infer<typeof PairedOverlaps>

export const PairedSet = z.object({
  lesionImages: PairedOverlaps,
  allImages: PairedOverlaps,
  perClass: z.record(z.string(), PairedOverlaps),
  /** Share of normal images that are marked. */
  normalsCalled: Difference.extend({ normals: z.int().positive() }).nullable(),
  presenceAuc: Difference.nullable(),
})
export type PairedSet = z.infer<typeof PairedSet>

/** The headline counts only images that are no near-duplicate of another; the figures over all rows stand beside it. */
export const Comparison = z.object({
  headline: PairedSet,
  allRows: PairedSet,
  perModality: z.partialRecord(Modality, z.object({ headline: PairedSet, allRows: PairedSet })),
})
export type Comparison = z.infer<typeof Comparison>

/**
 * Compares two models image by image. A resample draws whole groups, and with each image both of its figures: how hard
 * an image is cancels out, so that the interval is that of the difference, not of two means.
 */
export function comparePairs(pairs: readonly ImagePair[], seed: number): Comparison {
  const both = (of: readonly ImagePair[]) => ({
    headline: pairedSet(
      of.filter(({ first }) => first.headline),
      seed,
    ),
    allRows: pairedSet(of, seed),
  })
  const modalities = Map.groupBy(pairs, ({ first }) => first.modality)
  return {
    ...both(pairs),
    perModality: Object.fromEntries([...modalities].map(([modality, of]) => [modality, both(of)])),
  }
}

function pairedSet(pairs: readonly ImagePair[], seed: number): PairedSet {
  const classes = Map.groupBy(pairs, ({ first }) => first.class)
  const lesions = pairs.filter(({ first }) => first.lesion)
  const normals = pairs.filter(({ first }) => !first.lesion)
  const scored = pairs.filter(({ first, second }) => first.presence !== null && second.presence !== null)
  const auc = difference(scored, areaOf, seed)
  const called = difference(normals, (of) => mean(of.map(({ predictedAreaPx }) => (predictedAreaPx > 0 ? 1 : 0))), seed)
  return {
    lesionImages: overlaps(lesions, seed),
    allImages: overlaps(pairs, seed),
    perClass: Object.fromEntries([...classes].sort().map(([name, of]) => [name, overlaps(of, seed)])),
    normalsCalled: called === null ? null : { normals: normals.length, ...called },
    presenceAuc: auc,
  }
}

function overlaps(pairs: readonly ImagePair[], seed: number): PairedOverlaps {
  const dice = difference(pairs, (of) => mean(of.map((figure) => figure.dice)), seed)
  const iou = difference(pairs, (of) => mean(of.map((figure) => figure.iou)), seed)
  if (dice === null || iou === null) return null
  const count = (sign: number) => pairs.filter((pair) => Math.sign(pair.second.dice - pair.first.dice) === sign).length
  return {
    images: pairs.length,
    groups: new Set(pairs.map(clusterOf)).size,
    dice,
    iou,
    better: count(1),
    worse: count(-1),
    same: count(0),
  }
}

/** @param statistic of one model's figures; `null` where they do not give it. */
function difference(
  pairs: readonly ImagePair[],
  statistic: (figures: readonly ImageFigure[]) => number | null,
  seed: number,
): Difference | null {
  if (pairs.length === 0) return null
  const ofBoth = (of: readonly ImagePair[]) =>
    [statistic(of.map(({ first }) => first)), statistic(of.map(({ second }) => second))] as const
  const [first, second] = ofBoth(pairs)
  if (first === null || second === null) return null
  const secondLessFirst = (of: readonly ImagePair[]) => {
    const [a, b] = ofBoth(of)
    return a === null || b === null ? null : b - a
  }
  const interval95 = bootstrapInterval(pairs, clusterOf, secondLessFirst, seededRandom(seed, 'bootstrap'))
  return { first, second, difference: second - first, interval95 }
}

function areaOf(figures: readonly ImageFigure[]): number | null {
  const scores = (lesion: boolean) =>
    figures.flatMap((figure) => (figure.lesion === lesion && figure.presence !== null ? [figure.presence] : []))
  return areaUnderRoc(scores(true), scores(false))
}

const clusterOf = ({ first }: ImagePair) => first.cluster

/** With fewer independent groups than this, percentiles of a bootstrap are not to be trusted. */
const GROUPS_FOR_A_VERDICT = 10

/** What the interval of the mean Dice difference allows to say. */
export type Verdict = 'second-better' | 'second-worse' | 'undecided' | 'too-few'

export function verdictOf(overlaps: PairedOverlaps): Verdict {
  const interval = overlaps?.dice.interval95
  if (!overlaps || !interval || overlaps.groups < GROUPS_FOR_A_VERDICT) return 'too-few'
  if (interval.low > 0) return 'second-better'
  return interval.high < 0 ? 'second-worse' : 'undecided'
}
