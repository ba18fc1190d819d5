import { lstat, readFile, rm } from 'node:fs/promises'
import path from 'node:path'
import { parse } from 'csv-parse/sync'
import { stringify } from 'csv-stringify/sync'
import { type Absent, isAbsent } from '#core/absent.ts'
import { ScreeningError } from '#core/errors.ts'
import { appendLine, clearTemporaries, cutBack } from '#disk/durable.ts'
import { identityOf, type RefusedInput } from './inputs.ts'
import { prepareFolder, unwritable, writeOutput, writing } from './output.ts'

/** One row of `predictions.csv`. */
export interface Prediction {
  /** Base name of the image; its mask has the same with `.png`. */
  readonly file: string
  /** Presence score, 0..1, or why there is none. */
  readonly presence: number | Absent
  /** Number of outlines: 8-connected regions of the mask. */
  readonly lesions: number
  /** Pixels of the image inside the outlines. */
  readonly areaPx: number
  /** From the mask before it, or from the beginning, to this one. */
  readonly milliseconds: number
  /** Of the whole mask, 0..1, or why there is none. */
  readonly expectedDice: number | Absent
  /** Of each outline, largest first. */
  readonly outlines: readonly OutlineConfidence[]
  /** Base name of the other exposure of its view, where both were read together. */
  readonly readWith?: string | undefined
}

export interface OutlineConfidence {
  readonly expectedDice: number | Absent
  readonly outlineUncertaintyPx: number
}

/** By these a later run knows the table as ours; those after them may change between versions. */
const FIRST_COLUMNS = ['file', 'presence', 'lesions', 'areaPx', 'milliseconds']
const COLUMNS = [...FIRST_COLUMNS, 'expectedDice', 'outlineExpectedDice', 'outlineUncertaintyPx', 'readWith']
const ERROR_COLUMNS = ['file', 'code', 'message']
const HEADER = `${COLUMNS}\n`

/** Name of an image's mask. */
export function maskName(file: string): string {
  return `${path.parse(file).name}.png`
}

/**
 * The folder that a segmentation writes into: masks, `predictions.csv` and `errors.csv`. Other files may stand in it.
 *
 * - A file is ours if it is one of the two tables with our header, or a mask that our `predictions.csv` lists. No other
 *   file is replaced or removed.
 * - A mask is listed before it appears, and those of an earlier run are gone before the first of this one is listed: a
 *   row never describes a mask of another image or run. Only where a process was killed may the last row have no mask.
 * - So whatever was killed, the next run knows its masks and begins anew.
 */
export class MaskFolder {
  private readonly folder: string
  private readonly table: string
  private readonly errors: string
  /** Masks that an earlier run listed. */
  private readonly earlier: ReadonlySet<string>
  /** Bytes of `predictions.csv` as far as its masks are written; 0 while the folder holds what an earlier run left. */
  private tableBytes = 0

  private constructor(folder: string, earlier: ReadonlySet<string>) {
    this.folder = folder
    this.table = tableIn(folder)
    this.errors = errorsIn(folder)
    this.earlier = earlier
  }

  /** Makes the folder, or looks whether a table in it is ours. @throws OUTPUT_EXISTS where it is not; OUTPUT_UNWRITABLE. */
  static async open(folder: string): Promise<MaskFolder> {
    const listed = await namesListed(tableIn(folder), FIRST_COLUMNS)
    await namesListed(errorsIn(folder), ERROR_COLUMNS)
    await prepareFolder(folder)
    return new MaskFolder(folder, new Set(listed.map(maskName)))
  }

  /**
   * Removes what an earlier run left, also a killed one, and begins the table.
   * @param inputs identities of files that stay even where they are listed.
   * @throws OUTPUT_UNWRITABLE
   */
  async empty(inputs: ReadonlySet<string>): Promise<void> {
    await remove(this.errors)
    for (const name of this.earlier) {
      const mask = path.join(this.folder, name)
      const found = await lstat(mask).catch(() => undefined)
      if (found?.isFile() && !inputs.has((await identityOf(mask)) ?? '')) await remove(mask)
    }
    await clearTemporaries(this.folder)
    // Last: until then the table of the earlier run says which masks are ours.
    await writeOutput(this.table, HEADER)
    this.tableBytes = Buffer.byteLength(HEADER)
  }

