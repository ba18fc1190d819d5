import { readFile } from 'node:fs/promises'
import path from 'node:path'
import { type AbsenceReason, type Absent, absent, isAbsent } from '#core/absent.ts'
import { companionsOf } from '#core/companions.ts'
import { ScreeningError } from '#core/errors.ts'
import type { RasterImage } from '#core/image.ts'
import type { Mask } from '#core/mask.ts'
import type { Modality } from '#core/modality.ts'
import type { Energy } from '#core/study.ts'
import { PIXEL_GRID } from '#core/units.ts'
import type { Component } from '#imaging/components.ts'
import { decodeImage } from '#imaging/decode.ts'
import { encodeMaskPng } from '#imaging/encode.ts'
import type { FirstLook } from '#imaging/judgeable.ts'
import { meanBandWidth } from '#imaging/perimeter.ts'
import type { Standardised } from '#imaging/standardise.ts'
import { type InputImage, identityOf, listImages, type RefusedInput } from './inputs.ts'
import { type Judgement, judgementOf, type SecondLook } from './judgement.ts'
import { MaskFolder, maskName, type Prediction } from './mask-folder.ts'
import { ofOneImage } from './one-image.ts'
import { pairReader, pairsTogether, type Reading } from './pair-reader.ts'

/** What finds lesions in an image: a model that is loaded. */
export interface Segmenter {
  /** Without `energy` a mammogram is one without contrast agent. */
  isValidatedOn(modality: Modality, energy: Energy | undefined): boolean
  /** What a picture's own measures say of whether it is one of the modality; see {@link judgementOf}. */
  judge(raster: RasterImage, modality: Modality): FirstLook
  /** @throws MODALITY_NOT_VALIDATED when the model gives no automatic mask for the modality. */
  standardise(raster: RasterImage, modality: Modality): Standardised
  segment(standardised: Standardised, modality: Modality): Promise<Segmented>
  /** Both exposures of one view of contrast mammography, where the model reads them together. */
  segmentPair?(
    pair: Readonly<Record<Energy, Standardised>>,
    modality: Modality,
  ): Promise<Readonly<Record<Energy, Segmented>>>
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
  /** What the model's trunk says of the kind of picture, where it can. */
  readonly secondLook?: SecondLook | undefined
}

export interface MarkedRegion {
  readonly region: Component
  /** Of this region, 0..1. */
  readonly expectedDice: number | Absent
  /** Area of the band in which its outline might as well run, pixels of the original. */
  readonly bandAreaPx: number
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
  /** Images that are blank, noise, or of something else. They get a mask here, without confidence; no screening marks them. */
  readonly unjudgeable: readonly UnjudgeableImage[]
  /** Images that look unlike those that the software learned from: marked, with a notice. */
  readonly unfamiliar: readonly string[]
  /** How many inputs were named. */
  readonly named: number
  /** Masks of names that an earlier run had listed in the folder. */
  readonly replaced: number
  /** True when `signal` ended it before the last image. */
  readonly interrupted: boolean
}

