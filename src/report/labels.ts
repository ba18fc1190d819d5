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
