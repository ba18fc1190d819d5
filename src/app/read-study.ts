import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { readdir, readFile, stat } from 'node:fs/promises'
import path from 'node:path'
import type { z } from 'zod'
import type { Biomarker } from '#core/biomarkers.ts'
import type { BreastEntries } from '#core/breast-description.ts'
import { ScreeningError } from '#core/errors.ts'
import type { Intake } from '#core/intake.ts'
import { type Laterality, type Modality, Side } from '#core/modality.ts'
import type { RefusedImage } from '#core/report.ts'
import {
  bilateralProblem,
  factsOfName,
  StudyFile,
  type StudyFileImage,
  type StudyImage,
  settleLaterality,
  spacingOfFile,
  type View,
} from '#core/study.ts'

import { pathWithin } from './path-within.ts'

/** An image of a study and where it lies. */
export interface LocatedImage extends StudyImage {
  /** Absolute path; may be missing or unreadable, which is found out when it is read. Without a picture the sequence's. */
  readonly path: string
  /** No picture was given: it is made from the sequence. */
  readonly isMadeFromSequence?: boolean | undefined
  /** Of the mask that a doctor drew. */
  readonly outlinePath?: string | undefined
  /** Of a sequence.json. */
  readonly sequencePath?: string | undefined
}

/** One woman, one screening date: what to screen, and what was refused because its side is not settled. */
export interface Study {
  readonly id: string
  readonly date?: string | undefined
  /** Origin and licence of published images. */
  readonly note?: string | undefined
  readonly breasts?: BreastEntries | undefined
  readonly biomarkers?: readonly Biomarker[] | undefined
  readonly intake?: Intake | undefined
  readonly images: readonly LocatedImage[]
  readonly refused: readonly RefusedImage[]
}

export interface StudyDefaults {
  /** What the images are of, where study.json does not say. */
  readonly modality?: Modality | undefined
}

/** In a folder without study.json these lie beside the images and are no images. */
const BESIDE_IMAGES = new Set(['.json', '.md', '.txt', '.csv', '.html', '.htm', '.pdf', '.xml', '.ini', '.db'])

const STANDARD_VIEWS: readonly View[] = ['CC', 'MLO']

/**
 * Reads a study: a study.json, a folder with one, or a folder whose files say in their names what they show
 * (docs/study.md).
 * @throws STUDY_NOT_FOUND, STUDY_INVALID, STUDY_EMPTY, FILE_UNREADABLE, PATH_OUTSIDE_STUDY, MODALITY_UNKNOWN
 */
export async function readStudy(named: string, defaults: StudyDefaults = {}): Promise<Study> {
  const found = await stat(named).catch((cause) => {
    throw new ScreeningError('STUDY_NOT_FOUND', { study: path.basename(named) }, { cause })
  })
  if (!found.isDirectory()) return fromFile(path.resolve(named), defaults)
  const file = path.join(path.resolve(named), 'study.json')
  const hasFile = await stat(file).then(
    (entry) => entry.isFile(),
    () => false,
  )
  return hasFile ? fromFile(file, defaults) : fromFolder(path.resolve(named), defaults)
}

async function fromFile(file: string, defaults: StudyDefaults): Promise<Study> {
  const study = parseStudyFile(await reading(file, () => readFile(file, 'utf8')), path.basename(file))
  const folder = path.dirname(file)
  const within = (file: string | undefined) => (file === undefined ? undefined : pathWithin(folder, file))
  const paths = await Promise.all(
    study.images.map(async ({ file, outline, sequence }) => ({
      path: await pathWithin(folder, file ?? sequence ?? ''),
      outlinePath: await within(outline),
      sequencePath: await within(sequence),
    })),
  )
  const modality = study.modality ?? defaults.modality
  return settle(
    {
      ...{ id: study.id, date: study.date, note: study.note, intake: study.intake },
      ...{ breasts: study.breasts, biomarkers: study.biomarkers },
    },
    study.images.map((image, i) => ({
      ...image,
      ...paths[i]!,
      file: image.file ?? image.sequence ?? '',
      isMadeFromSequence: image.file === undefined,
      modality: image.modality ?? modality,
    })),
  )
}

function parseStudyFile(text: string, file: string): StudyFile {
  let json: unknown
  try {
    json = JSON.parse(text.replace(/^\uFEFF/, ''))
  } catch (cause) {
    throw new ScreeningError('STUDY_INVALID', { file, problem: 'not JSON' }, { cause })
  }
  const parsed = StudyFile.safeParse(json)
  if (!parsed.success) {
    const problems = parsed.error.issues.map(problemOf)
    throw new ScreeningError('STUDY_INVALID', { file, problems: problems.slice(0, 5) })
  }
  const files = parsed.data.images.map((image) => path.posix.normalize(image.file ?? image.sequence ?? ''))
  const twice = files.find((name, i) => files.indexOf(name) !== i)
  if (twice !== undefined) {
    throw new ScreeningError('STUDY_INVALID', { file, problems: [`images: ${path.basename(twice)} is named twice`] })
  }
  return parsed.data
}

/** Where and what, in words of the schema: a value, or a field that it does not know, might hold a name. */
function problemOf(issue: z.core.$ZodIssue): string {
  const at = issue.path.length === 0 ? 'study' : issue.path.join('.')
  return `${at}: ${issue.code === 'unrecognized_keys' ? `unknown fields: ${issue.keys.length}` : issue.message}`
}