export interface UnjudgeableImage {
  readonly file: string
  readonly reason: AbsenceReason
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

type Seen = (Reading<InputImage> & { readonly judged: Judgement }) | { readonly error: unknown }

/**
 * Writes one 0/255 PNG mask per image, at the image's own size and under its base name, and `predictions.csv`. An image
 * that cannot be segmented is refused by name and the rest goes on. Every mask appears whole or not at all, and what an
 * earlier run left in the folder is removed before the first; see {@link MaskFolder}.
 *
 * @param openSegmenter called once there is something to segment.
 * @throws MODALITY_UNKNOWN, MANIFEST_INVALID, NO_IMAGES, OUTPUT_EXISTS, OUTPUT_UNWRITABLE; what `openSegmenter` throws.
 */
export async function segment(
  options: SegmentOptions,
  openSegmenter: () => Promise<Segmenter & AsyncDisposable>,
): Promise<Segmentation> {
  const { signal, onProgress } = options
  const inputs = await listImages(options.inputs, { modality: options.modality, leaveOut: options.out })
  if (inputs.images.length + inputs.refused.length === 0) throw new ScreeningError('NO_IMAGES')
  const identities = await identitiesOf(inputs.images)
  const companions = companionsOf(inputs.images, ({ viewName, energy }) => ({ view: viewName, energy }))
  const ordered = pairsTogether(inputs.images, companions)
  const { jobs, refused } = await giveNames(ordered, options.out, identities)
  const refusals: RefusedInput[] = []
  const refuse = (input: RefusedInput) => {
    refusals.push(input)
    options.onRefused?.(input)
  }
  for (const input of [...inputs.refused, ...refused]) refuse(input)

  const folder = await MaskFolder.open(options.out)
  const predictions: Prediction[] = []
  const notValidated: string[] = []
  const unjudgeable: UnjudgeableImage[] = []
  const unfamiliar: string[] = []
  let replaced = 0
  try {
    await using segmenter = jobs.length > 0 ? await openSegmenter() : undefined
    // Not before there is a model: what an earlier run made is worth more than an empty folder.
    if (!signal?.aborted) await folder.empty(identities)
    const lap = stopwatch()
    const read = segmenter && pairReader(segmenter, companions)
    const look = (job: InputImage | undefined) => lookAt(job, segmenter, read, signal)
    let ahead = look(jobs[0])
    for (const [index, job] of jobs.entries()) {
      if (segmenter === undefined || signal?.aborted) break
      onProgress?.({ done: index, total: jobs.length, file: job.file })
      const looked = ahead
      // The next image is decoded while the model looks at this one, and looked at while this one's mask is drawn.
      ahead = look(jobs[index + 1])
      try {
        const seen = await looked
        const milliseconds = Math.round(lap())
        if ('error' in seen) throw seen.error
        const prediction = { ...predictionOf(job, seen, segmenter), milliseconds }
        if (await folder.put(prediction, await encodeMaskPng(seen.mask))) replaced++
        predictions.push(prediction)
        if (!segmenter.isValidatedOn(job.modality, job.energy)) notValidated.push(job.file)
        if (isAbsent(seen.judged)) unjudgeable.push({ file: job.file, reason: seen.judged.absent })
        if (seen.judged === 'unfamiliar') unfamiliar.push(job.file)
      } catch (error) {
        refuse({ file: job.file, error: ofOneImage(error, job.file) })
      }
    }
    await ahead
  } finally {
    await folder.noteRefused(refusals)
  }
  const interrupted = signal?.aborted ?? false
  if (!interrupted) onProgress?.({ done: jobs.length, total: jobs.length, file: '' })
  const named = inputs.images.length + inputs.refused.length
  return { predictions, refused: refusals, notValidated, unjudgeable, unfamiliar, replaced, named, interrupted }
}

async function identitiesOf(images: readonly InputImage[]): Promise<Set<string>> {
  const identities = new Set<string>()
  for (const image of images) {
    const identity = await identityOf(image.path)
    if (identity !== undefined) identities.add(identity)
  }
  return identities
}

/** Of two images whose masks would share a name, the second is refused; so is one whose mask's place is an input. */
async function giveNames(
  images: readonly InputImage[],
  out: string,
  identities: ReadonlySet<string>,
): Promise<{ jobs: InputImage[]; refused: RefusedInput[] }> {
  const jobs: InputImage[] = []
  const refused: RefusedInput[] = []
  const taken = new Map<string, string>()
  for (const image of images) {
    const { file } = image
    const mask = maskName(file)
    // Some file systems take `A.png` and `a.png` for the same.
    const key = mask.toLowerCase()
    const takenBy = taken.get(key)
    if (takenBy !== undefined) {
      refused.push({ file, error: new ScreeningError('OUTPUT_NAME_TAKEN', { file, mask, takenBy }) })
    } else if (identities.has((await identityOf(path.join(out, mask))) ?? '')) {
      refused.push({ file, error: new ScreeningError('OUTPUT_IS_INPUT', { file, mask }) })
    } else {
      taken.set(key, file)
      jobs.push(image)
    }
  }
  return { jobs, refused }
}

/** Milliseconds since it was last asked, or made. */
function stopwatch(): () => number {
  let since = performance.now()
  return () => {
    const [before, now] = [since, performance.now()]
    since = now
    return now - before
  }
}

/** Never rejects: it runs ahead, when nobody is waiting yet. */
async function lookAt(
  job: InputImage | undefined,
  segmenter: Segmenter | undefined,
  read: ReturnType<typeof pairReader<InputImage>> | undefined,
  signal: AbortSignal | undefined,
): Promise<Seen> {
  if (job === undefined || segmenter === undefined || read === undefined || signal?.aborted) return { error: undefined }
  const { modality, file } = job
  try {
    const raster = await decodeImage(await readInput(job), file)
    const first = segmenter.judge(raster, modality)
    const standardised = segmenter.standardise(raster, modality)
    // What is refused itself has no part in how its companion is read, nor that in how it is.
    const found = isAbsent(first) ? await alone(segmenter, standardised, modality) : await read(job, standardised)
    return { ...found, judged: judgementOf(first, found.secondLook) }
  } catch (error) {
    return { error }
  }
}

async function alone(segmenter: Segmenter, standardised: Standardised, modality: Modality) {
  return { ...(await segmenter.segment(standardised, modality)), readWith: undefined }
}

async function readInput({ path: file, file: name }: InputImage): Promise<Uint8Array> {
  try {
    return await readFile(file)
  } catch (cause) {
    throw new ScreeningError('INPUT_NOT_FOUND', { file: name }, { cause })
  }
}

function predictionOf(
  job: InputImage,
  seen: Exclude<Seen, { error: unknown }>,
  segmenter: Segmenter,
): Omit<Prediction, 'milliseconds'> {
  const { mask, presence, expectedDice, regions, judged } = seen
  // A model's confidence holds where it was validated, and on pictures of what it was validated on.
  const isValidated = segmenter.isValidatedOn(job.modality, job.energy)
  const refusal = isAbsent(judged) ? judged : isValidated ? undefined : absent('modality-not-validated')
  const validated = (value: number | Absent) => refusal ?? value
  const outlines = regions.map(({ region, bandAreaPx, expectedDice }) => ({
    expectedDice: validated(expectedDice),
    outlineUncertaintyPx: meanBandWidth(bandAreaPx, region, PIXEL_GRID),
  }))
  const counts = { lesions: regions.length, areaPx: mask.areaPx }
  const readWith = seen.readWith?.file
  return {
    file: job.file,
    presence,
    ...counts,
    ...(readWith !== undefined && { readWith }),
    expectedDice: validated(expectedDice),
    outlines,
  }
}
