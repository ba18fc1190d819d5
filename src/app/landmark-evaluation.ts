import { isAbsent } from '#core/absent.ts'
import { unreachable } from '#core/errors.ts'
import type { Point } from '#core/geometry.ts'
import type { Side } from '#core/modality.ts'
import { seededRandom } from '#core/random.ts'
import { type BreastLandmarks, locateBreasts, mirrorLandmarks, prepare } from '#imaging/landmark-cascade.ts'
import { nippleNear } from '#imaging/nipple-blob.ts'
import { findTorso, mirrored, mirroredTorso } from '#imaging/torso.ts'
import type { NippleMap, NipplePlace } from '#sam/nipple-head.ts'
import { groupedFolds } from '#training/folds.ts'
import { type MarkedBreast, trainCascade } from '#training/landmark-training.ts'
import { type SeenBreast, trainNippleHead } from '#training/nipple-head-training.ts'
import type { MarkedThermogram } from './landmark-data.ts'
import { acceptSides, frontalTorso, nipplePlaces, type SeenSides, seeSides } from './landmark-finder.ts'
import type { LandmarkModel } from './landmark-model.ts'

/** A thermogram with what the trunk sees in it. */
export interface SeenThermogram extends MarkedThermogram {
  readonly seen: SeenSides
}

export async function seeThermograms(
  thermograms: readonly MarkedThermogram[],
  map: NippleMap,
): Promise<SeenThermogram[]> {
  const all: SeenThermogram[] = []
  for (const thermogram of thermograms) all.push({ ...thermogram, seen: await seeSides(thermogram.image, map) })
  return all
}

/** The sides on which both nipple and breast were marked. */
export function completeSides({ marks }: MarkedThermogram): { side: Side; marks: BreastLandmarks }[] {
  return (['R', 'L'] as const).flatMap((side) => {
    const { nipple, box } = marks[side]
    return nipple && box ? [{ side, marks: { nipple, box } }] : []
  })
}

/** Every completely marked breast as the models see it, the left ones mirrored. */
export function markedBreasts(thermograms: readonly SeenThermogram[]): (MarkedBreast & SeenBreast)[] {
  return thermograms.flatMap((thermogram) => {
    const size = thermogram.image
    const torso = findTorso(size)
    if (isAbsent(torso)) return []
    return completeSides(thermogram).map(({ side, marks }) => {
      const isRight = side === 'R'
      const own = isRight ? torso : mirroredTorso(torso, size.width)
      const seenMarks = isRight ? marks : mirrorLandmarks(marks, size.width)
      return {
        prepared: prepare(isRight ? size : mirrored(size), own),
        marks: seenMarks,
        ...{ map: thermogram.seen[side], torso: own, size },
        ...{ nipple: seenMarks.nipple, breastWidth: marks.box[2] - marks.box[0] },
      }
    })
  })
}

/** Both models, from the same breasts. */
export function trainLandmarks(
  thermograms: readonly SeenThermogram[],
  seed: number,
): Omit<LandmarkModel, 'baseSha256'> {
  const breasts = markedBreasts(thermograms)
  return { stages: trainCascade(breasts, seed), head: trainNippleHead(breasts) }
}

/** What a model says of a thermogram. Undefined where no torso was found. */
export interface Located {
  readonly thermogram: MarkedThermogram
  readonly isFrontal: boolean
  readonly places: Readonly<Record<Side, NipplePlace>> | undefined
  readonly breasts: Readonly<Record<Side, BreastLandmarks>> | undefined
}

export function locateAll(
  thermograms: readonly SeenThermogram[],
  model: Pick<LandmarkModel, 'stages' | 'head'>,
): Located[] {
  return thermograms.map((thermogram) => {
    const { image, seen } = thermogram
    const torso = findTorso(image)
    const isFrontal = !isAbsent(frontalTorso(image))
    if (isAbsent(torso)) return { thermogram, isFrontal, places: undefined, breasts: undefined }
    const [places, breasts] = [nipplePlaces(image, torso, seen, model), locateBreasts(image, torso, model.stages)]
    return { thermogram, isFrontal, places, breasts }
  })
}

const FOLDS = 5

/** Five folds by group: each image is seen by models that learned from none of its group. */
export function crossValidate(thermograms: readonly SeenThermogram[], seed: number): Located[] {
  const random = seededRandom(seed, 'landmark folds')
  const foldOf = groupedFolds(thermograms, FOLDS, { cluster: ({ group }) => group }, random)
  return Array.from({ length: FOLDS }, (_, fold) => {
    const models = trainLandmarks(
      thermograms.filter((_, i) => foldOf[i] !== fold),
      seed,
    )
    return locateAll(
      thermograms.filter((_, i) => foldOf[i] === fold),
      models,
    )
  }).flat()
}

type Step = 'head' | 'spot' | 'final'

/** For each complete side the distance from the nipple over the breast's width; infinite where there is no proposal. */
export function stepErrors(located: readonly Located[]): Record<Step, number[]> {
  const errors = (step: Step) =>
    located.flatMap((one) =>
      completeSides(one.thermogram).map(({ side, marks }) => {
        const found = nippleAfter(one, step, side)
        if (found === undefined) return Number.POSITIVE_INFINITY
        return Math.hypot(found.x - marks.nipple.x, found.y - marks.nipple.y) / (marks.box[2] - marks.box[0])
      }),
    )
  return { head: errors('head'), spot: errors('spot'), final: errors('final') }
}

function nippleAfter({ thermogram, isFrontal, places, breasts }: Located, step: Step, side: Side): Point | undefined {
  if (places === undefined || breasts === undefined) return undefined
  const { box } = breasts[side]
  switch (step) {
    case 'head':
      return places[side].point
    case 'spot':
      return nippleNear(thermogram.image, places[side].point, box[2] - box[0])
    case 'final': {
      const proposal = acceptSides(thermogram.image, places, breasts)[side]
      return isAbsent(proposal) || !isFrontal ? undefined : proposal.nipple
    }
    default: {
      const never: never = step
      throw unreachable(never)
    }
  }
}

/** Peaks of the complete sides, and the symmetry of the silhouettes, both ascending: what the refusals are chosen by. */
export function refusalFigures(located: readonly Located[]) {
  const ascending = (values: number[]) => values.sort((a, b) => a - b)
  const peaks = located.flatMap((one) => completeSides(one.thermogram).map(({ side }) => one.places?.[side].peak ?? 0))
  const symmetries = located.map(({ thermogram }) => {
    const torso = findTorso(thermogram.image)
    return isAbsent(torso) ? 0 : torso.symmetry
  })
  return { peaks: ascending(peaks), symmetries: ascending(symmetries) }
}
