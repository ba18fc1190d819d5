import { hash } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import path from 'node:path'
import { compareSides } from '#assessment/left-right.ts'
import { intakeReport, refusalOf } from '#assessment/red-flags.ts'
import { withBothViews } from '#assessment/two-views.ts'
import { type Absent, absent, isAbsent, isUnjudgeable } from '#core/absent.ts'
import { companionsOf, type ExposureOfView } from '#core/companions.ts'
import { ScreeningError } from '#core/errors.ts'
import type { Mask } from '#core/mask.ts'
import type { ImageReport, ModelReport, Report } from '#core/report.ts'
import type { Language } from '#core/words.ts'
import { readBytes } from '#disk/read.ts'
import { decodeMask } from '#imaging/decode.ts'
import { encodePng } from '#imaging/encode.ts'
import type { Standardised } from '#imaging/standardise.ts'
import { composeReport } from '#report/compose.ts'
import type { Assets, ImageAsset } from '#report/figures.ts'
import { renderHtml } from '#report/page.ts'
import { print } from '#report/print.ts'
import { reportPaper } from '#report/report-paper.ts'
import { renderSlip } from '#report/slip-page.ts'
import { slipPaper } from '#report/slip-paper.ts'
import { withContralateral } from './contralateral.ts'
import { pictureOfSequence } from './made-picture.ts'
import type { NippleFinder } from './nipple.ts'
import { ofOneImage } from './one-image.ts'
import { pairReader } from './pair-reader.ts'
import { printedAddress } from './picture.ts'
import type { LocatedImage, Study } from './read-study.ts'
import { ResultFolder } from './result-folder.ts'
import type { Scorer } from './scorer.ts'
import { factsOf, type GivenBeside, type ScreenedImage, screenImage } from './screen-image.ts'
import type { Segmenter } from './segment.ts'
import { type RecordedSequence, readSequence, recordingOf } from './sequence-file.ts'
import { softwareVersion } from './version.ts'
import { warmRegions } from './warm-regions.ts'

export { refusalOf }

export interface ScreenProgress {
  readonly done: number
  readonly total: number
  /** The image that is looked at now; empty when all are done. */
  readonly file: string
}

export interface ScreenOptions {
  /** What finds lesions; its model is named on the report. */
  readonly segmenter: Segmenter
  readonly model: ModelReport
  /** Scores what is marked; without it no region has a score. */
  readonly scorer?: Scorer | undefined
  /** Without it no nipple is proposed, on an image of any kind. */
  readonly nippleFinder?: NippleFinder | undefined
  /** Folder for the report, the slip, masks/ and overlays/. An earlier report in it is replaced. */
  readonly out: string
  readonly now: Date
  /** The language of what is printed, and that in which the pages open, which hold both. */
  readonly language?: Language | undefined
  readonly signal?: AbortSignal | undefined
  readonly onProgress?: ((progress: ScreenProgress) => void) | undefined
  /** An image could not be read; the rest goes on. */
  readonly onUnreadable?: ((file: string, error: ScreeningError) => void) | undefined
}

/** What a screening has written, as absolute paths, and the report itself. */
export interface Screening {
  readonly report: Report
  readonly folder: string
  readonly json: string
  readonly html: string
  readonly pdf: string
  /** For the woman, as PDF. */
  readonly slip: string
}

/**
 * Screens both breasts: every image is decoded, checked, standardised, segmented and measured, and one report is
 * written. An image that cannot be read is named in it and the rest goes on. The folder appears whole or not at all.
 *
 * @returns undefined when `signal` ended it; nothing is written then.
 * @throws SUBJECT_REFUSED where the intake is not that of an adult woman; OUTPUT_EXISTS, OUTPUT_UNWRITABLE, and what the
 *   segmenter throws that concerns every image.
 */
