import { z } from 'zod'

/**
 * Where the software takes a nipple to be. It becomes the image's nipple when a doctor enters it in the study file, and
 * nothing is measured from it before.
 */
export const NippleProposal = z
  .strictObject({
    point: z
      .strictObject({ x: z.number(), y: z.number() })
      .describe('Pixels of the original to a tenth; pixel centres lie at integers, y down'),
    confidence: z
      .number()
      .min(0)
      .max(1)
      .describe('Higher where the place is surer, among images of one modality; not a probability'),
    validated: z
      .boolean()
      .describe('Whether its error was measured against a published set of marks on images of this modality'),
  })
  .meta({ id: 'NippleProposal' })
export type NippleProposal = z.infer<typeof NippleProposal>
