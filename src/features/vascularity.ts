import { type Absent, absent } from '#core/absent.ts'
import type { RasterImage } from '#core/image.ts'

/** Of 255: grey in a picture with colour stays below it after JPEG, Doppler red and blue lie above. */
const LEAST_COLOUR = 60

/**
 * Vascularity index: percentage of coloured pixels among those of a region and of the tissue around it, on a colour
 * Doppler image. Coloured calipers count too: on B-mode pictures with coloured marks they made up at most 1.6%.
 * Source: number of colour pixels over number of all, as in Huang et al., J. Ultrasound Med. 22(6), 2003.
 * @param places indices of pixels
 */
export function vascularityIndex(
  { data, channels, bitDepth }: RasterImage,
  places: readonly number[],
): number | Absent {
  if (channels !== 3 || places.length === 0) return absent('no-colour')
  const least = bitDepth === 8 ? LEAST_COLOUR : LEAST_COLOUR * 257
  let coloured = 0
  for (const place of places) {
    const [red, green, blue] = [data[3 * place]!, data[3 * place + 1]!, data[3 * place + 2]!]
    if (Math.max(red, green, blue) - Math.min(red, green, blue) >= least) coloured++
  }
  return (100 * coloured) / places.length
}