export async function screen(study: Study, options: ScreenOptions): Promise<Screening | undefined> {
  const { out, signal, onProgress } = options
  const { intake } = study
  const reason = intake && refusalOf(intake)
  if (reason !== undefined) throw new ScreeningError('SUBJECT_REFUSED', { reason })
  await using folder = await ResultFolder.open(out)
  const total = study.images.length
  const ids = imageIds(study.images)
  const conflicting = await givenForBothSides(study.images)
  // What is refused itself has no part in how another image is read.
  const companions = companionsOf(
    study.images.filter((image) => !conflicting.has(image) && !image.isMadeFromSequence),
    exposureOf,
  )
  const read = pairReader(options.segmenter, companions)
  const images: ImageReport[] = []
  const screened: ScreenedImage[] = []
  for (const [done, image] of study.images.entries()) {
    if (signal?.aborted) return undefined
    onProgress?.({ done, total, file: image.file })
    const companion = companions.get(image)
    const companionId = companion && ids[study.images.indexOf(companion)]
    const segment = async (standardised: Standardised) => {
      const { readWith, ...segmented } = await read(image, standardised)
      return { ...segmented, ...(readWith && { readWith: companionId }) }
    }
    const result = await screenOne(image, ids[done] ?? '', segment, conflicting, options)
    images.push('report' in result ? result.report : result)
    if (!('report' in result)) continue
    screened.push(result)
    for (const file of result.files) await folder.write(file.path, file.content)
  }
  if (signal?.aborted) return undefined
  const judged = screened.filter(({ report: { marking } }) => !isUnjudgeable(marking))
  const withOther = new Map(withContralateral(judged).map((image) => [image.id, image]))
  const report = composeReport({
    study,
    softwareVersion,
    createdAt: options.now,
    intake: intake && intakeReport(intake),
    model: options.model,
    images: withBothViews(images.map((image) => withOther.get(image.id) ?? image)),
    refused: study.refused,
    comparison: compareSides(judged.map(({ summary }) => summary)),
    breasts: study.breasts,
    biomarkers: study.biomarkers,
    vascularity: screened.flatMap(({ breast }) => breast.vascularity),
    hotspots: warmRegions(judged),
  })
  const assets = new Map<string, ImageAsset>(screened.map(({ report: { id }, asset }) => [id, asset]))
  await writeDocuments(folder, report, assets, options.language ?? 'zh')
  await folder.finish()
  onProgress?.({ done: total, total, file: '' })
  const place = path.resolve(out)
  const at = (file: string) => path.join(place, file)
  const printed = { pdf: at('report.pdf'), slip: at('slip.pdf') }
  return { report, folder: place, json: at('report.json'), html: at('report.html'), ...printed }
}

/** The report as data, page and print, and the woman's slip. */
async function writeDocuments(folder: ResultFolder, report: Report, assets: Assets, language: Language) {
  const printed = await asPrinted(assets)
  await folder.write('report.json', `${JSON.stringify(report, null, 2)}\n`)
  await folder.write('report.html', renderHtml(report, assets, { language }))
  await folder.write('report.pdf', await print(reportPaper(report, printed, { language })))
  await folder.write('slip.html', renderSlip(report, { language }))
  await folder.write('slip.pdf', await print(slipPaper(report, { language })))
}

async function asPrinted(assets: Assets): Promise<Assets> {
  const printed = [...assets].map(
    async ([id, asset]) => [id, { ...asset, href: await printedAddress(asset.href) }] as const,
  )
  return new Map(await Promise.all(printed))
}

/** The exposures of one standard view of one breast on one day. */
function exposureOf({ modality, side, view, date, energy }: LocatedImage): ExposureOfView {
  const hasView = modality === 'MG' && view !== 'unspecified'
  return { view: hasView ? [side, view, date].join(' ') : undefined, energy }
}

/** Side, view and energy, and a number where two images share them. */
function imageIds(images: readonly LocatedImage[]): string[] {
  const seen = new Map<string, number>()
  return images.map(({ side, modality, view, energy }) => {
    const id = [side, view === 'unspecified' ? modality : view, ...(energy === undefined ? [] : [energy])].join('-')
    const count = (seen.get(id) ?? 0) + 1
    seen.set(id, count)
    return count === 1 ? id : `${id}-${count}`
  })
}

