import { z } from 'zod'

/** How the samples of a file become degrees Celsius: `sample * scale + offset`. Stated, never assumed. */
export const TemperatureScale = z.strictObject({
  scale: z.number().positive().describe('Degrees Celsius for one step of a sample, for example 0.01'),
  offset: z.number().describe('Degrees Celsius at sample 0, for example 0 or -273.15'),
})
export type TemperatureScale = z.infer<typeof TemperatureScale>
