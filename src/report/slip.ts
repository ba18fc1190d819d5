import { ABSENCE_WORDS, isAbsent } from '#core/absent.ts'
import { MODALITY_WORDS } from '#core/notices.ts'
import type { Report, SideReport } from '#core/report.ts'
import type { Words } from '#core/words.ts'
import { SIDE_LABELS } from './labels.ts'
import { HANGING } from './overview.ts'
import type { Fact } from './sections.ts'

/** What the doctor decides and writes by hand: a box to tick, and lines. */
export interface NextStep {
  readonly what: Words
  readonly blanks: readonly Words[]
}

/**
 * What the woman takes home: what was done, whether it is complete, what happens next. No score, no measurement and no
 * finding: the result is the doctor's to tell, and the software decides on no follow-up.
 */
export interface Slip {
  readonly facts: readonly Fact[]
  readonly done: readonly Words[]
  readonly isComplete: boolean
  /** The first sentence says whether it is complete, the others why not. */
  readonly complete: readonly Words[]
}

export const SLIP_WORDS = {
  title: { zh: '乳腺早筛检查回执', en: 'Your breast screening visit' },
  subtitle: { zh: '交给受检者本人保存', en: 'For you to take home' },
  name: { zh: '姓名', en: 'Name' },
  clinic: { zh: '检查单位', en: 'Clinic' },
  done: { zh: '这次做了什么', en: 'What was done' },
  complete: { zh: '检查是否完整', en: 'Is the examination complete?' },
  next: { zh: '接下来怎么办（由医生填写）', en: 'What happens next (the doctor fills this in)' },
  ask: {
    zh: '过了约定日期仍未得到结果，请打电话询问：',
    en: 'If you have heard nothing by then, call this number:',
  },
  remember: { zh: '请您记住', en: 'Please remember' },
  assisted: {
    zh: '计算机软件帮助查看图像，由医生判读。结果由医生告诉您，这张回执上没有检查结果。',
    en: 'A computer program helps to look at the images; a doctor reads them. The doctor will tell you the result: there is none on this slip.',
  },
  urgent: {
    zh: '发现乳房肿块、乳头溢液、皮肤或乳头改变，不论这张回执或软件怎么说，请立即就医。',
    en: 'See a doctor at once if you notice a lump, a discharge, or a change of the skin or the nipple, whatever this slip or the software says.',
  },
  marks: {
    zh: '软件在图像上作的标记不是诊断，诊断由医生作出。',
    en: 'Marks that the software makes in the images are no diagnosis; a doctor makes that.',
  },
  noMarks: {
    zh: '软件没有作标记，不等于没有问题。',
    en: 'No mark from the software does not mean that all is well.',
  },
} as const satisfies Record<string, Words>

export const NEXT_STEPS: readonly NextStep[] = [
  {
    what: { zh: '医生会告诉您结果', en: 'The doctor will tell you the result' },
    blanks: [
      { zh: '最晚日期', en: 'By (date)' },
      { zh: '方式（电话、复诊等）', en: 'How (call, visit)' },
    ],
  },
  {
    what: { zh: '需要补拍或重拍图像', en: 'More images are needed' },
    blanks: [
      { zh: '最晚日期', en: 'By (date)' },
      { zh: '地点', en: 'Where' },
    ],
  },
  {
    what: { zh: '需要做其他检查', en: 'Another examination is needed' },
    blanks: [
      { zh: '什么检查', en: 'Which' },
      { zh: '最晚日期', en: 'By (date)' },
      { zh: '地点', en: 'Where' },
    ],
  },
  {
    what: { zh: '下次筛查', en: 'Next screening' },
    blanks: [{ zh: '日期', en: 'Date' }],
  },
]

export function slipOf(report: Report): Slip {
  const { study, sides, status } = report
  const isComplete = status === 'complete'
  return {
    facts: [
      [{ zh: '检查编号', en: 'Study' }, study.id],
      [{ zh: '检查日期', en: 'Examined' }, isAbsent(study.date) ? ABSENCE_WORDS[study.date.absent] : study.date],
    ],
    done: HANGING.map((side) => doneOn(sides[side])),
    isComplete,
    complete: [isComplete ? COMPLETE : INCOMPLETE, ...shortcomings(report)],
  }
}

const COMPLETE: Words = {
  zh: '完整：双侧乳房的图像均已拍摄，可供医生判读。“完整”只表示图像齐全，不是检查结果。',
  en: 'Complete: images of both breasts are there for the doctor to read. This says that the images are there; it is not a result.',
}
const INCOMPLETE: Words = {
  zh: '不完整。离开前请问工作人员是否需要补拍。',
  en: 'Not complete. Before you leave, ask the staff whether more images are needed.',
}

/** How a side was imaged, and how many pictures there are. */
function doneOn({ side, images }: SideReport): Words {
  const { zh, en } = SIDE_LABELS[side]
  if (images.length === 0) return { zh: `${zh}：未检查。`, en: `${en}: not imaged.` }
  const modalities = [...new Set(images.map(({ modality }) => modality))].map((modality) => MODALITY_WORDS[modality])
  const how = {
    zh: modalities.map((words) => words.zh).join('、'),
    en: modalities.map((words) => words.en.toLowerCase()).join(', '),
  }
  return {
    zh: `${zh}：${how.zh}，${images.length} 张图像。`,
    en: `${en}: ${how.en}, ${count(images.length, 'image')}.`,
  }
}

/** Why it is not complete, or what should be repeated, in plain words. */
function shortcomings({ sides, refused }: Report): Words[] {
  const ofSides = HANGING.flatMap((side) => shortcomingsOf(sides[side]))
  if (refused.length === 0) return ofSides
  const unclear = {
    zh: `有 ${refused.length} 张图像分不清是左乳还是右乳，未使用。`,
    en: `Of ${count(refused.length, 'image')} it is not clear which breast is shown; not used.`,
  }
  return [...ofSides, unclear]
}

function shortcomingsOf({ side, images, missing }: SideReport): Words[] {
  const { zh, en } = SIDE_LABELS[side]
  const read = images.filter((image) => image.status === 'read')
  const unreadable = images.length - read.length
  const poor = read.filter(({ quality }) => quality.some(({ severity }) => severity === 'repeat')).length
  const told: readonly [number, Words][] = [
    [images.length === 0 ? 1 : 0, { zh: `${zh}未检查。`, en: `${en}: not imaged.` }],
    [
      images.length > 0 ? missing.length : 0,
      { zh: `${zh}缺少 ${missing.length} 个体位的图像。`, en: `${en}: ${count(missing.length, 'view')} missing.` },
    ],
    [
      unreadable,
      { zh: `${zh}有 ${unreadable} 张图像无法读取。`, en: `${en}: ${count(unreadable, 'image')} could not be read.` },
    ],
    [
      poor,
      { zh: `${zh}有 ${poor} 张图像不够清楚，建议重拍。`, en: `${en}: ${count(poor, 'image')} should be repeated.` },
    ],
  ]
  return told.filter(([number]) => number > 0).map(([, words]) => words)
}

function count(number: number, what: string): string {
  return `${number} ${what}${number === 1 ? '' : 's'}`
}
