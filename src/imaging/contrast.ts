import { GreyImage } from '#core/image.ts'

export const LOW_PERCENTILE = 1
export const HIGH_PERCENTILE = 99

/** Stretches the 1st..99th percentile of the image to 0..1 and clips the rest. A flat image stays as it is. */
export function percentileWindow(image: GreyImage): { image: GreyImage; low: number; high: number } {
  const [low, high] = percentiles(image.data, [LOW_PERCENTILE, HIGH_PERCENTILE])
  if (low === undefined || high === undefined || high <= low) return { image, low: 0, high: 1 }
  const scale = 1 / (high - low)
  const data = image.data.map((value) => Math.min(Math.max((value - low) * scale, 0), 1))
  return { image: GreyImage.from(data, image), low, high }
}

/**
 * The smallest values that at least p % of the samples do not exceed. Samples are 0..1; resolution 1/65535, which is
 * exact for what 8- and 16-bit files hold.
 */
export function percentiles(data: Float32Array, percents: readonly number[]): number[] {
  const levels = 65535
  const counts = new Uint32Array(levels + 1)
  for (let i = 0; i < data.length; i++) counts[Math.round(data[i]! * levels)]!++
  return percents.map((percent) => {
    let remaining = (percent / 100) * data.length
    for (let level = 0; level <= levels; level++) {
      remaining -= counts[level]!
      if (remaining <= 0) return level / levels
    }
    return 1
  })
}
