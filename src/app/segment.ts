import { readFile, rm, stat } from 'node:fs/promises'
import path from 'node:path'
import { stringify } from 'csv-stringify/sync'
import { type Absent, absent, isAbsent } from '#core/absent.ts'
import { ScreeningError } from '#core/errors.ts'
import type { RasterImage } from '#core/image.ts'
import type { Mask } from '#core/mask.ts'
import type { Modality } from '#core/modality.ts'
import type { Energy } from '#core/study.ts'
import { PIXEL_GRID } from '#core/units.ts'
import { makeFolder } from '#disk/durable.ts'
import type { Component } from '#imaging/components.ts'
import { decodeImage } from '#imaging/decode.ts'
import { encodeMaskPng } from '#imaging/encode.ts'
import { meanBandWidth } from '#imaging/perimeter.ts'
import type { Standardised } from '#imaging/standardise.ts'
import { type InputImage, listImages, type RefusedInput } from './inputs.ts'
import { unwritable, writeOutput } from './output.ts'

/** What finds lesions in an image: a model that is loaded. */
export interface Segmenter {
  /** Without `energy` a mammogram is one without contrast agent. */
  isValidatedOn(modality: Modality, energy: Energy | undefined): boolean
  /** @throws MODALITY_NOT_VALIDATED when the model gives no automatic mask for the modality. */
  standardise(raster: RasterImage, modality: Modality): Standardised
  segment(standardised: Standardised, modality: Modality): Promise<Segmented>
}

/** What a segmenter makes of one image. */
export interface Segmented {
  /** Of the size of the original image. */
  readonly mask: Mask
  /** Presence score, 0..1: higher where a lesion is likelier. Not a probability. */
  readonly presence: number | Absent
  /** Of the whole mask, 0..1. */
  readonly expectedDice: number | Absent
  /** The regions of the mask, largest first. */
  readonly regions: readonly MarkedRegion[]
}

export interface MarkedRegion {
  readonly region: Component
  /** Of this region, 0..1. */
  readonly expectedDice: number | Absent
  /** Area of the band in which its outline might as well run, pixels of the original. */
  readonly bandAreaPx: number
}

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
  /** From the file's bytes to the mask, without writing it. */
  readonly milliseconds: number
  /** Of the whole mask, 0..1, or why there is none. */
  readonly expectedDice: number | Absent
  /** Of each outline, largest first. */
  readonly outlines: readonly OutlineConfidence[]
}

export interface OutlineConfidence {
  readonly expectedDice: number | Absent
  readonly outlineUncertaintyPx: number
}

export interface SegmentProgress {
  readonly done: number
  readonly total: number
  readonly file: string
}

export interface Segmentation {
  readonly predictions: readonly Prediction[]
  readonly refused: readonly RefusedInput[]
  /**
   * Images with a mask, of the model's modality, yet not of the kind that it was validated on: mammograms that nothing
   * says are contrast mammography. A screening gives no mask there; here the caller is told.
   */
  readonly notValidated: readonly string[]
  /** How many inputs were named. */
  readonly named: number
  /** Masks of the same names that stood in the folder from an earlier run. */
  readonly replaced: number
  /** True when `signal` ended it before the last image. */
  readonly interrupted: boolean
}

export interface SegmentOptions {
  /** Files, folders and manifests; see {@link listImages}. */
  readonly inputs: readonly string[]
  /** Folder for the masks, `predictions.csv` and, where an input was refused, `errors.csv`. */
  readonly out: string
  /** What the images are of, where a manifest does not say. */
  readonly modality?: Modality | undefined
  readonly signal?: AbortSignal | undefined
  readonly onProgress?: ((progress: SegmentProgress) => void) | undefined
  readonly onRefused?: ((refused: RefusedInput) => void) | undefined
}

/** An image with the place of its mask. */
interface Job extends InputImage {
  readonly maskPath: string
}

type Prepared = { readonly standardised: Standardised; readonly milliseconds: number } | { readonly error: unknown }

/**
 * Writes one 0/255 PNG mask per image, at the image's own size and under its base name, and `predictions.csv`. An image
 * that cannot be segmented is refused by name and the rest goes on. Every file appears whole or not at all.
 *
 * @param openSegmenter called once there is something to segment.
 * @throws MODALITY_UNKNOWN, MANIFEST_INVALID, NO_IMAGES, OUTPUT_UNWRITABLE; what `openSegmenter` throws.
 */
