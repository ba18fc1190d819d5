/** How well a model answers a doctor's hints, with the doctor's own mask standing for the doctor. */
import type { Point } from '#core/geometry.ts'
import { Mask } from '#core/mask.ts'
import { components } from '#imaging/components.ts'
import { squaredDistances } from '#imaging/distance.ts'
import { logitsToMask } from '#imaging/resample.ts'
import type { Hint, InteractivePredictor, SeenImage } from '#sam/interactive.ts'
import { type Overlap, overlap } from './metrics.ts'

/**
 * What the model is given: the box about the mask; a click amid the largest region; one more amid the largest error;
 * one amid the largest error of the automatic mask.
 */
export const PROMPT_KINDS = ['box', 'one click', 'two clicks', 'one correction'] as const
export type PromptKind = (typeof PROMPT_KINDS)[number]

/** The automatic mask that a doctor sees before pointing, whatever presence says of the image. */
export interface AutomaticMask {
  readonly maskLogits: Float32Array
  readonly mask: Mask
}

/**
 * The agreement of each kind's mask with the doctor's, at the image's own resolution; pixels whose logit is above 0.
 * @param seen a lesion image, as the interactive model saw it.
 */
export async function evaluatePrompts(
  interactive: InteractivePredictor,
  seen: SeenImage,
  truth: Mask,
  automatic: AutomaticMask,
): Promise<Record<PromptKind, Overlap>> {
  const { frame } = seen
  const answered = async (hint: Hint) => {
    const answer = await interactive.answer(seen, hint)
    return { ...answer, mask: logitsToMask(answer.maskLogits, answer.maskSize, frame, 0) }
  }
  const first = click(truth, Mask.empty(truth))
  const one = await answered({ clicks: [first] })
  const second = { clicks: [first, click(truth, one.mask)], previous: one.maskLogits }
  const correction = { clicks: [click(truth, automatic.mask)], previous: automatic.maskLogits }
  const judged = async (hint: Hint) => overlap((await answered(hint)).mask, truth)
  return {
    box: await judged({ clicks: [], box: boxOf(truth) }),
    'one click': overlap(one.mask, truth),
    'two clicks': await judged(second),
    'one correction': await judged(correction),
  }
}

/** Amid the largest region that the mask has wrong: its pixel farthest from the region's border. */
export function click(truth: Mask, said: Mask): Hint['clicks'][number] {
  const missed = Mask.empty(truth)
  const added = Mask.empty(truth)
  for (let i = 0; i < truth.data.length; i++) {
    if (truth.data[i] === said.data[i]) continue
    const wrong = truth.data[i] === 1 ? missed : added
    wrong.data[i] = 1
  }
  const [largestMissed, largestAdded] = [components(missed)[0], components(added)[0]]
  const onLesion = (largestMissed?.areaPx ?? 0) >= (largestAdded?.areaPx ?? 0)
  const region = (onLesion ? largestMissed : largestAdded)?.mask ?? truth
  return { ...innermost(region), onLesion }
}

function innermost(region: Mask): Point {
  const outside = region.data.map((value) => 1 - value)
  const distances = squaredDistances(outside, region)
  let deepest = 0
  for (let i = 0; i < distances.length; i++) if (distances[i]! > distances[deepest]!) deepest = i
  return { x: deepest % region.width, y: Math.floor(deepest / region.width) }
}

function boxOf({ data, width, height }: Mask): NonNullable<Hint['box']> {
  let [left, top, right, bottom] = [width, height, 0, 0]
  for (let i = 0; i < data.length; i++) {
    if (data[i] === 0) continue
    const [x, y] = [i % width, Math.floor(i / width)]
    left = Math.min(left, x)
    right = Math.max(right, x + 1)
    top = Math.min(top, y)
    bottom = Math.max(bottom, y + 1)
  }
  return { left, top, right, bottom }
}
