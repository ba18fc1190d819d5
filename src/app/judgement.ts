import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { type Absent, absent, isAbsent } from '#core/absent.ts'
import type { Modality } from '#core/modality.ts'
import type { FirstLook } from '#imaging/judgeable.ts'
import { lookScore, PictureLook } from '#sam/picture-look.ts'

/**
 * How a picture is treated: judged; judged with a notice that it looks unlike those that the software learned from; or not
 * judged, and why.
 */
export type Judgement = 'judgeable' | 'unfamiliar' | Absent

/** What the model's trunk says of the kind of picture. `doubtful`: rather something else; `unlike`: clearly so. */
export type SecondLook = 'alike' | 'doubtful' | 'unlike'

/** The second look that comes with this software. */
export const DEFAULT_LOOK = fileURLToPath(new URL('../../models/zaoshai-look-us.json', import.meta.url))

export function readPictureLook(file = DEFAULT_LOOK): PictureLook {
  return PictureLook.parse(JSON.parse(readFileSync(file, 'utf8')))
}

/** Undefined where there is no such witness: of another modality, or of another model's trunk. */
export type Witness = (modality: Modality, impression: Float32Array) => SecondLook | undefined

/** @param modelSha256 of the model file whose impressions it will be asked about. */
export function openWitness(modelSha256: string, look = readPictureLook()): Witness {
  const isItsModel = look.modelSha256 === modelSha256
  return (modality, impression) => {
    if (!isItsModel || modality !== look.modality) return undefined
    const score = lookScore(look, impression)
    if (score < look.leastScore) return 'unlike'
    return score < look.doubtBelow ? 'doubtful' : 'alike'
  }
}

/**
 * A refusal hides a picture from the software, so where it is a matter of likeness it needs two witnesses who know nothing of
 * each other: the measures of the picture must doubt it, and the model's trunk find it unlike. Blank, noise and drawings (by
 * the tails of their edges) are refused by the measures alone. Where one alone speaks against it, it is judged with a
 * notice. Where there is no second witness, the first one decides alone, at a limit of its own.
 */
export function judgementOf(first: FirstLook, second: SecondLook | undefined): Judgement {
  if (isAbsent(first)) return first
  if (first === 'judgeable') return second === undefined || second === 'alike' ? 'judgeable' : 'unfamiliar'
  const isRefused = second === undefined ? first === 'unlike' : second === 'unlike'
  return isRefused ? absent('not-this-modality') : 'unfamiliar'
}
