import { readFile } from 'node:fs/promises'
import path from 'node:path'
import { CsvError, parse } from 'csv-parse/sync'
import { z } from 'zod'
import { ScreeningError } from '#core/errors.ts'
import { Modality, Side } from '#core/modality.ts'
import type { Energy } from '#core/study.ts'

const blankAsNull = <T extends z.ZodType>(schema: T) =>
  z.preprocess((value) => (value === undefined || value === '' ? null : value), schema.nullable())

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
  energy: blankAsNull(z.string()),
})

/** How manifests call the two exposures of contrast mammography. */
const ENERGIES: Readonly<Record<string, Energy>> = {
  'low-energy': 'low-energy',
  subtracted: 'subtracted',
  'subtracted-contrast': 'subtracted',
}

/** The exposure that a manifest's column `energy` names. */
export function energyOfColumn(text: string | null | undefined): Energy | undefined {
  return ENERGIES[text ?? '']
}

export type Split = z.infer<typeof Columns>['split']
export const SPLITS = Columns.shape.split.options

/** One image of a data set. Paths are absolute. */
export interface ManifestRow {
  readonly id: string
  /** Line in the manifest; the header is line 1. */
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
  /** Name of the folder that the manifest stands in; data sets are sampled in balance. */
  readonly dataset: string
}

/** A row that cannot be used, by its line in the manifest (the header is line 1). */
export interface BadRow {
  readonly dataset: string
  readonly line: number
  readonly id: string
  readonly reason: string
}

export interface Manifest {
  readonly rows: readonly ManifestRow[]
  readonly badRows: readonly BadRow[]
}

/**
 * Reads a `manifest.csv`: UTF-8 with a header line; image and mask paths are relative to the manifest's folder.
 * @param modality what the images are of, where the manifest has no `modality` column.
 * @throws MANIFEST_INVALID when the file is no such table; MODALITY_UNKNOWN; SPLIT_LEAK.
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
  const rows: ManifestRow[] = []
  const badRows: BadRow[] = []
  const seen = new Map<string, number>()
  for (const [index, record] of records.entries()) {
    const line = index + 2
    const bad = (reason: string) => badRows.push({ dataset, line, id: record.id ?? '', reason })
    const parsed = Columns.safeParse(record)
    if (!parsed.success) {
      bad(parsed.error.issues.map((issue) => `${issue.path.join('.')}: ${issue.message}`).join('; '))
      continue
    }
    const firstLine = seen.get(parsed.data.id)
    if (firstLine !== undefined) {
      bad(`id already used on line ${firstLine}`)
      continue
    }
    seen.set(parsed.data.id, line)
    if (parsed.data.mask === null && parsed.data.class !== 'normal') {
      bad('no mask, and the class is not normal')
      continue
    }
    rows.push(toRow(parsed.data, line, folder, dataset, modality))
  }
  refuseLeaks(rows)
  return { rows, badRows }
}

function parseCsv(text: string, dataset: string): Record<string, string>[] {
  let records: Record<string, string>[]
  try {
    records = parse(text, { columns: true, bom: true, trim: true, skip_empty_lines: true })
  } catch (cause) {
    throw new ScreeningError('MANIFEST_INVALID', { dataset, problem: csvProblem(cause) }, { cause })
  }
  const columns = Object.keys(records[0] ?? {})
  const missing = ['id', 'image', 'split'].filter((column) => !columns.includes(column))
  if (records.length === 0) throw new ScreeningError('MANIFEST_INVALID', { dataset, problem: 'no rows' })
  if (missing.length > 0) throw new ScreeningError('MANIFEST_INVALID', { dataset, missingColumns: missing })
  return records
}

/** What is wrong with a table, without what stands in it: the parser's own sentences quote cells, which may be a name. */
export function csvProblem(error: unknown): string {
  if (!(error instanceof CsvError)) return 'cannot be read'
  const line = 'lines' in error ? ` near line ${error.lines}` : ''
  return `${error.code}${line}`
}

function toRow(
  columns: z.infer<typeof Columns>,
  line: number,
  folder: string,
  dataset: string,
  given: Modality | undefined,
): ManifestRow {
  const modality = columns.modality ?? given
  if (modality === undefined) throw new ScreeningError('MODALITY_UNKNOWN', { dataset, id: columns.id })
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
    energy: energyOfColumn(columns.energy) ?? null,
    dataset,
  }
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
  return { rows: joined, badRows }
}

/** A woman or a picture that stands in two splits would be examined on what was taught: all is refused. */
function refuseLeaks(rows: readonly ManifestRow[]): void {
  const refuse = (column: string, one: ManifestRow, other: ManifestRow) => {
    if (one.split === other.split) return
    const [ids, splits] = [
      [one.id, other.id],
      [one.split, other.split],
    ]
    throw new ScreeningError('SPLIT_LEAK', { dataset: one.dataset, column, ids, splits })
  }
  for (const column of ['group', 'patient'] as const) {
    const first = new Map<string, ManifestRow>()
    for (const row of rows.filter((row) => row[column] !== null)) {
      const name = `${row.dataset}/${row[column]}`
      const other = first.get(name)
      if (other === undefined) first.set(name, row)
      else refuse(column, other, row)
    }
  }
  const byId = new Map(rows.map((row) => [`${row.dataset}/${row.id}`, row]))
  for (const row of rows) refuse('near_duplicate_of', byId.get(`${row.dataset}/${row.nearDuplicateOf}`) ?? row, row)
}

/** Images that are not independent of each other: one patient, one group of near-duplicates, else the image alone. */
export function clusterOf(row: ManifestRow): string {
  return `${row.dataset}/${row.patient ?? row.group ?? row.id}`
}
