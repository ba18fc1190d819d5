import { GreyImage, type RasterImage } from '#core/image.ts'

/** Depths at which detectors and frame grabbers digitise. Exports often keep them in the low bits of a 16-bit file. */
const DEPTHS = [8, 10, 12, 14, 16] as const

/**
 * The depth at which an image was digitised: that of an 8-bit file; of a 16-bit file the smallest that holds its
 * largest sample. The file itself does not say, and 12 bits taken for 16 would be an image at a sixteenth of its
 * brightness.
 */
export function bitsInUse({ bitDepth, data }: Pick<RasterImage, 'bitDepth' | 'data'>): number {
  if (bitDepth === 8) return 8
  let largest = 0
  for (let i = 0; i < data.length; i++) if (data[i]! > largest) largest = data[i]!
  return DEPTHS.find((bits) => largest < 2 ** bits) ?? 16
}

/** Luma by ITU-R BT.601, the weights of every ultrasound frame grabber; one channel is only scaled. 0..1 of the depth in use. */
export function toGrey(raster: RasterImage): GreyImage {
  const { width, height, channels, data } = raster
  const scale = 1 / (2 ** bitsInUse(raster) - 1)
  const grey = new Float32Array(width * height)
  if (channels === 1) {
    for (let i = 0; i < grey.length; i++) grey[i] = data[i]! * scale
  } else {
    for (let i = 0, at = 0; i < grey.length; i++, at += 3) {
      grey[i] = (0.299 * data[at]! + 0.587 * data[at + 1]! + 0.114 * data[at + 2]!) * scale
    }
  }
  return GreyImage.from(grey, { width, height })
}
