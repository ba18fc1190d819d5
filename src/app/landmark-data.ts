import { createHash } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import path from 'node:path'
import { parse } from 'csv-parse/sync'
import type { GreyImage } from '#core/image.ts'
import type { Side } from '#core/modality.ts'
import { decodeImage } from '#imaging/decode.ts'
import { toGrey } from '#imaging/grey.ts'
import type { BreastLandmarks } from '#imaging/landmark-cascade.ts'

/** What was marked on one frontal thermogram, pixels (centres at integers). A breast or nipple may be unmarked. */
export interface MarkedThermogram {
  readonly id: string
  /** The woman, as far as the data tells: all images of one group are in one part. */
  readonly group: string
  readonly image: GreyImage
  readonly marks: Readonly<Record<Side, Partial<BreastLandmarks>>>
}

export type Part = 'develop' | 'test'

/** Share of the groups that are looked at once, at the end. */
const TEST_SHARE = 0.35

/** The part of a group, by a hash of its name: it stays where it is whatever is added. */
export function partOf(group: string): Part {
  const byte = createHash('sha256').update(`landmarks ${group}`).digest().readUInt32BE(0)
  return byte / 2 ** 32 < TEST_SHARE ? 'test' : 'develop'
}

interface Row {
  readonly id: string
  readonly image: string
  readonly view: string
  readonly exact_duplicate_of: string
}

interface BoxRow {
  readonly id: string
  readonly label: string
  readonly cx: string
  readonly cy: string
  readonly w: string
  readonly h: string
}

/**
 * Reads the images of a view in a folder with `manifest.csv` and `boxes.csv`, each picture once: a copy of another
 * counts as that one. Each frontal picture bears a number of its own, and no two of different numbers are alike (the
 * highest correlation of reduced pictures is 0.94, and those two are of different women), so a group is a number.
 */
export async function readMarkedThermograms(
  folder: string,
  { part, view = 'frontal' }: { readonly part: Part; readonly view?: string },
): Promise<MarkedThermogram[]> {
  const rows = await table<Row>(folder, 'manifest.csv')
  const boxes = Map.groupBy(await table<BoxRow>(folder, 'boxes.csv'), ({ id }) => id)
  const wanted = rows.filter(
    (row) => row.view.startsWith(view) && row.exact_duplicate_of === '' && partOf(row.id) === part,
  )
  return Promise.all(
    wanted.map(async (row) => {
      const raster = await decodeImage(await readFile(path.join(folder, row.image)), row.image)
      const of = boxes.get(row.id) ?? []
      return {
        id: row.id,
        group: row.id,
        image: toGrey(raster),
        marks: { R: marksOf(of, 'right'), L: marksOf(of, 'left') },
      }
    }),
  )
}

async function table<T>(folder: string, name: string): Promise<T[]> {
  return parse(await readFile(path.join(folder, name)), { columns: true, bom: true, skip_empty_lines: true })
}

/** The boxes count from the image's corner, pixel centres lie half a pixel further. */
function marksOf(boxes: readonly BoxRow[], side: 'left' | 'right'): Partial<BreastLandmarks> {
  const [breast, nipple] = ['breast', 'nipple'].map((what) => {
    const row = boxes.find(({ label }) => label === `${side}_${what}`)
    return row && { x: Number(row.cx) - 0.5, y: Number(row.cy) - 0.5, w: Number(row.w), h: Number(row.h) }
  })
  return {
    ...(nipple && { nipple: { x: nipple.x, y: nipple.y } }),
    ...(breast && {
      box: [
        breast.x - breast.w / 2,
        breast.y - breast.h / 2,
        breast.x + breast.w / 2,
        breast.y + breast.h / 2,
      ] as const,
    }),
  }
}
