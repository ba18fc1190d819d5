import type { RasterImage, Size } from '#core/image.ts'
import { bitsInUse } from './grey.ts'
import { planeOf } from './hue.ts'
import { resize } from './resample.ts'

/** Of the full range: farther from the picture's own tint a pixel has a colour of its own. */
const OTHER_COLOUR = 0.1
/** Darker pixels tell little of a tint. */
const DARK = 0.1

/**
 * 1 where the colour of a pixel is not the one in which the device shows grey, at the given size; undefined for a picture of one channel.
 * That tint is the median share of red and of blue in the brightness, so sepia and blue pictures have no colour of their own.
 */
export function foreignColour(raster: RasterImage, size: Size): Uint8Array | undefined {
  if (raster.channels === 1) return undefined
  const bits = bitsInUse(raster)
  const [red, green, blue] = [0, 1, 2].map((channel) => resize(planeOf(raster, channel, bits), size).data)
  const grey = red!.map((value, i) => 0.299 * value + 0.587 * green![i]! + 0.114 * blue![i]!)
  const lit = Array.from(grey.keys()).filter((i) => grey[i]! > DARK)
  const shareOf = (colour: Float32Array) => median(lit.map((i) => colour[i]! / grey[i]!))
  const [ofRed, ofBlue] = [shareOf(red!), shareOf(blue!)]
  return Uint8Array.from(grey, (level, i) =>
    Number(Math.max(Math.abs(red![i]! - ofRed * level), Math.abs(blue![i]! - ofBlue * level)) > OTHER_COLOUR),
  )
}

/** 1 where there is nothing to take it of. */
function median(values: readonly number[]): number {
  const sorted = Float64Array.from(values).sort()
  return sorted[sorted.length >> 1] ?? 1
}
