import { isAbsent } from '#core/absent.ts'
import { seededRandom } from '#core/random.ts'
import {
  acceptSides,
  type BreastLandmarks,
  type LinearStage,
  locateSides,
  mirrorLandmarks,
  prepare,
  proposeLandmarks,
} from '#imaging/landmark-cascade.ts'
import { findTorso, mirrored } from '#imaging/torso.ts'
import { groupedFolds } from '#training/folds.ts'
import { type MarkedBreast, trainCascade } from '#training/landmark-training.ts'
import type { MarkedThermogram } from './landmark-data.ts'

/** The sides on which both nipple and breast were marked. */
export function completeSides({ marks }: MarkedThermogram): { side: 'L' | 'R'; marks: BreastLandmarks }[] {
  return (['R', 'L'] as const).flatMap((side) => {
    const { nipple, box } = marks[side]
    return nipple && box ? [{ side, marks: { nipple, box } }] : []
  })
}

/** Every completely marked breast as the cascade sees it, the left ones mirrored. */
export function markedBreasts(thermograms: readonly MarkedThermogram[]): MarkedBreast[] {
  return thermograms.flatMap((thermogram) =>
    completeSides(thermogram).flatMap(({ side, marks }) => {
      const image = side === 'R' ? thermogram.image : mirrored(thermogram.image)
      const torso = findTorso(image)
      if (isAbsent(torso)) return []
      return [{ prepared: prepare(image, torso), marks: side === 'R' ? marks : mirrorLandmarks(marks, image.width) }]
    }),
  )
}

type Sides = ReturnType<typeof proposeLandmarks>

/** For each complete side the distance from the nipple over the breast's width; infinite for a miss. */
export function landmarkErrors(thermograms: readonly MarkedThermogram[], stages: readonly LinearStage[]): number[] {
  return thermograms.flatMap((thermogram) => errorsOf(thermogram, proposeLandmarks(thermogram.image, stages)))
}

/** A refused image is a miss on each of its complete sides. */
export function errorsOf(thermogram: MarkedThermogram, proposals: Sides): number[] {
  return completeSides(thermogram).map(({ side, marks }) => {
    const found = isAbsent(proposals) ? undefined : proposals[side]
    if (found === undefined) return Number.POSITIVE_INFINITY
    const distance = Math.hypot(found.nipple.x - marks.nipple.x, found.nipple.y - marks.nipple.y)
    return distance / (marks.box[2] - marks.box[0])
  })
}

export interface HeldOut {
  readonly thermogram: MarkedThermogram
  /** What a cascade that was trained on the other folds says. */
  readonly located: ReturnType<typeof locateSides>
}

/** Five folds by group: each image is seen by a cascade that learned from none of its group. */
export function crossValidate(thermograms: readonly MarkedThermogram[], seed: number): HeldOut[] {
  const random = seededRandom(seed, 'landmark folds')
  const foldOf = groupedFolds(thermograms, FOLDS, { cluster: ({ group }) => group }, random)
  return Array.from({ length: FOLDS }, (_, fold) => {
    const stages = trainCascade(markedBreasts(thermograms.filter((_, i) => foldOf[i] !== fold)), seed)
    const held = thermograms.filter((_, i) => foldOf[i] === fold)
    return held.map((thermogram) => ({ thermogram, located: locateSides(thermogram.image, stages) }))
  }).flat()
}

const FOLDS = 5

/** Distances without the last step and refusal, with the step, and with both. */
export function stepErrors(held: readonly HeldOut[]) {
  const errors = (accept: (of: HeldOut) => Sides) => held.flatMap((of) => errorsOf(of.thermogram, accept(of)))
  const accepted = ({ thermogram, located }: HeldOut, least?: number) =>
    isAbsent(located) ? located : acceptSides(thermogram.image, located, least)
  return {
    cascade: errors(({ located }) => located),
    local: errors((of) => accepted(of, 0)),
    final: errors((of) => accepted(of)),
  }
}

/** The confidence of each image's weaker side, ascending; -1 where no torso was found. */
export function weakerConfidences(held: readonly Pick<HeldOut, 'located'>[]): number[] {
  return held
    .map(({ located }) => (isAbsent(located) ? -1 : Math.min(located.R.confidence, located.L.confidence)))
    .sort((a, b) => a - b)
}
