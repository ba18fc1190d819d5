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
  /** How far the silhouette is its own mirror image about the midline: what both share over what either has, 0..1. */
  readonly symmetry: number
}

/** What is to the left and right of a torso is background: a body part that fills less or more is none. */
const MIN_WIDTH_SHARE = 0.2

/**
 * The torso in a thermogram's silhouette, from its rows: midline and width are medians over the lower half, so that
 * neither arms nor a reference marker beside the body move them. Absent where no silhouette is wide and high enough.
 */
export function findTorso(image: GreyImage): Torso | Absent {
  const silhouette = breastRegion(image, 'TG')
  const rows = rowsOf(silhouette)
  const [first, last] = [rows[0], rows.at(-1)]
  if (first === undefined || last === undefined) return absent('breast-region-not-found')
  const middle = (first.y + last.y) / 2
  const lower = rows.filter(({ y }) => y >= middle)
  const width = median(lower.map(({ from, to }) => to - from + 1))
  const height = last.y - first.y + 1
  if (width < MIN_WIDTH_SHARE * image.width || height < width / 2) return absent('breast-region-not-found')
  const midline = median(lower.map(({ from, to }) => (from + to) / 2))
  return { centre: { x: midline, y: middle }, width, symmetry: symmetryOf(silhouette, midline, width / 2) }
}

/** Within `reach` on either side of the midline. */
function symmetryOf({ width, height, data }: Mask, midline: number, reach: number): number {
  const at = (x: number, y: number) => (x < 0 || x >= width ? 0 : data[y * width + x]!)
  let [shared, either] = [0, 0]
  for (let y = 0; y < height; y++) {
    for (let d = 1; d < reach; d++) {
      const column = Math.round(midline + d)
      const [right, left] = [at(column, y), at(Math.round(2 * midline) - column, y)]
      shared += right & left
      either += right | left
    }
  }
  return either === 0 ? 0 : shared / either
}

/** The image seen in a mirror: column x becomes column width - 1 - x. */
export function mirrored({ width, height, data }: GreyImage): GreyImage {
  const out = new Float32Array(data.length)
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) out[y * width + x] = data[y * width + width - 1 - x]!
  }
  return GreyImage.from(out, { width, height })
}

/** The torso in the mirrored image of this width. */
export function mirroredTorso(torso: Torso, width: number): Torso {
  return { ...torso, centre: { x: width - 1 - torso.centre.x, y: torso.centre.y } }
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
