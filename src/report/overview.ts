import { ABSENCE_WORDS, isAbsent } from '#core/absent.ts'
import type { Side } from '#core/modality.ts'
import type { NoticeCode } from '#core/notices.ts'
import type { ImageReport, ReadImage, Report, SideReport } from '#core/report.ts'
import type { Words } from '#core/words.ts'
import { type Exposure, exposureLabel, SIDE_LABELS, STATUS_LABELS } from './labels.ts'
import type { Fact } from './sections.ts'
import { lesionTables, type RegionTable, type ValueTable } from './tables.ts'

/** As radiologists hang films: the right breast on the viewer's left. */
export const HANGING = ['R', 'L'] as const satisfies readonly Side[]

/** Notices that stand out from the others. */
export const CAUTIONS: ReadonlySet<NoticeCode> = new Set([
  'referral-advised',
  'outside-validation',
  'incomplete',
  'side-unresolved',
  'unreadable-images',
  'unfamiliar-images',
  'repeat-advised',
])

/** What stands below the heading of a report. */
export function reportFacts({ study, createdAt, model, status }: Report): Fact[] {
  const complete = status === 'complete' ? { zh: '完整', en: 'Complete' } : { zh: '不完整', en: 'Incomplete' }
  return [
    [{ zh: '检查编号', en: 'Study' }, study.id],
    [{ zh: '检查日期', en: 'Examined' }, isAbsent(study.date) ? ABSENCE_WORDS[study.date.absent] : study.date],
    [{ zh: '报告时间', en: 'Reported' }, `${createdAt.slice(0, 16).replace('T', ' ')} UTC`],
    [{ zh: '完整性', en: 'Examination' }, complete],
    [{ zh: '模型', en: 'Model' }, model.id],
  ]
}

export interface SideSummary {
  readonly title: Words
  readonly status: Words
  readonly isWhole: boolean
  readonly facts: readonly Fact[]
  /** What should have been taken and was not. */
  readonly missing: readonly Words[]
}

export function summaryOf({ side, status, images, missing }: SideReport): SideSummary {
  const read = images.filter((image) => image.status === 'read')
  const looked = read.filter(({ marking }) => !isAbsent(marking) && marking.by === 'software')
  const marked = read.filter((image) => lesionsOf(image).length > 0)
  return {
    title: SIDE_LABELS[side],
    status: STATUS_LABELS[status],
    isWhole: status === 'imaged',
    facts: [
      [{ zh: '图像（可读 / 全部）', en: 'Images (readable of all)' }, `${read.length} / ${images.length}`],
      [{ zh: '软件作过标注的图像', en: 'Images looked at by the software' }, `${looked.length}`],
      [
        { zh: '标出区域的图像', en: 'Images with a marked region' },
        looked.length + marked.length === 0 ? '–' : `${marked.length}`,
      ],
    ],
    missing: missing.map(exposureLabel),
  }
}

/** What was taken alike on both sides, or should have been: the rows in which the breasts stand beside each other. */
export function exposuresOf({ sides }: Report): Exposure[] {
  const all = [...sides.R.images, ...sides.L.images, ...sides.R.missing, ...sides.L.missing]
  return [...new Map(all.map((image) => [exposureLabel(image).en, image])).values()]
}

export function takenAs(exposure: Exposure, { images }: SideReport): ImageReport[] {
  return images.filter((image) => exposureLabel(image).en === exposureLabel(exposure).en)
}

/** The tables of one side for one exposure, or why there are none. */
export interface MeasuredColumn {
  readonly side: Words
  readonly tables: readonly (RegionTable | ValueTable)[]
  readonly why: Words
}

/** For every exposure of which anything was measured, both sides. */
export function measuredRows(report: Report): { readonly exposure: Words; readonly columns: MeasuredColumn[] }[] {
  return exposuresOf(report)
    .map((exposure) => ({
      exposure: exposureLabel(exposure),
      columns: HANGING.map((side) => measuredColumn(exposure, report.sides[side])),
    }))
    .filter(({ columns }) => columns.some(({ tables }) => tables.length > 0))
}

function measuredColumn(exposure: Exposure, side: SideReport): MeasuredColumn {
  const images = takenAs(exposure, side)
  const read = images.filter((image) => image.status === 'read')
  const refused = read.map(({ marking }) => marking).find(isAbsent)
  const reason = read.length > 0 ? 'no-lesion-marked' : images.length > 0 ? 'unreadable' : 'not-imaged'
  return {
    side: SIDE_LABELS[side.side],
    tables: read.flatMap((image) => lesionTables(lesionsOf(image), read.length > 1 ? image.file : undefined)),
    why: ABSENCE_WORDS[refused?.absent ?? reason],
  }
}

function lesionsOf({ marking }: ReadImage) {
  return isAbsent(marking) ? [] : marking.lesions
}
