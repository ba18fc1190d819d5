import { isAbsent } from '#core/absent.ts'
import {
  type BreastLandmarks,
  type LinearStage,
  mirrorLandmarks,
  prepare,
  proposeLandmarks,
} from '#imaging/landmark-cascade.ts'
import { findTorso, mirrored } from '#imaging/torso.ts'
import type { MarkedBreast } from '#training/landmark-training.ts'
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

/** For each complete side the distance from the nipple over the breast's width; infinite for a miss. */
export function landmarkErrors(thermograms: readonly MarkedThermogram[], stages: readonly LinearStage[]): number[] {
  return thermograms.flatMap((thermogram) => {
    const proposals = proposeLandmarks(thermogram.image, stages)
    return completeSides(thermogram).map(({ side, marks }) => {
      const found = isAbsent(proposals) ? undefined : proposals[side]
      if (found === undefined) return Number.POSITIVE_INFINITY
      const distance = Math.hypot(found.nipple.x - marks.nipple.x, found.nipple.y - marks.nipple.y)
      return distance / (marks.box[2] - marks.box[0])
    })
  })
}
