import { readFile } from 'node:fs/promises'
import path from 'node:path'
import { CsvError, type Info, parse } from 'csv-parse/sync'
import { z } from 'zod'
import { companionsOf } from '#core/companions.ts'
import { ScreeningError } from '#core/errors.ts'
import { Modality, Side } from '#core/modality.ts'
import type { Energy } from '#core/study.ts'
import { connected } from './ties.ts'

const blankAsNull = <T extends z.ZodType>(schema: T) =>
  z.preprocess((value) => (value === undefined || value === '' ? null : value), schema.nullable())

/** How manifests, in any case, and file names call the two exposures of contrast mammography. */
const ENERGIES = {
  'low-energy': 'low-energy',
  dm: 'low-energy',
  le: 'low-energy',
  subtracted: 'subtracted',
  'subtracted-contrast': 'subtracted',
  recombined: 'subtracted',
  cm: 'subtracted',
  re: 'subtracted',
} as const satisfies Record<string, Energy>
type EnergySpelling = keyof typeof ENERGIES

const EnergyColumn = z
  .string()
  .toLowerCase()
  .pipe(z.enum(Object.keys(ENERGIES) as EnergySpelling[]))
  .transform((spelling): Energy => ENERGIES[spelling])

/** The exposure that a manifest's column `energy` names; undefined where it names none. */
export function energyOfColumn(text: string | null | undefined): Energy | undefined {
  return EnergyColumn.safeParse(text).data
}

/** The columns that the software reads; others are carried past. Only `id`, `image` and `split` must be filled. */
const Columns = z.object({
  id: z.string().min(1),
  image: z.string().min(1),
  mask: blankAsNull(z.string()),
  class: blankAsNull(z.enum(['benign', 'malignant', 'normal'])),
  split: z.enum(['train', 'val', 'test', 'external-test']),
  group: blankAsNull(z.string()),
  near_duplicate_of: blankAsNull(z.string()),
  class_conflict: blankAsNull(z.enum(['0', '1'])),
  patient: blankAsNull(z.string()),
  side: blankAsNull(Side),
  view: blankAsNull(z.string()),
  modality: blankAsNull(Modality),
  energy: blankAsNull(EnergyColumn),
})

export type Split = z.infer<typeof Columns>['split']
export const SPLITS = Columns.shape.split.options

/** One image of a data set. Paths are absolute. */
export interface ManifestRow {
  readonly id: string
  /** Line in the manifest on which the row begins, as an editor counts; the header is line 1. */
  readonly line: number
  readonly imageFile: string
  /** `null` where the row names none: allowed for normal images only. */
  readonly maskFile: string | null
  readonly class: 'benign' | 'malignant' | 'normal' | 'unknown'
  readonly split: Split
  /** Near-duplicates share a group; groups never straddle splits. */
  readonly group: string | null
  readonly nearDuplicateOf: string | null
  /** The same picture carries another class elsewhere in the set. */
  readonly classConflict: boolean
  readonly patient: string | null
  readonly side: Side | null
  readonly view: string | null
  readonly modality: Modality
  /** Which exposure of contrast mammography it is; `null` for every other image. */
  readonly energy: Energy | null
  /** The image of the other exposure of the same view, where there is just one. */
  readonly companionFile: string | null
  /** Name of the folder that the manifest stands in; data sets are sampled in balance. */
  readonly dataset: string
  /** Images that are not independent of each other (one patient, one group, near-duplicates) share one. */
  readonly cluster: string
}
type LoneRow = Omit<ManifestRow, 'cluster' | 'companionFile'>

/** A row that cannot be used, by the line in the manifest on which it begins (the header is line 1). */
export interface BadRow {
  readonly dataset: string
  readonly line: number
  /** Empty where it has none, or where its cells do not fit the header. */
  readonly id: string
  readonly reason: string
}

export interface Manifest {
  readonly rows: readonly ManifestRow[]
  readonly badRows: readonly BadRow[]
}

/**
 * Reads a `manifest.csv`: UTF-8 with a header line; image and mask paths are relative to the manifest's folder.
 * @param modality what the images are of, where the column `modality` is missing or empty.
 * @throws MANIFEST_INVALID when the file is no such table; MODALITY_UNKNOWN when nothing says of any row what it is of;
 *   SPLIT_LEAK.
 */
