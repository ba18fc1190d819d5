import { hash } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import path from 'node:path'
import { compareSides } from '#assessment/left-right.ts'
import { isUnjudgeable } from '#core/absent.ts'
import { ScreeningError } from '#core/errors.ts'
import type { ImageReport, ModelReport, Report } from '#core/report.ts'
import type { Language } from '#core/words.ts'
import { readBytes } from '#disk/read.ts'
import { composeReport } from '#report/compose.ts'
import type { ImageAsset } from '#report/figures.ts'
import { renderHtml } from '#report/page.ts'
import type { LocatedImage, Study } from './read-study.ts'
import { ResultFolder } from './result-folder.ts'
import { factsOf, type ScreenedImage, screenImage } from './screen-image.ts'
import type { Segmenter } from './segment.ts'
import { softwareVersion } from './version.ts'

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
  /** Folder for report.json, report.html, masks/ and overlays/. An earlier report in it is replaced. */
  readonly out: string
  readonly now: Date
  /** The language in which the page opens; it holds both. */
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
}

/**
 * Screens both breasts: every image is decoded, checked, standardised, segmented and measured, and one report is
 * written. An image that cannot be read is named in it and the rest goes on. The folder appears whole or not at all.
 *
 * @returns undefined when `signal` ended it; nothing is written then.
 * @throws OUTPUT_EXISTS, OUTPUT_UNWRITABLE, and what the segmenter throws that concerns every image.
 */
export async function screen(study: Study, options: ScreenOptions): Promise<Screening | undefined> {
  const { out, signal, onProgress } = options
  await using folder = await ResultFolder.open(out)
  const total = study.images.length
  const ids = imageIds(study.images)
  const conflicting = await givenForBothSides(study.images)
  const images: ImageReport[] = []
  const screened: ScreenedImage[] = []
  for (const [done, image] of study.images.entries()) {
    if (signal?.aborted) return undefined
    onProgress?.({ done, total, file: image.file })
    const result = await screenOne(image, ids[done] ?? '', conflicting, options)
    images.push('report' in result ? result.report : result)
    if (!('report' in result)) continue
    screened.push(result)
    for (const file of result.files) await folder.write(file.path, file.content)
  }
  if (signal?.aborted) return undefined
  const report = composeReport({
    study,
    softwareVersion,
    createdAt: options.now,
    model: options.model,
    images,
    refused: study.refused,
    comparison: compareSides(screened.flatMap(({ report, summary }) => (isUnjudgeable(report.marking) ? [] : summary))),
  })
  const assets = new Map<string, ImageAsset>(screened.map(({ report: { id }, asset }) => [id, asset]))
  await folder.write('report.json', `${JSON.stringify(report, null, 2)}\n`)
  await folder.write('report.html', renderHtml(report, assets, { language: options.language ?? 'zh' }))
  await folder.finish()
  onProgress?.({ done: total, total, file: '' })
  const place = path.resolve(out)
  return { report, folder: place, json: path.join(place, 'report.json'), html: path.join(place, 'report.html') }
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

/** Paths of those images whose very bytes are given for the left and for the right: one of the two is wrong. */
async function givenForBothSides(images: readonly LocatedImage[]): Promise<ReadonlySet<string>> {
  const byContent = new Map<string, LocatedImage[]>()
  for (const image of images) {
    const content = await readFile(image.path).catch(() => undefined)
    if (content === undefined) continue
    const sha256 = hash('sha256', content)
    byContent.set(sha256, [...(byContent.get(sha256) ?? []), image])
  }
  const conflicts = [...byContent.values()].filter((same) => new Set(same.map(({ side }) => side)).size > 1)
  return new Set(conflicts.flat().map(({ path: file }) => file))
}

/** Codes of errors that would meet every image: they end the work. */
const FATAL: ReadonlySet<string> = new Set(['INTERNAL', 'ENGINE_FAILED', 'DEVICE_UNAVAILABLE', 'MODEL_INVALID'])

async function screenOne(
  image: LocatedImage,
  id: string,
  conflicting: ReadonlySet<string>,
  { segmenter, onUnreadable }: ScreenOptions,
): Promise<ScreenedImage | ImageReport> {
  try {
    if (conflicting.has(image.path)) throw new ScreeningError('LATERALITY_CONFLICT', { file: image.file })
    return await screenImage(await readBytes(image.path), image, id, segmenter)
  } catch (error) {
    if (!(error instanceof ScreeningError) || FATAL.has(error.code)) throw error
    onUnreadable?.(image.file, error)
    return { status: 'unreadable', ...factsOf(image, id), code: error.code }
  }
}
