import { readdir, readFile, stat } from 'node:fs/promises'
import path from 'node:path'
import { parse } from 'csv-parse/sync'
import { ScreeningError } from '#core/errors.ts'
import { Modality } from '#core/modality.ts'
import { type Energy, factsOfName, nameWithoutEnergy } from '#core/study.ts'
import { csvProblem, energyOfColumn } from '#training/manifest.ts'

/** One image to look at. */
export interface InputImage {
  /** Absolute path. */
  readonly path: string
  /** Its base name, which results and errors name it by. */
  readonly file: string
  readonly modality: Modality
  /** Of contrast mammography, from the manifest's column or the file's name; otherwise it is a plain mammogram. */
  readonly energy?: Energy | undefined
  /** Of a mammogram: the same for the exposures of one view, by the manifest's patient, side and view or by the name. */
  readonly viewName?: string | undefined
}

/** An input that was named but cannot be looked at, and why. The others go on. */
export interface RefusedInput {
  readonly file: string
  readonly error: ScreeningError
}

export interface Inputs {
  readonly images: readonly InputImage[]
  readonly refused: readonly RefusedInput[]
}

/** Written by file managers beside images; they hold nothing of a patient. */
const NOT_INPUTS = new Set(['thumbs.db', 'desktop.ini'])

/**
 * The images that files, folders and manifests name, in order.
 *
 * - a `.csv` file is a manifest: a table with a header and at least the column `image` (paths relative to the manifest);
 *   its `modality` column, where filled, goes before `modality`, its `energy` column before the file's name
 * - a folder with a `manifest.csv` is that manifest; any other folder is every file in it and in its subfolders, except
 *   hidden ones and links to folders (which may lead round in circles), sorted by path
 * - anything else is an image, whatever its name ends with
 *
 * @param leaveOut a folder whose content is not input: where the results go.
 * @throws MODALITY_UNKNOWN when a file or folder is named and `modality` is not given; MANIFEST_INVALID.
 */
export async function listImages(
  named: readonly string[],
  { modality, leaveOut }: { readonly modality?: Modality | undefined; readonly leaveOut?: string | undefined },
): Promise<Inputs> {
  const images: InputImage[] = []
  const refused: RefusedInput[] = []
  for (const name of named) {
    const manifest = await manifestOf(name)
    const found =
      manifest === undefined ? await filesOf(name, modality, leaveOut) : await manifestRows(manifest, modality)
    images.push(...found.images)
    refused.push(...found.refused)
  }
  return { images, refused }
}

/** Which file or folder a path leads to, whatever way it is spelled; undefined where it leads nowhere. */
export async function identityOf(place: string): Promise<string | undefined> {
  return stat(place, { bigint: true }).then(
    ({ dev, ino }) => `${dev}:${ino}`,
    () => undefined,
  )
}

async function manifestOf(name: string): Promise<string | undefined> {
  const inFolder = path.join(name, 'manifest.csv')
  if (await isKind(inFolder, 'isFile')) return inFolder
  return name.toLowerCase().endsWith('.csv') && (await isKind(name, 'isFile')) ? name : undefined
}

async function isKind(file: string, kind: 'isFile' | 'isDirectory'): Promise<boolean> {
  return stat(file).then(
    (found) => found[kind](),
    () => false,
  )
}

async function filesOf(name: string, modality: Modality | undefined, leaveOut: string | undefined): Promise<Inputs> {
  const isFolder = await isKind(name, 'isDirectory')
  if (!isFolder && !(await isKind(name, 'isFile'))) {
    const file = path.basename(name)
    return { images: [], refused: [{ file, error: new ScreeningError('INPUT_NOT_FOUND', { file }) }] }
  }
  if (modality === undefined) throw new ScreeningError('MODALITY_UNKNOWN', { input: path.basename(path.resolve(name)) })
  const refused: RefusedInput[] = []
  const left = leaveOut === undefined ? undefined : await identityOf(leaveOut)
  const files = isFolder ? await filesUnder(path.resolve(name), left, refused) : [path.resolve(name)]
  return { images: files.map((file) => inputImage(file, modality)), refused }
}

function inputImage(full: string, modality: Modality, energy?: Energy, viewName?: string): InputImage {
  const file = path.basename(full)
  if (modality !== 'MG') return { path: full, file, modality }
  const ofName = path.join(path.dirname(full), nameWithoutEnergy(file))
  return { path: full, file, modality, energy: energy ?? factsOfName(file).energy, viewName: viewName ?? ofName }
}

/** @param left identity of a folder to leave out. @param refused gets the folders that cannot be read. */
async function filesUnder(folder: string, left: string | undefined, refused: RefusedInput[]): Promise<string[]> {
  const entries = await readdir(folder, { withFileTypes: true }).catch((cause) => {
    const file = path.basename(folder)
    refused.push({ file, error: new ScreeningError('FILE_UNREADABLE', { file }, { cause }) })
    return []
  })
  const files: string[] = []
  for (const entry of entries.sort((a, b) => (a.name < b.name ? -1 : 1))) {
    const full = path.join(folder, entry.name)
    if (entry.name.startsWith('.') || NOT_INPUTS.has(entry.name.toLowerCase())) continue
    if (entry.isDirectory()) {
      if (left === undefined || (await identityOf(full)) !== left)
        files.push(...(await filesUnder(full, left, refused)))
    } else if (!(entry.isSymbolicLink() && (await isKind(full, 'isDirectory')))) files.push(full)
  }
  return files
}

async function manifestRows(manifest: string, given: Modality | undefined): Promise<Inputs> {
  const images: InputImage[] = []
  const refused: RefusedInput[] = []
  for (const { image, modality: told, energy: named, patient, side, view } of await readTable(manifest)) {
    const file = path.basename(image ?? '')
    const modality = told === undefined || told === '' ? given : Modality.safeParse(told).data
    const energy = energyOfColumn(named)
    if (modality === undefined) {
      refused.push({ file, error: new ScreeningError('MODALITY_UNKNOWN', { file, column: 'modality' }) })
    } else if (named && energy === undefined) {
      refused.push({ file, error: new ScreeningError('MANIFEST_ROW_REFUSED', { file, column: 'energy' }) })
    } else {
      const viewName = patient && side && view ? JSON.stringify([manifest, patient, side, view]) : undefined
      images.push(inputImage(path.resolve(path.dirname(manifest), image ?? ''), modality, energy, viewName))
    }
  }
  return { images, refused }
}

type InputColumn = 'image' | 'modality' | 'energy' | 'patient' | 'side' | 'view'

async function readTable(manifest: string): Promise<Partial<Record<InputColumn, string>>[]> {
  const file = path.basename(manifest)
  let rows: Record<string, string>[]
  try {
    rows = parse(await readFile(manifest), { columns: true, bom: true, trim: true, skip_empty_lines: true })
  } catch (cause) {
    throw new ScreeningError('MANIFEST_INVALID', { file, problem: csvProblem(cause) }, { cause })
  }
  if (rows.length === 0) throw new ScreeningError('MANIFEST_INVALID', { file, problem: 'no rows' })
  if (rows[0]?.image === undefined) throw new ScreeningError('MANIFEST_INVALID', { file, missingColumns: ['image'] })
  return rows
}
