import { GreyImage, type RasterImage } from '#core/image.ts'

/** Luma by ITU-R BT.601, the weights of every ultrasound frame grabber; one channel is only scaled to 0..1. */
export function toGrey({ width, height, channels, bitDepth, data }: RasterImage): GreyImage {
  const scale = 1 / (2 ** bitDepth - 1)
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
