import { z } from 'zod'

/** A way in which one image is shown to a model when it is used: as it is; in a mirror; smaller, with black about it. */
export const TestView = z.enum(['plain', 'mirrored', 'smaller'])
export type TestView = z.infer<typeof TestView>
