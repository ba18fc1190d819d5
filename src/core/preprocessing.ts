import { z } from 'zod'
import type { Modality } from './modality.ts'

/**
 * How an image is standardised before the model sees it. Stored in a model's metadata, so that use is training.
 *
 * - `size`: side of the square, pixels; a multiple of 32 (the trunk's coarsest stride).
 * - `fit`: `squash` stretches to the square; `letterbox` keeps the aspect and pads with black.
 * - `denoise`: `median` of 3×3; `lee`, the adaptive filter for multiplicative speckle.
 * - `contrast`: `percentile` stretches the 1st..99th percentile to 0..1; `clahe` equalises 8×8 tiles, clip limit 2.
 */
export const Preprocessing = z.strictObject({
  size: z.int().positive().multipleOf(32),
  fit: z.enum(['squash', 'letterbox']),
  denoise: z.enum(['none', 'median', 'lee']),
  contrast: z.enum(['none', 'percentile', 'clahe']),
})
export type Preprocessing = z.infer<typeof Preprocessing>

const PLAIN: Preprocessing = { size: 448, fit: 'squash', denoise: 'none', contrast: 'none' }

/** What a training run starts from; a finished model carries its own. */
export const DEFAULT_PREPROCESSING: Readonly<Record<Modality, Preprocessing>> = {
  US: PLAIN,
  MG: PLAIN,
  TG: PLAIN,
  OT: PLAIN,
}

/** One step that was done to an image, in order, with the parameters it used; stored with every result. */
export const PreprocessingStep = z.strictObject({
  name: z.enum(['grey', 'median', 'lee', 'percentile', 'clahe', 'squash', 'letterbox']),
  parameters: z.record(z.string(), z.number()),
})
export type PreprocessingStep = z.infer<typeof PreprocessingStep>
