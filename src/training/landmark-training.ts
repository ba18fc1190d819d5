import type { Point } from '#core/geometry.ts'
import { seededRandom } from '#core/random.ts'
import { type BreastLandmarks, type LinearStage, look, type Prepared, STAGES } from '#imaging/landmark-cascade.ts'
import { ridge } from './ridge.ts'

/** A breast with its marks: the woman's right one, or her left one in a mirrored image. */
export interface MarkedBreast {
  readonly prepared: Prepared
  readonly marks: BreastLandmarks
}

/** Each stage's penalty, how far its starts stray (standard deviation, torso widths) and how many starts a breast gives. */
export const STAGE_SETTINGS = [
  { lambda: 30, stray: 0.02, starts: 3 },
  { lambda: 30, stray: 0.06, starts: 5 },
] as const satisfies readonly { lambda: number; stray: number; starts: number }[]

/** Fits one stage after the other, each on starts that stray from the truth as far as the stages before it do. */
export function trainCascade(breasts: readonly MarkedBreast[], seed: number): LinearStage[] {
  return STAGES.map((_, stage) => {
    const { lambda, stray, starts } = STAGE_SETTINGS[stage]!
    const random = seededRandom(seed, 'landmarks', stage)
    const samples: Float32Array[] = []
    const targets: number[][] = []
    for (const { prepared, marks } of breasts) {
      const centre = stage === 0 ? prepared.torso.centre : marks.nipple
      for (let start = 0; start < starts; start++) {
        const at = {
          x: centre.x + random.normal() * stray * prepared.torso.width,
          y: centre.y + random.normal() * stray * prepared.torso.width,
        }
        samples.push(look(prepared, stage, at))
        targets.push(relative(marks, at, prepared.torso.width))
      }
    }
    return ridge(samples, targets, lambda)
  })
}

function relative({ nipple, box }: BreastLandmarks, at: Point, width: number): number[] {
  const [left, top, right, bottom] = box
  return [nipple.x - at.x, nipple.y - at.y, left - at.x, top - at.y, right - at.x, bottom - at.y].map(
    (distance) => distance / width,
  )
}
