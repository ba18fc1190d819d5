import { type Absent, absent } from '#core/absent.ts'
import type { Point } from '#core/geometry.ts'
import { GreyImage } from '#core/image.ts'
import type { Mask } from '#core/mask.ts'
import { breastRegion } from './breast-region.ts'

/** Where a torso lies in a frontal thermogram. Unit: pixels of the image. */
export interface Torso {
  /** Its midline, and the middle of its height in the image. */
  readonly centre: Point
  /** Median width of its lower half, below the raised arms. */
  readonly width: number
}

/** What is to the left and right of a torso is background: a body part that fills less or more is none. */
const MIN_WIDTH_SHARE = 0.2

/**
 * The torso in a thermogram's silhouette, from its rows: midline and width are medians over the lower half, so that
 * neither arms nor a reference marker beside the body move them. Absent where no silhouette is wide and high enough.
 */
export function findTorso(image: GreyImage): Torso | Absent {
  const rows = rowsOf(breastRegion(image, 'TG'))
  const [first, last] = [rows[0], rows.at(-1)]
  if (first === undefined || last === undefined) return absent('breast-region-not-found')
  const middle = (first.y + last.y) / 2
  const lower = rows.filter(({ y }) => y >= middle)
  const width = median(lower.map(({ from, to }) => to - from + 1))
  const height = last.y - first.y + 1
  if (width < MIN_WIDTH_SHARE * image.width || height < width / 2) return absent('breast-region-not-found')
  return { centre: { x: median(lower.map(({ from, to }) => (from + to) / 2)), y: middle }, width }
}

/** The image seen in a mirror: column x becomes column width - 1 - x. */
export function mirrored({ width, height, data }: GreyImage): GreyImage {
  const out = new Float32Array(data.length)
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) out[y * width + x] = data[y * width + width - 1 - x]!
  }
  return GreyImage.from(out, { width, height })
}

interface Row {
  readonly y: number
  readonly from: number
  readonly to: number
}

function rowsOf(mask: Mask): Row[] {
  const rows: Row[] = []
  for (let y = 0; y < mask.height; y++) {
    const row = mask.data.subarray(y * mask.width, (y + 1) * mask.width)
    const from = row.indexOf(1)
    if (from >= 0) rows.push({ y, from, to: row.lastIndexOf(1) })
  }
  return rows
}

/** Of an even number of values the mean of the two in the middle, so that a mirrored image has the mirrored median. */
export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b)
  return (sorted[Math.floor((sorted.length - 1) / 2)]! + sorted[Math.ceil((sorted.length - 1) / 2)]!) / 2
}
