import { z } from 'zod'

/** What an image is of, in DICOM's codes (0008,0060): ultrasound, mammography, thermography, optical. */
export const Modality = z.enum(['US', 'MG', 'TG', 'OT'])
export type Modality = z.infer<typeof Modality>

/** Side of the body, DICOM Image Laterality (0020,0062). Never guessed. */
export const Side = z.enum(['L', 'R'])
export type Side = z.infer<typeof Side>

/** What an image is of: one breast, or both (`B`), DICOM Image Laterality (0020,0062). */
export const Laterality = z.enum([...Side.options, 'B'])
export type Laterality = z.infer<typeof Laterality>