export async function segment(
  options: SegmentOptions,
  openSegmenter: () => Promise<Segmenter & AsyncDisposable>,
): Promise<Segmentation> {
  const { signal, onProgress } = options
  const inputs = await listImages(options.inputs, { modality: options.modality, leaveOut: options.out })
  if (inputs.images.length + inputs.refused.length === 0) throw new ScreeningError('NO_IMAGES')
  const { jobs, refused } = giveNames(inputs.images, path.resolve(options.out))
  const refusals: RefusedInput[] = []
  const refuse = (input: RefusedInput) => {
    refusals.push(input)
    options.onRefused?.(input)
  }
  for (const input of [...inputs.refused, ...refused]) refuse(input)

  const isOurs = await claimFolder(options.out)
  const predictions: Prediction[] = []
  const notValidated: string[] = []
  let replaced = 0
  try {
    await using segmenter = jobs.length > 0 ? await openSegmenter() : undefined
    let ahead = prepare(jobs[0], segmenter)
    for (const [index, job] of jobs.entries()) {
      if (segmenter === undefined || signal?.aborted) break
      onProgress?.({ done: index, total: jobs.length, file: job.file })
      const prepared = await ahead
      // The next image is read and standardised while the model looks at this one.
      ahead = prepare(jobs[index + 1], segmenter)
      try {
        if ('error' in prepared) throw prepared.error
        const { prediction, mask } = await predict(job, prepared, segmenter)
        if (await writeMask(job, mask, isOurs)) replaced++
        predictions.push(prediction)
        if (!segmenter.isValidatedOn(job.modality, job.energy)) notValidated.push(job.file)
      } catch (error) {
        const refusal = ofOneImage(error, job.file)
        // An earlier run's mask under this name may be another woman's.
        if (isOurs) await rm(job.maskPath, { force: true })
        refuse({ file: job.file, error: refusal })
      }
    }
    await ahead
  } finally {
    // Also where an error ends the work: the table names the masks that are there.
    await writeTables(options.out, predictions, refusals)
  }
  const interrupted = signal?.aborted ?? false
  if (!interrupted) onProgress?.({ done: jobs.length, total: jobs.length, file: '' })
  const named = inputs.images.length + inputs.refused.length
  return { predictions, refused: refusals, notValidated, replaced, named, interrupted }
}

/** Gives each image its mask's path. Of two that would share one, the second is refused; so is one that is its own mask. */
function giveNames(images: readonly InputImage[], out: string): { jobs: Job[]; refused: RefusedInput[] } {
  const jobs: Job[] = []
  const refused: RefusedInput[] = []
  const taken = new Map<string, string>()
  const inputs = new Set(images.map((image) => image.path))
  for (const image of images) {
    const name = `${path.parse(image.file).name}.png`
    const maskPath = path.join(out, name)
    // Some file systems take `A.png` and `a.png` for the same.
    const key = name.toLowerCase()
    const holder = taken.get(key)
    if (holder !== undefined) {
      const error = new ScreeningError('OUTPUT_NAME_TAKEN', { file: image.file, mask: name, takenBy: holder })
      refused.push({ file: image.file, error })
    } else if (inputs.has(maskPath)) {
      refused.push({ file: image.file, error: new ScreeningError('OUTPUT_IS_INPUT', { file: image.file, mask: name }) })
    } else {
      taken.set(key, image.file)
      jobs.push({ ...image, maskPath })
    }
  }
  return { jobs, refused }
}

/** Never rejects: it runs ahead, when nobody is waiting yet. */
async function prepare(job: Job | undefined, segmenter: Segmenter | undefined): Promise<Prepared> {
  if (job === undefined || segmenter === undefined) return { error: undefined }
  const { modality, file } = job
  try {
    const bytes = await readInput(job)
    const started = performance.now()
    const raster = await decodeImage(bytes, file)
    const standardised = segmenter.standardise(raster, modality)
    return { standardised, milliseconds: performance.now() - started }
  } catch (error) {
    return { error }
  }
}

