/** How a model's masks fare when its images are perturbed, each image against itself unperturbed. */
import { z } from 'zod'
import { Modality } from '#core/modality.ts'
import { seededRandom } from '#core/random.ts'
import { bootstrapInterval } from './bootstrap.ts'
import { mean } from './metrics.ts'
import type { Perturbation } from './perturb.ts'
import type { ImageFigure } from './summary.ts'

/** One image, clean and under one perturbation; what a user gets, and the mask whatever presence says. */
export interface PerturbedImage {
  readonly perturbation: Perturbation
  readonly clean: ImageFigure
  readonly perturbed: ImageFigure
  readonly cleanWithoutGate: ImageFigure
  readonly perturbedWithoutGate: ImageFigure
}

/** Mean Dice of the perturbed lesion images, and how much it is above the same images' clean one. */
const Change = z.object({
  dice: z.number(),
  difference: z.number(),
  /** 95% bootstrap interval of the mean difference, image against image, resampling clusters. */
  interval95: z.object({ low: z.number(), high: z.number() }).nullable(),
})

export const RobustnessRow = z.object({
  modality: Modality,
  kind: z.string(),
  strength: z.number(),
  lesionImages: z.int(),
  whatUserGets: Change.nullable(),
  withoutPresenceGate: Change.nullable(),
  /** Images without a lesion that get a mask. */
  normals: z.object({ images: z.int().positive(), called: z.int(), calledClean: z.int() }).nullable(),
})
export type RobustnessRow = z.infer<typeof RobustnessRow>

/** Further than this from clean is told. */
export const TOLERANCE = 0.02

/** One row for each modality and perturbation, in the order in which they come. */
export function robustness(images: readonly PerturbedImage[], seed: number): RobustnessRow[] {
  const groups = Map.groupBy(
    images,
    ({ clean, perturbation: { kind, strength } }) => `${clean.modality} ${kind} ${strength}`,
  )
  return [...groups.values()]
    .map((of) => rowOf(of, seed))
    .sort((a, b) => Modality.options.indexOf(a.modality) - Modality.options.indexOf(b.modality))
}

function rowOf(images: readonly PerturbedImage[], seed: number): RobustnessRow {
  const { clean, perturbation } = images[0]!
  const lesions = images.filter((image) => image.clean.lesion)
  const normals = images.filter((image) => !image.clean.lesion)
  const called = (figures: readonly ImageFigure[]) => figures.filter((figure) => figure.predictedAreaPx > 0).length
  return {
    modality: clean.modality,
    ...perturbation,
    lesionImages: lesions.length,
    whatUserGets: change(
      lesions.map(({ clean, perturbed }) => ({ before: clean, after: perturbed })),
      seed,
    ),
    withoutPresenceGate: change(
      lesions.map((image) => ({ before: image.cleanWithoutGate, after: image.perturbedWithoutGate })),
      seed,
    ),
    normals:
      normals.length === 0
        ? null
        : {
            images: normals.length,
            called: called(normals.map(({ perturbed }) => perturbed)),
            calledClean: called(normals.map(({ clean }) => clean)),
          },
  }
}

function change(
  pairs: readonly { before: ImageFigure; after: ImageFigure }[],
  seed: number,
): RobustnessRow['whatUserGets'] {
  if (pairs.length === 0) return null
  const difference = (of: typeof pairs) => mean(of.map(({ before, after }) => after.dice - before.dice))
  const random = seededRandom(seed, 'bootstrap')
  return {
    dice: mean(pairs.map(({ after }) => after.dice)),
    difference: difference(pairs),
    interval95: bootstrapInterval(pairs, ({ before }) => before.cluster, difference, random),
  }
}

/** The table as lines for a person. */
export function printRobustness(rows: readonly RobustnessRow[]): string {
  const lines = [...Map.groupBy(rows, ({ modality }) => modality)].flatMap(([modality, of]) => [
    `${modality}: mean Dice of lesion images, less clean [95%, paired]; ! further than ${TOLERANCE} from clean`,
    `  ${'perturbed by'.padEnd(15)} ${'n'.padEnd(4)} ${'what a user gets'.padEnd(32)} ${'without presence gate'.padEnd(32)} normals called`,
    ...of.map(printRow),
  ])
  return `${lines.join('\n')}\n`
}

function printRow({ kind, strength, lesionImages, whatUserGets, withoutPresenceGate, normals }: RobustnessRow): string {
  const name = `${kind} ${strength}`.padEnd(15)
  const called = normals === null ? '-' : `${normals.called} of ${normals.images}, clean ${normals.calledClean}`
  const changes = [whatUserGets, withoutPresenceGate].map((of) => printChange(of).padEnd(32))
  return `  ${name} ${String(lesionImages).padEnd(4)} ${changes.join(' ')} ${called}`
}

function printChange(of: RobustnessRow['whatUserGets']): string {
  if (of === null) return '-'
  const { dice, difference, interval95 } = of
  const interval = interval95 === null ? '' : ` [${signed(interval95.low)}, ${signed(interval95.high)}]`
  return `${dice.toFixed(3)} ${signed(difference)}${Math.abs(difference) > TOLERANCE ? '!' : ' '}${interval}`
}

const signed = (value: number) => `${value < 0 ? '-' : '+'}${Math.abs(value).toFixed(3)}`
