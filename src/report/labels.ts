import type { Modality, Side } from '#core/modality.ts'
import { MODALITY_WORDS } from '#core/notices.ts'
import type { SideStatus } from '#core/report.ts'
import type { Energy, SideProblem, SpacingSource, View } from '#core/study.ts'
import type { Words } from '#core/words.ts'

export const SIDE_LABELS = {
  R: { zh: '右乳', en: 'Right breast' },
  L: { zh: '左乳', en: 'Left breast' },
} as const satisfies Record<Side, Words>

export const STATUS_LABELS = {
  imaged: { zh: '已检查', en: 'Imaged' },
  incomplete: { zh: '检查不完整', en: 'Incomplete' },
  unreadable: { zh: '图像无法读取', en: 'Unreadable' },
  'not-imaged': { zh: '未检查', en: 'Not imaged' },
} as const satisfies Record<SideStatus, Words>

export const PROBLEM_LABELS = {
  'side-unknown': { zh: '左右侧不明', en: 'Side unknown' },
  'laterality-conflict': { zh: '左右侧互相矛盾', en: 'Left and right contradict each other' },
} as const satisfies Record<SideProblem, Words>

export const SPACING_LABELS = {
  file: { zh: '取自文件', en: 'from the file' },
  'ultrasound-region': { zh: '取自超声区域标定', en: "from the ultrasound region's calibration" },
  entered: { zh: '人工输入', en: 'entered by hand' },
} as const satisfies Record<SpacingSource, Words>

const ENERGY_LABELS = {
  'low-energy': { zh: '低能图', en: 'low energy' },
  subtracted: { zh: '减影图', en: 'subtracted' },
} as const satisfies Record<Energy, Words>

const PLAIN_VIEWS = {
  frontal: { zh: '正位', en: 'frontal' },
  oblique: { zh: '斜位', en: 'oblique' },
  lateral: { zh: '侧位', en: 'lateral' },
  unspecified: { zh: '', en: '' },
} as const satisfies Partial<Record<View, Words>>

/** What was taken: modality, view and energy, in words. */
export interface Exposure {
  readonly modality: Modality
  readonly view: View
  readonly energy?: Energy | undefined
}

export function exposureLabel({ modality, view, energy }: Exposure): Words {
  const parts = [MODALITY_WORDS[modality], viewLabel(view), energy === undefined ? undefined : ENERGY_LABELS[energy]]
  const told = parts.filter((part) => part !== undefined && part.en !== '')
  return { zh: told.map((part) => part?.zh).join(' · '), en: told.map((part) => part?.en).join(' · ') }
}

/** View and energy alone, for lists that name the modality elsewhere. */
export function viewLabel(view: View): Words {
  return isPlain(view) ? PLAIN_VIEWS[view] : { zh: `${view} 位`, en: view }
}

function isPlain(view: View): view is keyof typeof PLAIN_VIEWS {
  return view in PLAIN_VIEWS
}

/** Two sentences in one, the second after a colon. */
export function joined(first: Words, second: Words): Words {
  return { zh: `${first.zh}：${second.zh}`, en: `${first.en}: ${second.en}` }
}

/** What the parts of a report are called, on the page as on paper. */
export const HEADINGS = {
  report: { zh: '乳腺早筛报告', en: 'Breast screening report' },
  assisted: { zh: '软件辅助分析，由医生作出结论', en: 'Analysis assisted by software; a doctor decides' },
  notices: { zh: '须知', en: 'Please note' },
  overview: { zh: '双侧概览', en: 'Both sides at a glance' },
  measured: { zh: '标出区域的测量', en: 'Measurements of the marked regions' },
  comparison: { zh: '左右对比', en: 'Left against right' },
  breast: { zh: '乳腺区域描述', en: 'Breast region' },
  serum: { zh: '血清标志物', en: 'Serum' },
  reading: { zh: '医生结论', en: "Doctor's conclusion" },
  signature: { zh: '医生签名', en: 'Signature' },
  date: { zh: '日期', en: 'Date' },
} as const satisfies Record<string, Words>

/** Above the measurements: how to read them. */
export const MEASURED_NOTE: Words = {
  zh: '由软件或医生的轮廓测得，须由医生核对。未校准的数值以像素计，不能换算为毫米。预期 Dice：验证图像中同类轮廓与医生轮廓的平均重合度（0 至 1），不说明区域的性质。轮廓不确定度：轮廓可能所在带状区域的平均宽度。',
  en: "Measured from the outlines of the software, or of a doctor, to be checked by a doctor. Uncalibrated values are on the pixel grid and are not millimetres. Expected Dice: the mean agreement with doctors' outlines (0 to 1) that outlines like this one had on validation images; it says nothing of what the region is. Outline uncertainty: mean width of the band in which the outline might as well run.",
}

/** Before the views that should have been taken. */
export const MISSING: Words = { zh: '缺少：', en: 'Missing: ' }