async function readInput({ path: file, file: name }: Job): Promise<Uint8Array> {
  try {
    return await readFile(file)
  } catch (cause) {
    throw new ScreeningError('INPUT_NOT_FOUND', { file: name }, { cause })
  }
}

async function predict(
  job: Job,
  prepared: Exclude<Prepared, { error: unknown }>,
  segmenter: Segmenter,
): Promise<{ prediction: Prediction; mask: Mask }> {
  const started = performance.now()
  const { mask, presence, expectedDice, regions } = await segmenter.segment(prepared.standardised, job.modality)
  // A model's confidence holds where it was validated.
  const isValidated = segmenter.isValidatedOn(job.modality, job.energy)
  const validated = (value: number | Absent) => (isValidated ? value : absent('modality-not-validated'))
  const outlines = regions.map(({ region, bandAreaPx, expectedDice }) => ({
    expectedDice: validated(expectedDice),
    outlineUncertaintyPx: meanBandWidth(bandAreaPx, region, PIXEL_GRID),
  }))
  const milliseconds = Math.round(prepared.milliseconds + performance.now() - started)
  const counts = { lesions: regions.length, areaPx: mask.areaPx, milliseconds }
  const prediction = { file: job.file, presence, ...counts, expectedDice: validated(expectedDice), outlines }
  return { prediction, mask }
}

/** @returns whether a mask of an earlier run was replaced. @throws OUTPUT_EXISTS where what stands there is none. */
async function writeMask({ maskPath }: Job, mask: Mask, isOurs: boolean): Promise<boolean> {
  const stands = await exists(maskPath)
  if (stands && !isOurs) throw new ScreeningError('OUTPUT_EXISTS', { file: path.basename(maskPath) })
  await writeOutput(maskPath, await encodeMaskPng(mask))
  return stands
}

/** Codes of errors that would meet every image: they end the work. */
const FATAL: ReadonlySet<string> = new Set(['INTERNAL', 'ENGINE_FAILED', 'MODEL_INVALID', 'OUTPUT_UNWRITABLE'])

/** Errors of one image are noted and the rest goes on. */
function ofOneImage(error: unknown, file: string): ScreeningError {
  if (!(error instanceof ScreeningError)) throw new ScreeningError('INTERNAL', { file }, { cause: error })
  if (FATAL.has(error.code)) throw error
  return error
}

async function exists(file: string): Promise<boolean> {
  return stat(file).then(
    () => true,
    () => false,
  )
}

/**
 * Makes the folder and puts an empty `predictions.csv` there: the sign by which a later run knows that the masks in it
 * may be replaced. @returns whether the sign was there already.
 */
async function claimFolder(folder: string): Promise<boolean> {
  const sign = path.join(folder, 'predictions.csv')
  if (await exists(sign)) return true
  try {
    await makeFolder(folder)
  } catch (cause) {
    throw unwritable(folder, cause)
  }
  await writeTables(folder, [], [])
  return false
}

async function writeTables(
  out: string,
  predictions: readonly Prediction[],
  refused: readonly RefusedInput[],
): Promise<void> {
  const rows = predictions.map(({ presence, expectedDice, outlines, ...row }) => ({
    ...row,
    presence: cell(presence, 4),
    expectedDice: cell(expectedDice, 3),
    outlineExpectedDice: outlines.map((outline) => cell(outline.expectedDice, 3)).join(';'),
    outlineUncertaintyPx: outlines.map((outline) => cell(outline.outlineUncertaintyPx, 1)).join(';'),
  }))
  const confidence = ['expectedDice', 'outlineExpectedDice', 'outlineUncertaintyPx']
  const columns = ['file', 'presence', 'lesions', 'areaPx', 'milliseconds', ...confidence]
  await writeOutput(path.join(out, 'predictions.csv'), stringify(rows, { header: true, columns }))
  const errorsFile = path.join(out, 'errors.csv')
  if (refused.length === 0) return rm(errorsFile, { force: true })
  const errors = refused.map(({ file, error }) => ({ file, code: error.code, message: error.message }))
  await writeOutput(errorsFile, stringify(errors, { header: true, columns: ['file', 'code', 'message'] }))
}

function cell(value: number | Absent, digits: number): string {
  return isAbsent(value) ? value.absent : value.toFixed(digits)
}
