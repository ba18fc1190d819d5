import { stringify } from 'csv-stringify/sync'
import { type AbsenceReason, type Absent, isAbsent } from '#core/absent.ts'
import { type ErrorCode, ScreeningError } from '#core/errors.ts'
import type { Modality } from '#core/modality.ts'
import type { LesionScore } from '#core/score.ts'
import { readBytes } from '#disk/read.ts'
import { decodeImage } from '#imaging/decode.ts'
import { type InputImage, listImages, type RefusedInput } from './inputs.ts'
import { type Judgement, judgementOf } from './judgement.ts'
import { measureMarked } from './measure-marked.ts'
import { ofOneImage } from './one-image.ts'
import { writeOutput } from './output.ts'
import type { Scorer } from './scorer.ts'
import type { Segmenter } from './segment.ts'

export interface AssessOptions {
  /** Files, folders and manifests; see {@link listImages}. */
  readonly inputs: readonly string[]
  /** The table to write. */
  readonly out: string
  /** What the images are of, where a manifest does not say. */
  readonly modality?: Modality | undefined
  readonly signal?: AbortSignal | undefined
  readonly onProgress?: ((progress: { readonly done: number; readonly total: number }) => void) | undefined
  /** An input that could not be read. */
  readonly onUnreadable?: ((refused: RefusedInput) => void) | undefined
}

/** What assesses: a model that marks and the score of what it marks. */
export interface Assessor extends AsyncDisposable {
  readonly segmenter: Pick<Segmenter, 'judge' | 'standardise' | 'segment'>
  readonly scorer: Scorer
}

type Judged = Exclude<Judgement, Absent>

/** One row of the table. */
export type AssessedRow =
  | { readonly file: string; readonly judged: Judged; readonly lesion: number; readonly scored: LesionScore }
  /** The software marked nothing: below every marked region, and no clearance. */
  | { readonly file: string; readonly judged: Judged; readonly lesion: null }
  | { readonly file: string; readonly refused: AbsenceReason | ErrorCode }

export interface Assessment {
  readonly rows: readonly AssessedRow[]
  readonly images: number
  /** Images without a score, whatever the reason. */
  readonly refused: number
  readonly interrupted: boolean
}

/** Modalities with a score. Of others nothing is marked here either: there would be nothing to say of it. */
const SCORED: readonly Modality[] = ['US']

/**
 * Scores every region that is marked on ultrasound images and writes one table, whole or not at all: a row for each region, one for
 * an image without any, one with the reason for an image that has no score.
 * @param open called once there is something to score.
 * @throws MODALITY_UNKNOWN, MANIFEST_INVALID, NO_IMAGES, OUTPUT_UNWRITABLE; what `open` throws.
 */
export async function assess(options: AssessOptions, open: () => Promise<Assessor>): Promise<Assessment> {
  const { signal, onProgress, out } = options
  const inputs = await listImages(options.inputs, { modality: options.modality })
  const total = inputs.images.length
  if (total + inputs.refused.length === 0) throw new ScreeningError('NO_IMAGES')
  const rows: AssessedRow[] = []
  const refuse = (refused: RefusedInput) => {
    rows.push({ file: refused.file, refused: refused.error.code })
    options.onUnreadable?.(refused)
  }
  for (const refused of inputs.refused) refuse(refused)
  const needsModel = inputs.images.some(({ modality }) => SCORED.includes(modality))
  await using assessor = needsModel ? await open() : undefined
  for (const [done, image] of inputs.images.entries()) {
    if (signal?.aborted) break
    onProgress?.({ done, total })
    try {
      rows.push(...(await assessImage(image, assessor)))
    } catch (error) {
      refuse({ file: image.file, error: ofOneImage(error, image.file) })
    }
  }
  const interrupted = signal?.aborted ?? false
  if (!interrupted) {
    await writeOutput(out, assessTable(rows))
    onProgress?.({ done: total, total })
  }
  const refused = rows.filter((row) => 'refused' in row).length
  return { rows, images: total + inputs.refused.length, refused, interrupted }
}

async function assessImage(
  { file, path, modality }: InputImage,
  assessor: Assessor | undefined,
): Promise<AssessedRow[]> {
  if (assessor === undefined || !SCORED.includes(modality)) return [{ file, refused: 'risk-not-validated' }]
  const raster = await decodeImage(await readBytes(path), file)
  const { segmenter, scorer } = assessor
  const first = segmenter.judge(raster, modality)
  if (isAbsent(first)) return [{ file, refused: first.absent }]
  const found = await segmenter.segment(segmenter.standardise(raster, modality), modality)
  const judged = judgementOf(first, found.secondLook)
  if (isAbsent(judged)) return [{ file, refused: judged.absent }]
  if (found.regions.length === 0) return [{ file, judged, lesion: null }]
  return measureMarked(raster, found, modality).map((features, i) => {
    const scored = scorer(modality, { features, presence: found.presence })
    return isAbsent(scored) ? { file, refused: scored.absent } : { file, judged, lesion: i + 1, scored }
  })
}

const COLUMNS = ['file', 'lesion', 'score', 'band', 'pMalignant', 'birads', 'refused']

/** The rows as CSV. `pMalignant` and `birads` are empty unless a prevalence was stated. */
export function assessTable(rows: readonly AssessedRow[]): string {
  return stringify(rows.map(cells), { header: true, columns: COLUMNS })
}

function cells(row: AssessedRow): Readonly<Record<string, string | number>> {
  if ('refused' in row) return { file: row.file, refused: row.refused }
  if (row.lesion === null) return { file: row.file, score: 0, band: 'nothing-marked' }
  const { score, band, estimate } = row.scored
  const estimated = isAbsent(estimate)
    ? {}
    : { pMalignant: estimate.probability.toPrecision(4), birads: estimate.category }
  return { file: row.file, lesion: row.lesion, score: printedScore(score), band, ...estimated }
}

/** Four digits after the point, never rounded to the 0 of an image without a mark, nor to 100. */
function printedScore(score: number): string {
  return Math.min(Math.max(score, 0.0001), 99.9999).toFixed(4)
}
