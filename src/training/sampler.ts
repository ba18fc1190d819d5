import { type Random, seededRandom } from '#core/random.ts'
import type { DatasetImage } from './dataset.ts'

/** One sample of one training step: which image of which data set, and which of its views. */
export interface Draw {
  readonly dataset: number
  readonly image: number
  readonly view: number
}

/** Images of one class of one data set, near-duplicates together, and the share of all samples that they give. */
export interface Stratum {
  readonly dataset: number
  /** Indices of images; one of a group stands for all. */
  readonly groups: readonly (readonly number[])[]
  readonly share: number
}

export interface SamplingPlan {
  readonly strata: readonly Stratum[]
  /** Views of every image. */
  readonly views: number
  readonly batch: number
  /** Batches of an epoch, whatever the number of images. */
  readonly stepsPerEpoch: number
  readonly seed: number
}

/** View 0 is the image as it is, view 1 its mirror image; further views are random. */
export const PLAIN_VIEWS = 2
/** How many of the draws are plain. */
const PLAIN_SHARE = 0.5

/** So many views that no random one is seen twice. */
export const EVERY_TIME_ANEW = 2 ** 31

/**
 * Every data set gives the same share, whatever its size; of that, every class gives one that goes with the square root
 * of its number of groups: rare classes are shown more often than they occur, and not as often as common ones.
 */
export function strataOf(datasets: readonly (readonly DatasetImage[])[]): Stratum[] {
  return datasets.flatMap((images, dataset) => {
    const classes = [...Map.groupBy(images.keys(), (i) => images[i]!.row.class).values()].map((of) => [
      ...Map.groupBy(of, (i) => images[i]!.row.group ?? `alone ${i}`).values(),
    ])
    const total = classes.reduce((sum, groups) => sum + Math.sqrt(groups.length), 0)
    return classes.map((groups) => ({ dataset, groups, share: Math.sqrt(groups.length) / total / datasets.length }))
  })
}

/**
 * The batches of one epoch. Every stratum shows all its groups before it shows one twice, across epochs too. A function
 * of the plan and the epoch alone, so that a resumed run draws as an uninterrupted one.
 */
export function drawEpoch(plan: SamplingPlan, epoch: number): Draw[][] {
  const { stepsPerEpoch: steps } = plan
  const random = seededRandom(plan.seed, 'epoch', epoch)
  const counts = apportion(plan.strata, steps * plan.batch)
  const draws = plan.strata.flatMap(({ dataset, groups }, stratum) => {
    const count = counts[stratum]!
    const order = stretch(groups.length, epoch * count, count, (pass) => seededRandom(plan.seed, 'pass', stratum, pass))
    return order.map((at): Draw => {
      const group = groups[at]!
      return { dataset, image: group[random.integer(group.length)]!, view: drawView(plan.views, random) }
    })
  })
  const shuffled = random.shuffled(draws)
  return Array.from({ length: steps }, (_, step) => shuffled.slice(step * plan.batch, (step + 1) * plan.batch))
}

function drawView(views: number, random: Random): number {
  if (views <= PLAIN_VIEWS || random.uniform() < PLAIN_SHARE) return random.integer(Math.min(views, PLAIN_VIEWS))
  return PLAIN_VIEWS + random.integer(views - PLAIN_VIEWS)
}

/** Whole numbers in the strata's shares that add up to `samples`. */
function apportion(strata: readonly Stratum[], samples: number): number[] {
  let [share, given] = [0, 0]
  return strata.map((stratum) => {
    share += stratum.share
    const count = Math.round(share * samples) - given
    given += count
    return count
  })
}

/** `count` numbers from `start` on of an endless row of shuffled passes over 0..`size` - 1. */
function stretch(size: number, start: number, count: number, randomOf: (pass: number) => Random): number[] {
  const numbers: number[] = []
  for (let pass = Math.floor(start / size); numbers.length < count; pass++) {
    const order = randomOf(pass).shuffled(Array.from({ length: size }, (_, i) => i))
    const from = Math.max(start - pass * size, 0)
    numbers.push(...order.slice(from, from + count - numbers.length))
  }
  return numbers
}
