import { GreyImage } from '#core/image.ts'

export const CLAHE_TILES = 8
export const CLAHE_CLIP_LIMIT = 2
const BINS = 256

/**
 * Contrast limited adaptive histogram equalisation over 8×8 tiles. Each tile's histogram of 256 bins is cut at
 * `clipLimit` times its mean, the excess spread evenly, and its cumulative share becomes the tile's tone curve;
 * a pixel blends the curves of the four nearest tiles. Curves are read between bins, so 16-bit detail survives.
 * On 8-bit input it is OpenCV's CLAHE to rounding. Source: K. Zuiderveld, Graphics Gems IV, 1994.
 */
export function clahe(image: GreyImage): GreyImage {
  const { width, height, data } = image
  const tileWidth = Math.ceil(width / CLAHE_TILES)
  const tileHeight = Math.ceil(height / CLAHE_TILES)
  const curves = Array.from({ length: CLAHE_TILES * CLAHE_TILES }, (_, tile) =>
    toneCurve(
      tileHistogram(image, (tile % CLAHE_TILES) * tileWidth, Math.floor(tile / CLAHE_TILES) * tileHeight, {
        width: tileWidth,
        height: tileHeight,
      }),
      tileWidth * tileHeight,
    ),
  )
  const columns = neighbours(width, tileWidth)
  const rows = neighbours(height, tileHeight)
  const out = new Float32Array(data.length)
  for (let y = 0; y < height; y++) {
    const above = rows.first[y]! * CLAHE_TILES
    const below = rows.second[y]! * CLAHE_TILES
    const v = rows.share[y]!
    for (let x = 0; x < width; x++) {
      const left = columns.first[x]!
      const right = columns.second[x]!
      const u = columns.share[x]!
      const level = data[y * width + x]! * (BINS - 1)
      const upper = read(curves[above + left]!, level) * (1 - u) + read(curves[above + right]!, level) * u
      const lower = read(curves[below + left]!, level) * (1 - u) + read(curves[below + right]!, level) * u
      out[y * width + x] = upper * (1 - v) + lower * v
    }
  }
  return GreyImage.from(out, image)
}

/** Tiles hang over the right and lower border where the size does not divide; the image is mirrored there. */
function tileHistogram(image: GreyImage, left: number, top: number, size: { width: number; height: number }) {
  const counts = new Float64Array(BINS)
  for (let y = top; y < top + size.height; y++) {
    const row = mirrored(y, image.height) * image.width
    for (let x = left; x < left + size.width; x++) {
      counts[Math.round(image.data[row + mirrored(x, image.width)]! * (BINS - 1))]!++
    }
  }
  return counts
}

function mirrored(at: number, length: number): number {
  return at < length ? at : 2 * (length - 1) - at
}

/** BINS values in 0..1, rising. Counts are clipped in place, in whole pixels as OpenCV does. */
function toneCurve(counts: Float64Array, pixels: number): Float32Array {
  const limit = Math.max(Math.floor((CLAHE_CLIP_LIMIT * pixels) / BINS), 1)
  let excess = 0
  for (let i = 0; i < BINS; i++) {
    excess += Math.max(counts[i]! - limit, 0)
    counts[i] = Math.min(counts[i]!, limit)
  }
  const each = Math.floor(excess / BINS)
  const rest = excess - each * BINS
  for (let i = 0; i < BINS; i++) counts[i]! += each
  if (rest > 0) {
    const step = Math.max(Math.floor(BINS / rest), 1)
    for (let i = 0, left = rest; i < BINS && left > 0; i += step, left--) counts[i]!++
  }
  const curve = new Float32Array(BINS)
  let sum = 0
  for (let i = 0; i < BINS; i++) {
    sum += counts[i]!
    curve[i] = sum / pixels
  }
  return curve
}

/** A tone curve at a level of 0..255, between its bins. */
function read(curve: Float32Array, level: number): number {
  const bin = Math.floor(level)
  const low = curve[bin]!
  return bin >= BINS - 1 ? low : low + (curve[bin + 1]! - low) * (level - bin)
}

/** For each pixel the two nearest tile centres along an axis and the share of the second. */
function neighbours(length: number, tile: number) {
  const first = new Int32Array(length)
  const second = new Int32Array(length)
  const share = new Float64Array(length)
  for (let i = 0; i < length; i++) {
    const at = i / tile - 0.5
    first[i] = Math.max(Math.floor(at), 0)
    second[i] = Math.min(Math.floor(at) + 1, CLAHE_TILES - 1)
    share[i] = at - Math.floor(at)
  }
  return { first, second, share }
}