  /**
   * Lists a mask and writes it. @param png its file.
   * @returns whether an earlier run had listed a mask of its name.
   * @throws OUTPUT_EXISTS where something stands in its place; OUTPUT_UNWRITABLE.
   */
  async put(prediction: Prediction, png: Uint8Array): Promise<boolean> {
    const name = maskName(prediction.file)
    const mask = path.join(this.folder, name)
    if (await stands(mask)) throw new ScreeningError('OUTPUT_EXISTS', { file: name })
    const row = rowOf(prediction)
    try {
      await writing(this.table, () => appendLine(this.table, row))
      await writeOutput(mask, png)
    } catch (error) {
      await writing(this.table, () => cutBack(this.table, this.tableBytes))
      throw error
    }
    this.tableBytes += Buffer.byteLength(row) + 1
    return this.earlier.has(name)
  }

  /** Writes `errors.csv` where anything was refused. Does nothing where the folder still holds an earlier run. */
  async noteRefused(refused: readonly RefusedInput[]): Promise<void> {
    if (this.tableBytes === 0 || refused.length === 0) return
    const rows = refused.map(({ file, error }) => ({ file, code: error.code, message: error.message }))
    await writeOutput(this.errors, stringify(rows, { header: true, columns: ERROR_COLUMNS }))
  }
}

const tableIn = (folder: string) => path.join(folder, 'predictions.csv')
const errorsIn = (folder: string) => path.join(folder, 'errors.csv')

/** The column `file` of a table of ours; nothing where there is no table. @throws OUTPUT_EXISTS where it is not ours. */
async function namesListed(table: string, firstColumns: readonly string[]): Promise<string[]> {
  const text = await readTable(table)
  if (text === undefined) return []
  // A row that a kill has torn was listed before its mask was written: there is none.
  const lenient = { bom: true, relax_column_count: true, skip_records_with_error: true } as const
  const [header = [], ...rows] = parse(text, lenient)
  if (firstColumns.some((column, index) => header[index] !== column)) throw stranger(table)
  return rows.filter((row) => row.length === header.length).map(([file = '']) => file)
}

async function readTable(table: string): Promise<string | undefined> {
  try {
    return await readFile(table, 'utf8')
  } catch (cause) {
    const code = (cause as NodeJS.ErrnoException).code
    // ENOTDIR: a file where the folder should be, which making the folder will refuse
    if (code === 'ENOENT' || code === 'ENOTDIR') return undefined
    throw code === 'EISDIR' ? stranger(table) : unwritable(table, cause)
  }
}

function stranger(table: string): ScreeningError {
  const output = path.basename(path.dirname(path.resolve(table)))
  return new ScreeningError('OUTPUT_EXISTS', { output, found: path.basename(table) })
}

/** Whether anything is there, a link that leads nowhere too. */
async function stands(file: string): Promise<boolean> {
  try {
    await lstat(file)
    return true
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === 'ENOENT') return false
    throw unwritable(file, cause)
  }
}

function remove(file: string): Promise<void> {
  return writing(file, () => rm(file, { force: true }))
}

/** A row of `predictions.csv`, without its end of line. */
function rowOf({ presence, expectedDice, outlines, ...row }: Prediction): string {
  const cells = {
    ...row,
    presence: cell(presence, 4),
    expectedDice: cell(expectedDice, 3),
    outlineExpectedDice: outlines.map((outline) => cell(outline.expectedDice, 3)).join(';'),
    outlineUncertaintyPx: outlines.map((outline) => cell(outline.outlineUncertaintyPx, 1)).join(';'),
  }
  return stringify([cells], { columns: COLUMNS, eof: false })
}

function cell(value: number | Absent, digits: number): string {
  return isAbsent(value) ? value.absent : value.toFixed(digits)
}
