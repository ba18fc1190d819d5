import { type Absent, absent, isAbsent, isUnjudgeable } from '#core/absent.ts'
import type { IntakeReport } from '#core/intake.ts'
import type { Modality, Side } from '#core/modality.ts'
import { NOTICE_WORDS, type NoticeCode } from '#core/notices.ts'
import {
  type Comparison,
  type ImageReport,
  type MissingView,
  type ModelReport,
  REPORT_VERSION,
  type RefusedImage,
  Report,
  type SideReport,
  type SideStatus,
} from '#core/report.ts'
import type { Energy, View } from '#core/study.ts'
import { type BreastParts, describeBreast } from './describe-breast.ts'
import { highestScore, worseOf } from './highest-score.ts'

/** Everything that a report is made of. */
export interface ReportParts {
  readonly study: { readonly id: string; readonly date?: string | undefined; readonly note?: string | undefined }
  readonly softwareVersion: string
  readonly createdAt: Date
  /** What was asked of the woman; left out where nobody asked. */
  readonly intake?: IntakeReport | undefined
  readonly model: ModelReport
  readonly images: readonly ImageReport[]
  readonly refused: readonly RefusedImage[]
  readonly comparison: readonly Comparison[] | Absent
  readonly breasts?: BreastParts['breasts']
  readonly biomarkers?: BreastParts['biomarkers']
  readonly vascularity?: BreastParts['vascularity']
  readonly hotspots?: BreastParts['hotspots']
}

/** The views that an examination of both breasts holds. Handheld ultrasound has none that must be there. */
const EXPECTED_VIEWS: Readonly<Record<Modality, readonly View[]>> = {
  MG: ['CC', 'MLO'],
  US: [],
  TG: [],
  OT: [],
}

/** Puts the report together and says of each side, and of the woman, whether the examination is complete. */
export function composeReport(parts: ReportParts): Report {
  const expected = expectedViews(parts.images)
  const sides = { R: sideReport('R', parts, expected), L: sideReport('L', parts, expected) }
  const isComplete = sides.R.status === 'imaged' && sides.L.status === 'imaged' && parts.refused.length === 0
  return Report.parse({
    version: REPORT_VERSION,
    software: { name: 'Zaoshai', version: parts.softwareVersion },
    createdAt: parts.createdAt.toISOString(),
    study: {
      id: parts.study.id,
      date: parts.study.date ?? absent('date-not-given'),
      ...(parts.study.note === undefined ? {} : { note: parts.study.note }),
    },
    status: isComplete ? 'complete' : 'incomplete',
    intake: parts.intake ?? absent('intake-not-given'),
    model: parts.model,
    score: worseOf(sides.R.score, sides.L.score),
    sides,
    comparison: parts.comparison,
    serum: (parts.biomarkers ?? []).filter(({ side }) => side === undefined),
    refused: parts.refused,
    notices: noticesOf(parts, isComplete).map((code) => ({ code, words: NOTICE_WORDS[code] })),
  })
}

/** Every view that must be there on both sides, once for each energy that any image of the study has. */
function expectedViews(images: readonly ImageReport[]): MissingView[] {
  const modalities = new Set(images.map(({ modality }) => modality))
  return [...modalities].flatMap((modality) => {
    const ofModality = images.filter((image) => image.modality === modality)
    const energies = new Set(ofModality.map(({ energy }) => energy))
    return EXPECTED_VIEWS[modality].flatMap((view) => [...energies].map((energy) => viewOf(modality, view, energy)))
  })
}

function viewOf(modality: Modality, view: View, energy: Energy | undefined): MissingView {
  return { modality, view, ...(energy === undefined ? {} : { energy }) }
}

function sideReport(side: Side, parts: ReportParts, expected: readonly MissingView[]): SideReport {
  const all = parts.images
  const images = all.filter((image) => image.side === side)
  const read = images.filter(isExamined)
  const missing = expected.filter(
    ({ modality, view, energy }) =>
      !read.some((image) => image.modality === modality && image.view === view && image.energy === energy),
  )
  const status = sideStatus(images, read, all, missing)
  const breast = describeBreast(side, parts)
  return { side, status, missing, score: highestScore(side, images), images, breast }
}

/** A picture that was read and is one of what it was offered as. */
function isExamined(image: ImageReport): boolean {
  return image.status === 'read' && !isUnjudgeable(image.marking)
}

function sideStatus(
  images: readonly ImageReport[],
  read: readonly ImageReport[],
  all: readonly ImageReport[],
  missing: readonly MissingView[],
): SideStatus {
  if (images.length === 0) return 'not-imaged'
  if (images.every(({ status }) => status === 'unreadable')) return 'unreadable'
  if (read.length === 0) return 'incomplete'
  return missing.length > 0 || read.length < images.length || !sharesModality(read, all) ? 'incomplete' : 'imaged'
}

/** One side by mammography and the other by ultrasound alone is no examination of both; one picture more of one is. */
function sharesModality(read: readonly ImageReport[], all: readonly ImageReport[]): boolean {
  const other = all.filter((image) => image.side !== read[0]?.side && isExamined(image))
  return other.length === 0 || other.some(({ modality }) => read.some((image) => image.modality === modality))
}

function noticesOf({ images, refused, intake }: ReportParts, isComplete: boolean): NoticeCode[] {
  const read = images.filter((image) => image.status === 'read')
  const lesions = read.flatMap(({ marking }) => (isAbsent(marking) ? [] : marking.lesions))
  const wasMarked = read.some(({ marking }) => !isAbsent(marking) && marking.by === 'software')
  const notices: readonly [NoticeCode, boolean][] = [
    ['referral-advised', intake !== undefined && intake.redFlags.length > 0],
    ['assists', true],
    ['outside-validation', intake !== undefined && intake.limits.length > 0],
    ['incomplete', !isComplete],
    ['side-unresolved', refused.length > 0],
    ['unreadable-images', read.length < images.length],
    ['repeat-advised', read.some(({ quality }) => quality.some(({ severity }) => severity === 'repeat'))],
    ['nothing-marked', wasMarked && lesions.length === 0],
    ['not-judged', read.some(({ marking }) => isUnjudgeable(marking))],
    ['unfamiliar-images', read.some(({ quality }) => quality.some(({ code }) => code === 'unfamiliar'))],
    ['modality-not-validated', read.some(({ marking }) => isAbsent(marking) && !isUnjudgeable(marking))],
    ['mammography-limits', read.some(({ modality }) => modality === 'MG')],
    ['uncalibrated', lesions.length > 0 && read.some(({ pixelSpacingMm }) => isAbsent(pixelSpacingMm))],
  ]
  return notices.filter(([, applies]) => applies).map(([code]) => code)
}
