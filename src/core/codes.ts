import { z } from 'zod'
import type { Side } from './modality.ts'

/** A coded concept: SCT is SNOMED CT, DCM is DICOM's own terminology (PS3.16). */
export const Code = z.strictObject({
  value: z.string().min(1),
  scheme: z.enum(['SCT', 'DCM', 'LN', 'NCIt']),
  meaning: z.string().min(1),
})
export type Code = z.infer<typeof Code>

export const LATERALITY_CODES = {
  L: { value: '80248007', scheme: 'SCT', meaning: 'Left breast' },
  R: { value: '73056007', scheme: 'SCT', meaning: 'Right breast' },
} as const satisfies Record<Side, Code>

/** CID 6165. */
export const DISTANCE_FROM_NIPPLE: Code = { value: '121242', scheme: 'DCM', meaning: 'Distance from nipple' }

export const ECHOGENIC_HALO: Code = { value: '111359', scheme: 'DCM', meaning: 'Echogenic halo' }
