import { z } from 'zod'

/** The languages of everything a person reads. */
export const Language = z.enum(['zh', 'en'])
export type Language = z.infer<typeof Language>

/** One thing said in both languages. */
export const Words = z.strictObject({ zh: z.string().min(1), en: z.string().min(1) })
export type Words = z.infer<typeof Words>
