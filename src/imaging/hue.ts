import { GreyImage, type RasterImage, type Size } from '#core/image.ts'
import { resize } from './resample.ts'

const BRIGHTNESS_BINS = 16
/** Of the full range: what compression makes of a grey picture stays below. */
const OTHER_COLOUR = 0.06

/**
 * Share of pixels, at the given size, whose red or blue stands off its brightness otherwise than in the mean of all pixels
 * of that brightness, 0..1. A grey picture has none, nor has one that a device shows in sepia or blue; coloured calipers
 * are few pixels.
 */
export function hueSpread(raster: RasterImage, size: Size): number {
  if (raster.channels === 1) return 0
  const [red, green, blue] = [0, 1, 2].map((channel) => resize(planeOf(raster, channel, raster.bitDepth), size).data)
  const pixels = size.width * size.height
  const brightness = new Float32Array(pixels)
  for (let i = 0; i < pixels; i++) brightness[i] = 0.299 * red![i]! + 0.587 * green![i]! + 0.114 * blue![i]!
  const redTint = tint(red!, brightness)
  const blueTint = tint(blue!, brightness)
  let others = 0
  for (let i = 0; i < pixels; i++) {
    const bin = binOf(brightness[i]!)
    const off = (colour: Float32Array, usual: Float64Array) => Math.abs(colour[i]! - brightness[i]! - usual[bin]!)
    if (Math.max(off(red!, redTint), off(blue!, blueTint)) > OTHER_COLOUR) others++
  }
  return others / pixels
}

/** One of the three channels of a colour picture, 0..1 of the given depth. */
export function planeOf({ width, height, data }: RasterImage, channel: number, bits: number): GreyImage {
  const samples = new Float32Array(width * height)
  const scale = 1 / (2 ** bits - 1)
  for (let i = 0; i < samples.length; i++) samples[i] = data[3 * i + channel]! * scale
  return GreyImage.from(samples, { width, height })
}

/** For every brightness, how far a colour stands off it in the mean. */
function tint(colour: Float32Array, brightness: Float32Array): Float64Array {
  const sums = new Float64Array(BRIGHTNESS_BINS)
  const counts = new Float64Array(BRIGHTNESS_BINS)
  for (let i = 0; i < colour.length; i++) {
    const bin = binOf(brightness[i]!)
    sums[bin]! += colour[i]! - brightness[i]!
    counts[bin]!++
  }
  return sums.map((sum, bin) => sum / Math.max(counts[bin]!, 1))
}

function binOf(level: number): number {
  return Math.min(BRIGHTNESS_BINS - 1, Math.floor(level * BRIGHTNESS_BINS))
}
