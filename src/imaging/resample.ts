import { GreyImage, type Size } from '#core/image.ts'
import { Mask } from '#core/mask.ts'
import { contentSize, type Frame } from './frame.ts'

/**
 * Resizes with half-pixel centres: a triangle filter that widens with the reduction when shrinking (so nothing
 * aliases) and is plain bilinear interpolation when growing. At the border the weights are normalised to what lies
 * inside. Unit of the values unchanged.
 */
export function resize(image: GreyImage, to: Size): GreyImage {
  if (image.width === to.width && image.height === to.height) return image
  const columns = taps(image.width, to.width)
  const rows = taps(image.height, to.height)
  const narrow = new Float32Array(to.width * image.height)
  for (let y = 0; y < image.height; y++) {
    const line = image.data.subarray(y * image.width, (y + 1) * image.width)
    for (let x = 0; x < to.width; x++) {
      const first = columns.first[x]!
      const weights = columns.weights[x]!
      let sum = 0
      for (let k = 0; k < weights.length; k++) sum += line[first + k]! * weights[k]!
      narrow[y * to.width + x] = sum
    }
  }
  return GreyImage.from(combineRows(narrow, rows, to), to)
}

function combineRows(narrow: Float32Array, rows: Taps, { width, height }: Size): Float32Array {
  const out = new Float32Array(width * height)
  const sums = new Float64Array(width)
  for (let y = 0; y < height; y++) {
    const weights = rows.weights[y]!
    sums.fill(0)
    for (let k = 0; k < weights.length; k++) {
      const weight = weights[k]!
      const at = (rows.first[y]! + k) * width
      for (let x = 0; x < width; x++) sums[x]! += narrow[at + x]! * weight
    }
    out.set(sums, y * width)
  }
  return out
}

/** For each output sample the first input sample it uses and the weights, which sum to 1. */
interface Taps {
  readonly first: Int32Array
  readonly weights: readonly Float64Array[]
}

function taps(from: number, to: number): Taps {
  const step = from / to
  const reach = Math.max(step, 1)
  const first = new Int32Array(to)
  const weights: Float64Array[] = []
  for (let i = 0; i < to; i++) {
    const centre = (i + 0.5) * step - 0.5
    const low = Math.max(Math.floor(centre - reach) + 1, 0)
    const high = Math.min(Math.ceil(centre + reach) - 1, from - 1)
    const triangle = Float64Array.from({ length: high - low + 1 }, (_, k) => 1 - Math.abs(low + k - centre) / reach)
    const total = triangle.reduce((sum, weight) => sum + weight, 0)
    first[i] = low
    weights.push(triangle.map((weight) => weight / total))
  }
  return { first, weights }
}

/** A mask of the original in its standardised square, by the original pixel at the middle of each pixel. */
export function maskIntoFrame(mask: Mask, { standard, scaleX, scaleY, offsetX, offsetY }: Frame): Mask {
  const out = Mask.empty(standard)
  for (let y = 0; y < standard.height; y++) {
    const row = Math.round((y - offsetY + 0.5) / scaleY - 0.5)
    if (row < 0 || row >= mask.height) continue
    for (let x = 0; x < standard.width; x++) {
      const column = Math.round((x - offsetX + 0.5) / scaleX - 0.5)
      if (column >= 0 && column < mask.width) out.data[y * standard.width + x] = mask.data[row * mask.width + column]!
    }
  }
  return out
}

/**
 * Lays an image of the original's size (the image itself, or a mask as grey) into the standardised square.
 * @param padding value where a letterbox has no image.
 */
export function intoFrame(image: GreyImage, frame: Frame, padding = 0): GreyImage {
  const content = resize(image, contentSize(frame))
  const { standard, offsetX, offsetY } = frame
  if (content.width === standard.width && content.height === standard.height) return content
  const out = new Float32Array(standard.width * standard.height).fill(padding)
  for (let y = 0; y < content.height; y++) {
    const row = content.data.subarray(y * content.width, (y + 1) * content.width)
    out.set(row, (y + offsetY) * standard.width + offsetX)
  }
  return GreyImage.from(out, standard)
}

/**
 * The mask, at the original's own size, of the logits that a model gave for the standardised square: bilinear up to
 * the original's pixels (half-pixel centres, the border repeated), then `logit > threshold`.
 *
 * @param logits h×w over the whole square, padding included; a letterbox's padding has no original pixel and so is
 *   never in the mask.
 * @param from w and h of the logits.
 * @param threshold a logit: ln(p / (1 - p)) for a probability p.
 */
export function logitsToMask(logits: Float32Array, from: Size, frame: Frame, threshold: number): Mask {
  const { width, height } = frame.original
  const columns = corners(width, frame.scaleX, frame.offsetX, from.width, frame.standard.width)
  const rows = corners(height, frame.scaleY, frame.offsetY, from.height, frame.standard.height)
  const mask = Mask.empty(frame.original)
  const line = new Float64Array(from.width)
  for (let y = 0; y < height; y++) {
    const above = rows.index[y]! * from.width
    const below = Math.min(rows.index[y]! + 1, from.height - 1) * from.width
    const v = rows.fraction[y]!
    for (let i = 0; i < from.width; i++) line[i] = logits[above + i]! * (1 - v) + logits[below + i]! * v
    for (let x = 0; x < width; x++) {
      const left = columns.index[x]!
      const u = columns.fraction[x]!
      const right = u === 0 ? left : left + 1
      if (line[left]! * (1 - u) + line[right]! * u > threshold) mask.data[y * width + x] = 1
    }
  }
  return mask
}

/**
 * What {@link logitsToMask} compares with its threshold: the logit of one of the original's pixels, by its whole
 * coordinates.
 */
export function logitSampler(logits: Float32Array, from: Size, frame: Frame): (x: number, y: number) => number {
  const columns = corners(frame.original.width, frame.scaleX, frame.offsetX, from.width, frame.standard.width)
  const rows = corners(frame.original.height, frame.scaleY, frame.offsetY, from.height, frame.standard.height)
  return (x, y) => {
    const above = rows.index[y]! * from.width
    const below = Math.min(rows.index[y]! + 1, from.height - 1) * from.width
    const v = rows.fraction[y]!
    const left = columns.index[x]!
    const u = columns.fraction[x]!
    const right = u === 0 ? left : left + 1
    const near = logits[above + left]! * (1 - v) + logits[below + left]! * v
    return near * (1 - u) + (logits[above + right]! * (1 - v) + logits[below + right]! * v) * u
  }
}

/** For each original pixel its left (upper) neighbour in the grid and the share of the next one. */
function corners(length: number, scale: number, offset: number, grid: number, standard: number) {
  const index = new Int32Array(length)
  const fraction = new Float64Array(length)
  for (let i = 0; i < length; i++) {
    const square = (i + 0.5) * scale + offset
    const at = Math.min(Math.max((square * grid) / standard - 0.5, 0), grid - 1)
    index[i] = Math.floor(at)
    fraction[i] = at - index[i]!
  }
  return { index, fraction }
}