/** Those images whose very picture or recording is given for the left and for the right, and not as one of both: one of the two is wrong. */
async function givenForBothSides(images: readonly LocatedImage[]): Promise<ReadonlySet<LocatedImage>> {
  const byContent = new Map<string, LocatedImage[]>()
  for (const image of images) {
    for (const sha256 of await contentsOf(image)) byContent.set(sha256, [...(byContent.get(sha256) ?? []), image])
  }
  const conflicts = [...byContent.values()].filter(
    (same) => new Set(same.map(({ side }) => side)).size > 1 && !same.every(({ isBilateral }) => isBilateral),
  )
  return new Set(conflicts.flat())
}

/** What tells the picture and the recording from others, of those that can be read. */
async function contentsOf({ path: file, sequencePath, isMadeFromSequence }: LocatedImage): Promise<string[]> {
  const picture = isMadeFromSequence ? undefined : readFile(file).then((bytes) => hash('sha256', bytes))
  const recording = sequencePath === undefined ? undefined : recordingOf(sequencePath).then((of) => JSON.stringify(of))
  const read = await Promise.allSettled([picture, recording])
  return read.flatMap((one) => (one.status === 'fulfilled' && one.value !== undefined ? one.value : []))
}

async function screenOne(
  image: LocatedImage,
  id: string,
  segment: GivenBeside['segment'],
  conflicting: ReadonlySet<LocatedImage>,
  { segmenter, scorer, nippleFinder, onUnreadable }: ScreenOptions,
): Promise<ScreenedImage | ImageReport> {
  try {
    if (conflicting.has(image)) throw new ScreeningError('LATERALITY_CONFLICT', { file: image.file })
    const outline = await outlineOf(image)
    const sequence = await sequenceOf(image, onUnreadable)
    const { bytes, madeFrom } = await pictureBytes(image, sequence)
    const score: GivenBeside['score'] = (region) => scorer?.(image.modality, region) ?? absent('risk-not-validated')
    const proposeNipple = nippleFinder ?? (async () => absent('not-evaluated'))
    const given = { segment, outline, sequence, madeFrom, score, proposeNipple }
    return await screenImage(bytes, image, id, given, segmenter)
  } catch (cause) {
    const error = ofOneImage(cause, image.file)
    onUnreadable?.(image.file, error)
    return { status: 'unreadable', ...factsOf(image, id), code: error.code }
  }
}

/** The file of an image, or the picture that is made of its sequence. @throws PICTURE_NOT_GIVEN, FILE_UNREADABLE */
async function pictureBytes(
  { path: file, file: name, isMadeFromSequence }: LocatedImage,
  sequence: GivenBeside['sequence'],
) {
  if (!isMadeFromSequence) return { bytes: await readBytes(file) }
  if (isAbsent(sequence)) throw new ScreeningError('PICTURE_NOT_GIVEN', { file: name, sequence: sequence.absent })
  const bytes = await encodePng(pictureOfSequence(sequence))
  return { bytes, madeFrom: { sha256: (await recordingOf(file)).sha256 } }
}

async function outlineOf({ outlinePath }: LocatedImage): Promise<Mask | undefined> {
  return outlinePath === undefined ? undefined : decodeMask(await readBytes(outlinePath), path.basename(outlinePath))
}

/** A sequence that cannot be read costs the kinetics, not the image. */
async function sequenceOf(
  { sequencePath }: LocatedImage,
  onUnreadable: ScreenOptions['onUnreadable'],
): Promise<RecordedSequence | Absent> {
  if (sequencePath === undefined) return absent('single-frame')
  const file = path.basename(sequencePath)
  try {
    return await readSequence(sequencePath)
  } catch (error) {
    onUnreadable?.(file, ofOneImage(error, file))
    return absent('sequence-unreadable')
  }
}
