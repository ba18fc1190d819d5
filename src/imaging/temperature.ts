import { type Absent, absent } from '#core/absent.ts'
import type { GreyImage, RasterImage } from '#core/image.ts'
import type { TemperatureScale } from '#core/temperature.ts'
import { percentiles } from './contrast.ts'
import { bitsInUse } from './grey.ts'

/** Degrees Celsius of a pixel: `perGrey` times its grey 0..1, plus `offset`. */
export interface Celsius {
  readonly perGrey: number
  readonly offset: number
}

/** Whatever a thermogram shows, its warmest parts are a body's. */
const BODY = { least: 25, most: 45, percentile: 99 } as const

/** How grey becomes degrees Celsius by the scale that was given, or why it does not. */
export function celsiusOf(raster: RasterImage, grey: GreyImage, scale: TemperatureScale | undefined): Celsius | Absent {
  if (scale === undefined) return absent('no-temperature-scale')
  if (raster.channels !== 1) return absent('temperature-not-in-pixels')
  const celsius = { perGrey: scale.scale * (2 ** bitsInUse(raster) - 1), offset: scale.offset }
  const [high = 0] = percentiles(grey.data, [BODY.percentile])
  const warmest = high * celsius.perGrey + celsius.offset
  return warmest >= BODY.least && warmest <= BODY.most ? celsius : absent('temperature-implausible')
}