export async function readManifest(file: string, modality: Modality | undefined): Promise<Manifest> {
  let text: string
  try {
    text = await readFile(file, 'utf8')
  } catch (cause) {
    throw new ScreeningError('MANIFEST_INVALID', { file: path.basename(file), problem: 'cannot be read' }, { cause })
  }
  return parseManifest(text, { folder: path.dirname(path.resolve(file)), modality })
}

/** {@link readManifest} on the file's text. */
export function parseManifest(
  text: string,
  { folder, modality }: { readonly folder: string; readonly modality: Modality | undefined },
): Manifest {
  const dataset = path.basename(folder)
  const records = parseCsv(text, dataset)
  const fitting = records.filter(({ cells }) => cells !== null)
  if (modality === undefined && fitting.length > 0 && fitting.every(({ cells }) => !cells?.modality)) {
    throw new ScreeningError('MODALITY_UNKNOWN', { dataset })
  }
  const rows: LoneRow[] = []
  const badRows: BadRow[] = []
  const seen = new Map<string, number>()
  for (const record of records) {
    const row = toRow(record, seen, { folder, dataset, modality })
    if ('reason' in row) badRows.push({ dataset, line: record.line, id: record.cells?.id ?? '', ...row })
    else rows.push(row)
  }
  refuseLeaks(rows)
  return { rows: clustered(rows), badRows }
}

/** One row of the table. */
interface TableRow {
  /** On which it begins; blank lines and line breaks between quotes count. */
  readonly line: number
  /** By column. `null` where they are more or fewer than the header's: which is which is not known. */
  readonly cells: Readonly<Record<string, string>> | null
}

function parseCsv(text: string, dataset: string): TableRow[] {
  const [header, ...rows] = parseLines(text, dataset)
  if (!header || rows.length === 0) throw new ScreeningError('MANIFEST_INVALID', { dataset, problem: 'no rows' })
  const columns = header.cells
  const missing = ['id', 'image', 'split'].filter((column) => !columns.includes(column))
  if (missing.length > 0) throw new ScreeningError('MANIFEST_INVALID', { dataset, missingColumns: missing })
  return rows.map(({ line, cells }) => ({
    line,
    cells: cells.length === columns.length ? Object.fromEntries(cells.map((cell, i) => [columns[i]!, cell])) : null,
  }))
}

function parseLines(text: string, dataset: string): { readonly line: number; readonly cells: readonly string[] }[] {
  const options = { bom: true, trim: true, skip_empty_lines: true, relax_column_count: true, info: true }
  let found: { readonly record: readonly string[]; readonly info: Info }[]
  try {
    // with one kind of line break the parser counts lines rightly between quotes too
    found = parse(text.replace(/\r\n?/g, '\n'), options) as unknown as typeof found
  } catch (cause) {
    throw new ScreeningError('MANIFEST_INVALID', { dataset, problem: csvProblem(cause) }, { cause })
  }
  return found.map(({ record, info }) => ({ line: info.lines - record.join('').split('\n').length + 1, cells: record }))
}

/** What is wrong with a table, without what stands in it: the parser's own sentences quote cells, which may be a name. */
export function csvProblem(error: unknown): string {
  if (!(error instanceof CsvError)) return 'cannot be read'
  const line = 'lines' in error ? ` near line ${error.lines}` : ''
  return `${error.code}${line}`
}

interface Place {
  readonly folder: string
  readonly dataset: string
  /** Of rows whose column is empty. */
  readonly modality: Modality | undefined
}

