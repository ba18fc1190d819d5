import { readdirSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { parse } from 'csv-parse/sync'

/** A picture on disk, with what it is. */
export interface Picture {
  readonly set: string
  readonly id: string
  readonly file: string
  /** The part by which the detector was made, or the one that it had not seen. */
  readonly part: 'develop' | 'held-out'
  readonly isMalignant: boolean
}

type Row = Readonly<Record<string, string>>

/** Of one woman all pictures are in one part: the publisher's split where there is one, else every second woman. */
const PART_OF: Readonly<Record<string, (row: Row) => boolean>> = {
  busi: ({ split }) => split === 'train',
  busbra: () => false,
  cesm: ({ split }) => split === 'train',
  mias: ({ split }) => split === 'train',
  thermo_landmarks: ({ id }) => Number(/p(\d+)$/.exec(id ?? '')?.[1]) % 2 === 0,
  thermo_temperature: ({ id }) => Number(/T(\d+)$/.exec(id ?? '')?.[1]) % 2 === 0,
}

/** @param data folder of the data sets. @param set one of `PART_OF`. */
export function ofManifest(data: string, set: string): Picture[] {
  const rows: Row[] = parse(readFileSync(path.join(data, set, 'manifest.csv')), { columns: true })
  return rows.map((row) => ({
    set,
    id: row.id ?? '',
    file: path.join(data, set, row.image ?? ''),
    part: PART_OF[set]!(row) ? 'develop' : 'held-out',
    isMalignant: row.class === 'malignant',
  }))
}

/** Pictures of a folder; every second one by name is in the develop part, or none. */
export function ofFolder(folder: string, set: string, isDivided: boolean): Picture[] {
  const names = readdirSync(folder).filter((name) => /\.(png|jpe?g|tif)$/i.test(name))
  return names.toSorted().map((name, i) => ({
    set,
    id: name,
    file: path.join(folder, name),
    part: isDivided && i % 2 === 0 ? 'develop' : 'held-out',
    isMalignant: false,
  }))
}
