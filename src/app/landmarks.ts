import { readFile } from 'node:fs/promises'
import path from 'node:path'
import { stringify } from 'csv-stringify/sync'
import { type Absent, isAbsent } from '#core/absent.ts'
import { ScreeningError } from '#core/errors.ts'
import type { Modality, Side } from '#core/modality.ts'
import type { SessionOptions } from '#engine/protocol.ts'
import { decodeImage } from '#imaging/decode.ts'
import { toGrey } from '#imaging/grey.ts'
import type { StoreOptions } from '#sam/weights.ts'
import { type InputImage, identityOf, listImages, type RefusedInput } from './inputs.ts'
import { type LandmarkFinder, openLandmarkFinder, type Proposal } from './landmark-finder.ts'
import { ofOneImage } from './one-image.ts'
import { unwritable, writeOutput } from './output.ts'
import { displayable } from './picture.ts'

/** One row of `landmarks.csv`: what is proposed for one breast, for a doctor to confirm. */
export interface LandmarkRow {
  readonly file: string
  readonly side: Side
  /** Absent with the reason where nothing was found. */
  readonly proposal: Proposal | Absent
}

export interface LandmarksResult {
  readonly rows: readonly LandmarkRow[]
  readonly refused: readonly RefusedInput[]
  readonly named: number
  readonly interrupted: boolean
}

export interface LandmarksOptions {
  /** Files, folders and manifests; see {@link listImages}. */
  readonly inputs: readonly string[]
  /** The table to write. */
  readonly out: string
  readonly modality: Modality
  readonly device?: SessionOptions['device'] | undefined
  readonly threads?: number | undefined
  readonly signal?: AbortSignal | undefined
  readonly onProgress?: ((progress: { readonly done: number; readonly total: number }) => void) | undefined
  /** The base weights are fetched or made. */
  readonly onWeights?: StoreOptions['onProgress'] | undefined
  readonly onRefused?: ((refused: RefusedInput) => void) | undefined
}

const NUMBERS = ['nippleX', 'nippleY', 'breastX0', 'breastY0', 'breastX1', 'breastY1', 'confidence']
const COLUMNS = ['file', 'side', ...NUMBERS]
const HEADER = COLUMNS.join()

/**
 * Proposes nipples and breast boxes on frontal thermograms and writes them as one table, whole or not at all. An image
 * that is no frontal thermogram is refused by name and the rest goes on.
 *
 * @throws NO_IMAGES, MANIFEST_INVALID, OUTPUT_EXISTS, OUTPUT_UNWRITABLE; as `openLandmarkFinder`.
 */
export async function proposeAll(options: LandmarksOptions): Promise<LandmarksResult> {
  const { out, signal, onProgress } = options
  const inputs = await listImages(options.inputs, { modality: options.modality, leaveOut: undefined })
  // a table of an earlier run may lie among the images of the folder
  const own = await identityOf(out)
  await checkReplaceable(out)
  const images: InputImage[] = []
  for (const image of inputs.images) {
    if (own === undefined || (await identityOf(image.path)) !== own) images.push(image)
  }
  if (images.length + inputs.refused.length === 0) throw new ScreeningError('NO_IMAGES')
  const { device, threads, onWeights } = options
  const open = () =>
    openLandmarkFinder({
      ...{ device, threads },
      ...(signal && { signal }),
      ...(onWeights && { onProgress: onWeights }),
    })
  await using finder = images.some(({ modality }) => modality === 'TG') ? await open() : undefined
  const refused: RefusedInput[] = []
  const refuse = (input: RefusedInput) => {
    refused.push(input)
    options.onRefused?.(input)
  }
  for (const input of inputs.refused) refuse(input)
  const rows: LandmarkRow[] = []
  for (const [done, image] of images.entries()) {
    if (signal?.aborted) break
    onProgress?.({ done, total: images.length })
    try {
      rows.push(...(await rowsOf(image, finder)))
    } catch (error) {
      refuse({ file: image.file, error: ofOneImage(error, image.file) })
    }
  }
  const interrupted = signal?.aborted ?? false
  if (!interrupted) await writeOutput(out, tableOf(rows))
  return { rows, refused, named: images.length + inputs.refused.length, interrupted }
}

async function rowsOf(
  { path: full, file, modality }: InputImage,
  finder: LandmarkFinder | undefined,
): Promise<LandmarkRow[]> {
  if (modality !== 'TG' || finder === undefined) throw new ScreeningError('MODALITY_NOT_VALIDATED', { file, modality })
  const bytes = await readFile(full).catch((cause) => {
    throw new ScreeningError('FILE_UNREADABLE', { file }, { cause })
  })
  const proposals = await finder.find(toGrey(displayable(await decodeImage(bytes, file))))
  if (isAbsent(proposals)) throw new ScreeningError('LANDMARKS_NOT_FOUND', { file, reason: proposals.absent })
  if (isAbsent(proposals.R) && isAbsent(proposals.L)) {
    throw new ScreeningError('LANDMARKS_NOT_FOUND', { file, reason: proposals.R.absent })
  }
  return (['R', 'L'] as const).map((side) => ({ file, side, proposal: proposals[side] }))
}

/** The table's text; numbers in pixels of the image to a tenth, empty where nothing was found. */
export function tableOf(rows: readonly LandmarkRow[]): string {
  const cells = rows.map(({ file, side, proposal }) => [file, side, ...cellsOf(proposal)])
  return stringify([COLUMNS, ...cells])
}

function cellsOf(proposal: Proposal | Absent): string[] {
  if (isAbsent(proposal)) return NUMBERS.map(() => '')
  const { nipple, box, confidence } = proposal
  return [...[nipple.x, nipple.y, ...box].map((px) => px.toFixed(1)), confidence.toFixed(3)]
}

/** @throws OUTPUT_EXISTS where something other than a table of ours stands in its place. */
async function checkReplaceable(out: string): Promise<void> {
  const stranger = () => new ScreeningError('OUTPUT_EXISTS', { output: path.basename(path.resolve(out)) })
  const text = await readFile(out, 'utf8').catch((cause: NodeJS.ErrnoException) => {
    if (cause.code === 'ENOENT') return undefined
    throw cause.code === 'EISDIR' ? stranger() : unwritable(out, cause)
  })
  if (text !== undefined && text.split('\n')[0] !== HEADER) throw stranger()
}
