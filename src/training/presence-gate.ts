/** From which presence score on an image counts as one with a lesion, and how that choice holds on images it did not see. */
import { z } from 'zod'
import { seededRandom } from '#core/random.ts'
import { exactInterval } from './exact-interval.ts'
import { LEAST_CLUSTERS, type Turn, turnsOf } from './folds.ts'
import { median } from './metrics.ts'

/** An image that the model did not learn from, or was scored by a model that did not. */
export interface ScoredImage {
  readonly presence: number
  readonly lesion: boolean
  /** Images that are not independent of each other share one. */
  readonly cluster: string
  /** Not a near-duplicate of another image. */
  readonly headline: boolean
  /** Where it comes from, for the counts: a split, or training images scored out-of-fold. */
  readonly source: string
}

const Share = z
  .object({
    images: z.int().positive(),
    counted: z.int(),
    /** Clopper and Pearson's, as if the images were independent. */
    interval95: z.object({ low: z.number(), high: z.number() }),
  })
  .nullable()

/** Images whose score reached a threshold that was chosen without them. */
const OutOfFold = z.object({ lesionsKept: Share, normalsCalled: Share })

export const PresenceGate = z.object({
  threshold: z.number(),
  /** Share of lesions that the gate is to keep. */
  goal: z.number(),
  /** Share that a threshold has to keep where it is chosen, so that the goal is met where it is not. */
  level: z.number(),
  /** How many images it was chosen on, by where they come from. */
  chosenOn: z.record(z.string(), z.int()),
  headline: OutOfFold,
  allRows: OutOfFold,
})
export type PresenceGate = z.infer<typeof PresenceGate>

const LEVEL_STEP = 0.005

/**
 * Chooses the presence threshold by cross-validation: five folds of whole clusters, dealt twenty times. In each turn
 * the threshold is the highest that keeps the share `level` of the other folds' lesions; the fold is judged by it, and an
 * image counts as kept or called when it was in most of its turns. The level begins at the goal and rises until the
 * share of lesions kept reaches the goal out-of-fold; the gate is the median of that level's thresholds.
 *
 * @returns `null` where there are too few lesions, or where even the lowest scores of the others do not keep the goal.
 */
export function chooseGate(images: readonly ScoredImage[], goal: number, seed: number): PresenceGate | null {
  const lesions = new Set(images.filter(({ lesion }) => lesion).map(({ cluster }) => cluster))
  if (lesions.size < LEAST_CLUSTERS) return null
  const by = {
    cluster: (image: ScoredImage) => image.cluster,
    stratum: ({ lesion }: ScoredImage) => (lesion ? 'lesion' : 'normal'),
  }
  const turns = turnsOf(images, by, (repeat) => seededRandom(seed, 'gate', repeat))
  for (let level = goal; ; level = Math.min(1, level + LEVEL_STEP)) {
    const judged = judge(images, turns, level)
    if (judged === null) return null
    const { thresholds, isCalled } = judged
    const allRows = outOfFold(images, isCalled)
    const kept = allRows.lesionsKept
    if (kept !== null && kept.counted < goal * kept.images - 1e-9) {
      if (level === 1) return null
      continue
    }
    const isHeadline = images.map(({ headline }) => headline)
    return {
      threshold: median(thresholds),
      goal,
      level,
      chosenOn: Object.fromEntries([...Map.groupBy(images, ({ source }) => source)].map(([at, of]) => [at, of.length])),
      headline: outOfFold(
        images.filter((_, i) => isHeadline[i]),
        isCalled.filter((_, i) => isHeadline[i]),
      ),
      allRows,
    }
  }
}

/** The thresholds of all turns, and for each image whether most of its turns called it one with a lesion. */
function judge(images: readonly ScoredImage[], turns: readonly Turn[], level: number) {
  const thresholds: number[] = []
  const calls = new Int32Array(images.length)
  const judged = new Int32Array(images.length)
  for (const { held, rest } of turns) {
    const threshold = thresholdKeeping(
      level,
      rest.map((i) => images[i]!),
    )
    if (threshold === null) return null
    thresholds.push(threshold)
    for (const i of held) {
      judged[i]!++
      if (images[i]!.presence >= threshold) calls[i]!++
    }
  }
  return { thresholds, isCalled: Array.from(calls, (count, i) => 2 * count > judged[i]!) }
}

/** The highest threshold that keeps the share `kept` of the lesions; `null` where there is none. */
export function thresholdKeeping(
  kept: number,
  images: readonly Pick<ScoredImage, 'lesion' | 'presence'>[],
): number | null {
  const scores = images.flatMap(({ lesion, presence }) => (lesion ? [presence] : []))
  return scores.sort((a, b) => a - b)[scores.length - Math.ceil(kept * scores.length - 1e-9)] ?? null
}

function outOfFold(images: readonly ScoredImage[], isCalled: readonly boolean[]): z.infer<typeof OutOfFold> {
  const share = (lesion: boolean): z.infer<typeof Share> => {
    const of = isCalled.filter((_, i) => images[i]!.lesion === lesion)
    const counted = of.filter((called) => called).length
    return of.length === 0 ? null : { images: of.length, counted, interval95: exactInterval(counted, of.length) }
  }
  return { lesionsKept: share(true), normalsCalled: share(false) }
}

/** The gate as lines for a person. */
export function printGate(
  modality: string,
  { threshold, goal, level, chosenOn, headline, allRows }: PresenceGate,
): string {
  const counts = Object.entries(chosenOn).map(([source, count]) => `${count} of ${source}`)
  const of = (name: string, share: z.infer<typeof Share>) => {
    if (share === null) return []
    const { counted, images, interval95 } = share
    const [low, high] = [interval95.low, interval95.high].map((value) => (100 * value).toFixed(1))
    return [
      `  ${name.padEnd(16)} ${counted} of ${images} = ${((100 * counted) / images).toFixed(1)}% [${low}, ${high}]`,
    ]
  }
  const lines = [
    `${modality}: an outline is given from a presence score of ${threshold.toPrecision(3)} on; chosen on ${counts.join(', ')} to keep ${100 * goal}% of lesions (level ${(100 * level).toFixed(1)}%)`,
    ' headline (near-duplicates left out)',
    ...of('lesions kept', headline.lesionsKept),
    ...of('normals called', headline.normalsCalled),
    ' all rows',
    ...of('lesions kept', allRows.lesionsKept),
    ...of('normals called', allRows.normalsCalled),
  ]
  return `${lines.join('\n')}\n`
}
