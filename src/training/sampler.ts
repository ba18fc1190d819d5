import { seededRandom } from '#core/random.ts'

/** One sample of one training step: which image of which data set, and which of its cached views. */
export interface Draw {
  readonly dataset: number
  readonly image: number
  readonly view: number
}

export interface SamplingPlan {
  /** Images of each data set. */
  readonly sizes: readonly number[]
  /** Cached views of every image. */
  readonly views: number
  readonly batch: number
  readonly seed: number
}

/** Steps of an epoch: as many samples as there are images, the last batch filled up. */
export function stepsPerEpoch({ sizes, batch }: SamplingPlan): number {
  return Math.ceil(sizes.reduce((sum, size) => sum + size, 0) / batch)
}

/**
 * The batches of one epoch. Every data set gives the same share whatever its size, and shows all its images before it
 * shows one twice, across epochs too. A function of the plan and the epoch alone, so that a resumed run draws as an
 * uninterrupted one.
 */
export function drawEpoch(plan: SamplingPlan, epoch: number): Draw[][] {
  const steps = stepsPerEpoch(plan)
  const random = seededRandom(plan.seed, 'epoch', epoch)
  const draws = plan.sizes.flatMap((size, dataset) => {
    const share = shareOf(plan, dataset, steps)
    return stretch(plan.seed, dataset, size, epoch * share, share).map((image) => ({
      dataset,
      image,
      view: random.integer(plan.views),
    }))
  })
  const shuffled = random.shuffled(draws)
  return Array.from({ length: steps }, (_, step) => shuffled.slice(step * plan.batch, (step + 1) * plan.batch))
}

function shareOf({ sizes, batch }: SamplingPlan, dataset: number, steps: number): number {
  const samples = steps * batch
  return Math.floor(samples / sizes.length) + (dataset < samples % sizes.length ? 1 : 0)
}

/** `count` images from `start` on of an endless row of shuffled passes over a data set. */
function stretch(seed: number, dataset: number, size: number, start: number, count: number): number[] {
  const images: number[] = []
  for (let pass = Math.floor(start / size); images.length < count; pass++) {
    const order = seededRandom(seed, 'pass', dataset, pass).shuffled(Array.from({ length: size }, (_, i) => i))
    const from = Math.max(start - pass * size, 0)
    images.push(...order.slice(from, from + count - images.length))
  }
  return images
}