/** @throws FILE_UNREADABLE, which names the last part of the path only. */
async function reading<T>(place: string, read: () => Promise<T>): Promise<T> {
  try {
    return await read()
  } catch (cause) {
    throw new ScreeningError('FILE_UNREADABLE', { file: path.basename(place) }, { cause })
  }
}

async function fromFolder(folder: string, { modality }: StudyDefaults): Promise<Study> {
  const entries = await reading(folder, () => readdir(folder, { withFileTypes: true }))
  const files = entries
    .filter((entry) => !entry.isDirectory() && !entry.name.startsWith('.'))
    .map(({ name }) => name)
    .filter((name) => !BESIDE_IMAGES.has(path.extname(name).toLowerCase()))
    .sort()
  const images = files.map((file) => ({ file, path: path.join(folder, file), modality }))
  return settle({ id: await idOfContent(images.map((image) => image.path)) }, images)
}

/** A folder's name may be a person's. The content names the study instead: the same images, the same id. */
async function idOfContent(files: readonly string[]): Promise<string> {
  const hash = createHash('sha256')
  for (const file of files) {
    try {
      for await (const chunk of createReadStream(file)) hash.update(chunk)
    } catch {
      hash.update('unreadable')
    }
  }
  return `study-${hash.digest('hex').slice(0, 12)}`
}

type Found = StudyFileImage &
  Pick<LocatedImage, 'file' | 'path' | 'outlinePath' | 'sequencePath' | 'isMadeFromSequence'> & {
    readonly modality: Modality | undefined
  }

/** Gives each image its side and what its name says where nothing else does; refuses those without a settled side. */
function settle(study: Omit<Study, 'images' | 'refused'>, found: readonly Found[]): Study {
  if (found.length === 0) throw new ScreeningError('STUDY_EMPTY')
  const images: LocatedImage[] = []
  const refused: RefusedImage[] = []
  for (const image of found) {
    const file = path.basename(image.file)
    const name = factsOfName(file)
    const laterality = settleLaterality(image.side, name.sides)
    if (laterality === 'side-unknown' || laterality === 'laterality-conflict') {
      const code = laterality === 'side-unknown' ? 'SIDE_UNKNOWN' : 'LATERALITY_CONFLICT'
      refused.push({ file, reason: laterality, code })
      continue
    }
    if (image.modality === undefined) throw new ScreeningError('MODALITY_UNKNOWN', { file })
    const { modality } = image
    // handheld ultrasound has no standard views: such a word in its name means something else
    const view = image.view ?? (modality === 'US' ? undefined : name.view) ?? 'unspecified'
    const located = locatedOf(image, { file, modality, view, energy: modality === 'MG' ? name.energy : undefined })
    const misplaced = misplacedField(located) ?? (laterality === 'B' ? bilateralProblem(located) : undefined)
    if (misplaced !== undefined) throw new ScreeningError('STUDY_INVALID', { file, problems: [misplaced] })
    images.push(...ofSides(located, laterality, image.nipplePx))
  }
  return { ...study, images: images.sort(byHanging), refused }
}

type OfNoSide = Omit<LocatedImage, 'side'>

function locatedOf(
  image: Found,
  { energy, ...facts }: Pick<LocatedImage, 'file' | 'modality' | 'view' | 'energy'>,
): OfNoSide {
  return {
    ...facts,
    path: image.path,
    outlinePath: image.outlinePath,
    sequencePath: image.sequencePath,
    isMadeFromSequence: image.isMadeFromSequence,
    energy: image.energy ?? energy,
    date: image.date,
    spacing: spacingOfFile(image),
    temperature: image.temperature,
    colourDoppler: image.colourDoppler,
    patientOrientation: image.patientOrientation,
    clock: image.clock,
    nippleDistanceMm: image.nippleDistanceMm,
    breastWidthPx: image.breastWidthPx,
  }
}

/** One image of a side, or one of either. */
function ofSides(image: OfNoSide, laterality: Laterality, nipple: StudyFileImage['nipplePx']): LocatedImage[] {
  const nippleOf = (side: Side) => (nipple === undefined || 'x' in nipple ? nipple : nipple[side])
  if (laterality !== 'B') return [{ ...image, side: laterality, nipplePx: nippleOf(laterality) }]
  return Side.options.map((side) => ({ ...image, side, isBilateral: true, nipplePx: nippleOf(side) }))
}

/** What means something on another kind of image is refused rather than ignored. */
function misplacedField({ temperature, colourDoppler, modality }: OfNoSide): string | undefined {
  if (temperature !== undefined && modality !== 'TG') return 'temperature: of thermograms (TG) only'
  return colourDoppler === true && modality !== 'US' ? 'colourDoppler: of ultrasound (US) only' : undefined
}

/** Right before left, CC before MLO before the rest, low energy before subtracted. */
function byHanging(a: LocatedImage, b: LocatedImage): number {
  const rank = ({ side, view, energy, file }: LocatedImage) => {
    const place = STANDARD_VIEWS.indexOf(view)
    return [side === 'R' ? 0 : 1, place < 0 ? STANDARD_VIEWS.length : place, view, energy ?? '', file].join('\u0000')
  }
  return rank(a) < rank(b) ? -1 : 1
}
