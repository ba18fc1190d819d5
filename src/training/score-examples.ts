import { z } from 'zod'

/** An image whose class is known, and what a model marks on it. */
export const ScoredExample = z.strictObject({
  id: z.string(),
  /** Images that are not independent of each other share one. */
  cluster: z.string(),
  class: z.enum(['benign', 'malignant', 'normal', 'unknown']),
  /** Burned-in marks; `null` where nobody says. */
  hasMarks: z.boolean().nullable(),
  presence: z.number().nullable(),
  /** Largest first. */
  regions: z.array(
    z.strictObject({
      /** Against the doctor's outlines that it touches; 0 where it touches none. */
      dice: z.number(),
      /** Every declared feature without pixel spacing; `null` where it is absent. */
      values: z.record(z.string(), z.number().nullable()),
    }),
  ),
})
export type ScoredExample = z.infer<typeof ScoredExample>
