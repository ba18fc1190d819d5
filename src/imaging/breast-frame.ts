import { type Absent, absent } from '#core/absent.ts'
import { type BreastMap, MAP_CELLS } from '#core/breast-map.ts'
import type { GreyImage, Size } from '#core/image.ts'
import { Mask } from '#core/mask.ts'
import type { Side } from '#core/modality.ts'

/**
 * Where the frame that both breasts share lies in one image: about the centroid of the breast, three standard deviations
 * of its pixels to each side. A right breast is looked at in a mirror.
 */
export interface BreastFrame extends Size {
  readonly centreX: number
  readonly centreY: number
  readonly halfWidth: number
  readonly halfHeight: number
  readonly isMirrored: boolean
}

/** A breast reaches two standard deviations, seldom more, to each side of its centroid. */
const REACH = 3
/** Samples of a cell each way at most: at this many its mean is known well enough. */
const MOST_SAMPLES = 12
const TEXTURE_RADIUS = 2

/** @returns absent where there is no breast, or one of no width or height. */
export function breastFrame(breast: Mask, side: Side): BreastFrame | Absent {
  const { data, width, height } = breast
  const isMirrored = side === 'R'
  let [count, sumX, sumY, squaresX, squaresY] = [0, 0, 0, 0, 0]
  for (let y = 0; y < height; y++) {
    for (let column = 0; column < width; column++) {
      const x = isMirrored ? width - 1 - column : column
      if (data[y * width + x] === 0) continue
      count++
      sumX += column
      sumY += y
      squaresX += column * column
      squaresY += y * y
    }
  }
  if (count === 0) return absent('breast-region-not-found')
  const [centreX, centreY] = [sumX / count, sumY / count]
  const halfWidth = REACH * Math.sqrt(squaresX / count - centreX * centreX)
  const halfHeight = REACH * Math.sqrt(squaresY / count - centreY * centreY)
  if (!(halfWidth > 0 && halfHeight > 0)) return absent('breast-region-not-found')
  return { width, height, centreX, centreY, halfWidth, halfHeight, isMirrored }
}

/**
 * The breast of an image in the shared frame.
 * @param exposed what the frame is of: the breast with the pectoral muscle
 * @param breast the same without the muscle, where that was found
 */
export function breastMap(image: GreyImage, exposed: Mask, frame: BreastFrame, breast: Mask = exposed): BreastMap {
  const grey = cellMeans(image.data, frame)
  const inside = wholeCells(breast, frame)
  for (let i = 0; i < grey.length; i++) if (inside[i] === 0) grey[i] = 0
  const outline = breast === exposed ? inside : wholeCells(exposed, frame)
  return { grey, texture: localDeviation(grey, inside), inside, outline }
}

function wholeCells(region: Mask, frame: BreastFrame): Uint8Array {
  return Uint8Array.from(cellMeans(region.data, frame), (value) => (value > 0.999 ? 1 : 0))
}

/** Which share of each cell a region covers, 0..1. */
export function regionInFrame(region: Mask, frame: BreastFrame): Float32Array {
  return cellMeans(region.data, frame)
}

/**
 * The mirrored place of a region in the other breast, at the size of the image that shows it: each pixel is the region's
 * whose own place in the frame is. Of a breast and its mirror image exactly the mirrored region; there and back each edge
 * is within a pixel of the coarser image. Places beyond the frame are mapped likewise.
 * @param region of the image of `from`. @param to frame of the other breast.
 */
export function mirroredRegion(region: Mask, from: BreastFrame, to: BreastFrame): Mask {
  const out = Mask.empty(to)
  const column = (x: number, { width, isMirrored }: BreastFrame) => (isMirrored ? width - 1 - x : x)
  const columns = Int32Array.from({ length: to.width }, (_, x) => {
    const along = (column(x, to) - to.centreX) / to.halfWidth
    const source = Math.round(from.centreX + along * from.halfWidth)
    return source < 0 || source >= from.width ? -1 : column(source, from)
  })
  for (let y = 0; y < to.height; y++) {
    const row = Math.round(from.centreY + ((y - to.centreY) / to.halfHeight) * from.halfHeight)
    if (row < 0 || row >= from.height) continue
    for (let x = 0; x < to.width; x++) {
      if (columns[x]! >= 0) out.data[y * to.width + x] = region.data[row * from.width + columns[x]!]!
    }
  }
  return out
}

/** Mean of the pixels at evenly spaced places of each cell; what lies beyond the image counts as 0. */
function cellMeans(data: Float32Array | Uint8Array, frame: BreastFrame): Float32Array {
  const { width, height, centreX, centreY, halfWidth, halfHeight, isMirrored } = frame
  const samples = Math.min(MOST_SAMPLES, Math.ceil((2 * Math.max(halfWidth, halfHeight)) / MAP_CELLS) + 1)
  const steps = MAP_CELLS * samples
  const places = (centre: number, half: number) =>
    Int32Array.from({ length: steps }, (_, k) => Math.round(centre + half * ((2 * k + 1) / steps - 1)))
  const [columns, rows] = [places(centreX, halfWidth), places(centreY, halfHeight)]
  const sums = new Float64Array(MAP_CELLS * MAP_CELLS)
  for (let j = 0; j < steps; j++) {
    const y = rows[j]!
    if (y < 0 || y >= height) continue
    const first = Math.floor(j / samples) * MAP_CELLS
    for (let i = 0; i < steps; i++) {
      const column = columns[i]!
      if (column < 0 || column >= width) continue
      sums[first + Math.floor(i / samples)]! += data[y * width + (isMirrored ? width - 1 - column : column)]!
    }
  }
  return Float32Array.from(sums, (sum) => sum / (samples * samples))
}

function localDeviation(grey: Float32Array, inside: Uint8Array): Float32Array {
  const out = new Float32Array(grey.length)
  for (let y = 0; y < MAP_CELLS; y++) {
    for (let x = 0; x < MAP_CELLS; x++) {
      if (inside[y * MAP_CELLS + x] === 1) out[y * MAP_CELLS + x] = deviationAround(grey, inside, x, y)
    }
  }
  return out
}

function deviationAround(grey: Float32Array, inside: Uint8Array, x: number, y: number): number {
  let [count, sum, squares] = [0, 0, 0]
  for (let v = Math.max(0, y - TEXTURE_RADIUS); v <= Math.min(MAP_CELLS - 1, y + TEXTURE_RADIUS); v++) {
    for (let u = Math.max(0, x - TEXTURE_RADIUS); u <= Math.min(MAP_CELLS - 1, x + TEXTURE_RADIUS); u++) {
      const at = v * MAP_CELLS + u
      if (inside[at] === 0) continue
      count++
      sum += grey[at]!
      squares += grey[at]! * grey[at]!
    }
  }
  return Math.sqrt(Math.max(0, squares / count - (sum / count) ** 2))
}
