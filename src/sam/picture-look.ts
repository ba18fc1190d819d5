import { z } from 'zod'
import { ScreeningError } from '#core/errors.ts'

const Sha256 = z.string().regex(/^[0-9a-f]{64}$/)

/** Numbers of an impression: channels of the trunk's fourth stage. */
export const IMPRESSION = 768

/**
 * How far a picture looks like those of a modality, as a file that a person can read: log odds, linear in what the trunk
 * saw of the whole picture (`Prediction.impression`).
 */
export const PictureLook = z.strictObject({
  format: z.literal('zaoshai-look-1'),
  madeBy: z.string(),
  modality: z.literal('US'),
  /** The model whose trunk it was made with; what another one sees means something else. */
  modelSha256: Sha256,
  /** Below it a picture is unlike those of the modality, and below the other limit it is in doubt. */
  leastScore: z.number(),
  doubtBelow: z.number(),
  intercept: z.number(),
  weights: z.array(z.number()).length(IMPRESSION),
})
export type PictureLook = z.infer<typeof PictureLook>

/**
 * Log odds that a picture is one of the modality and none of the others that it was told from.
 * @param impression of the look's own model. @throws SHAPE_MISMATCH
 */
export function lookScore({ intercept, weights }: PictureLook, impression: Float32Array): number {
  if (impression.length !== weights.length) {
    throw new ScreeningError('SHAPE_MISMATCH', { impression: impression.length, expected: weights.length })
  }
  return weights.reduce((sum, weight, k) => sum + weight * impression[k]!, intercept)
}