/** @param seen lines of the ids so far; gets this one's. */
function toRow(
  { line, cells }: TableRow,
  seen: Map<string, number>,
  { folder, dataset, modality: given }: Place,
): LoneRow | Pick<BadRow, 'reason'> {
  if (cells === null) return { reason: 'more or fewer cells than the header has' }
  const parsed = Columns.safeParse(cells)
  if (!parsed.success) return { reason: parsed.error.issues.map(reasonOf).join('; ') }
  const columns = parsed.data
  const firstLine = seen.get(columns.id)
  if (firstLine !== undefined) return { reason: `id already used on line ${firstLine}` }
  seen.set(columns.id, line)
  if (columns.mask === null && columns.class !== 'normal') return { reason: 'no mask, and the class is not normal' }
  const modality = columns.modality ?? given
  if (modality === undefined) return { reason: 'modality: empty, and no --modality stands in' }
  return {
    id: columns.id,
    line,
    imageFile: path.resolve(folder, columns.image),
    maskFile: columns.mask === null ? null : path.resolve(folder, columns.mask),
    class: columns.class ?? 'unknown',
    split: columns.split,
    group: columns.group,
    nearDuplicateOf: columns.near_duplicate_of,
    classConflict: columns.class_conflict === '1',
    patient: columns.patient,
    side: columns.side,
    view: columns.view,
    modality,
    energy: columns.energy,
    dataset,
  }
}

/** The column and what it may hold; what it does hold may be a name. */
function reasonOf({ path: at, message }: z.core.$ZodIssue): string {
  return `${at.join('.')}: ${message}`
}

/**
 * Joins manifests of one training or evaluation. Those whose folders have the same name are one data set: an id counts
 * once in it, and nobody stands in two of its splits.
 * @throws SPLIT_LEAK
 */
export function joinManifests(manifests: readonly Manifest[]): Manifest {
  const rows = new Map<string, ManifestRow>()
  const badRows = manifests.flatMap((manifest) => manifest.badRows)
  for (const row of manifests.flatMap((manifest) => manifest.rows)) {
    const name = `${row.dataset}/${row.id}`
    const { dataset, line, id } = row
    if (rows.has(name)) badRows.push({ dataset, line, id, reason: 'id already used in a manifest of this data set' })
    else rows.set(name, row)
  }
  const joined = [...rows.values()]
  refuseLeaks(joined)
  return { rows: clustered(joined), badRows }
}

/** By column, the names that tie rows to each other: of one woman or one picture, also where no row has that name. */
const TIES: Readonly<Record<string, (row: LoneRow) => readonly (string | null)[]>> = {
  group: ({ group }) => [group],
  patient: ({ patient }) => [patient],
  near_duplicate_of: ({ id, nearDuplicateOf }) => [id, nearDuplicateOf],
}

/** A woman or a picture that stands in two splits would be examined on what was taught: all is refused. */
function refuseLeaks(rows: readonly LoneRow[]): void {
  for (const [column, namesOf] of Object.entries(TIES)) {
    const first = new Map<string, LoneRow>()
    for (const row of rows) {
      for (const name of namesOf(row).filter((name) => name !== null)) {
        const key = `${row.dataset}/${name}`
        const other = first.get(key) ?? row
        first.set(key, other)
        if (other.split !== row.split) throw leak(column, other, row)
      }
    }
  }
}

/** Two rows of different splits that are of one woman or one picture, as an error. */
export function leak(column: string, one: LoneRow, other: LoneRow): ScreeningError {
  const ids = [one.id, other.id]
  const splits = [one.split, other.split]
  return new ScreeningError('SPLIT_LEAK', { dataset: one.dataset, column, ids, splits })
}

/** What ties a row to others; its own name first. */
export function rowTies(row: LoneRow): string[] {
  const own = `${row.dataset}/near_duplicate_of/${row.id}`
  const ties = Object.entries(TIES).flatMap(([column, namesOf]) =>
    namesOf(row).flatMap((name) => (name === null ? [] : [`${row.dataset}/${column}/${name}`])),
  )
  return [own, ...ties]
}

function clustered(rows: readonly LoneRow[]): ManifestRow[] {
  const clusters = connected(rows, rowTies)
  const companions = companionsOf(rows, exposureOf)
  return rows.map((row) => {
    const companionFile = companions.get(row)?.imageFile ?? null
    return { ...row, cluster: clusters.get(row) ?? row.id, companionFile }
  })
}

function exposureOf({ dataset, patient, side, view, energy }: LoneRow) {
  const isKnown = patient !== null && side !== null && view !== null
  return { view: isKnown ? [dataset, patient, side, view].join('/') : null, energy }
}
