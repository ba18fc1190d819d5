import { ABSENCE_WORDS, isAbsent } from '#core/absent.ts'
import type { Modality } from '#core/modality.ts'
import { MODALITY_WORDS } from '#core/notices.ts'
import type { Preprocessing } from '#core/preprocessing.ts'
import type { Language, Words } from '#core/words.ts'
import { type Cell, printSections, type Section, type Table } from '#report/sections.ts'
import type { ModalitySettings } from '#sam/model.ts'
import { printHeldOut } from '#training/held-out.ts'
import { printRobustness } from '#training/robustness.ts'
import { printSummary } from '#training/summary.ts'
import type { MeasuredFigures, ModelCard } from './models-card.ts'
import { heldOutTables, robustnessTables, summaryTables } from './models-figures.ts'

const UNKNOWN: Words = { zh: '模型文件未注明', en: 'the model file does not say' }

const ELSEWHERE: Words = {
  zh: '数据许可、外部测试与更多说明见 docs/model-card.md。',
  en: 'docs/model-card.md has the licences of its data, the external test and more.',
}

/** The model card as a terminal shows it. The figures are printed as `zaoshai evaluate` prints them. */
export function printCard(card: ModelCard, language: Language): string {
  const { figures, heldOut, measured, robustness } = card
  return [
    printSections(before(card), language),
    ...(figures === null ? [] : printMeasured(figures, language)),
    ...(heldOut === null ? [] : [`${HELD_OUT[language]}\n${printHeldOut(heldOut)}`]),
    ...measured.flatMap((of) => printMeasured(of, language)),
    ...(robustness.length === 0 ? [] : [`${ROBUSTNESS[language]}\n${printRobustness(robustness)}`]),
    printSections([limitsSection(card)], language),
  ].join('\n')
}

function printMeasured({ summary, withoutPresenceGate, ...of }: MeasuredFigures, language: Language): string[] {
  const gated = `${figuresTitle(of)[language]}\n${printSummary(summary)}`
  return withoutPresenceGate === null
    ? [gated]
    : [gated, `${ungatedTitle(of)[language]}\n${printSummary(withoutPresenceGate)}`]
}

/** The model card as sections of a page. */
export function cardSections(card: ModelCard): Section[] {
  const { figures, heldOut, measured, robustness } = card
  const without: Section = { id: 'figures', title: { zh: '结果', en: 'Figures' }, notes: [UNKNOWN] }
  return [
    ...before(card),
    ...(figures === null ? [without] : figureSections(figures, 'figures')),
    ...(heldOut === null ? [] : [{ id: 'held-out', title: HELD_OUT, tables: heldOutTables(heldOut) }]),
    ...measured.flatMap((of, i) => figureSections(of, `measured-${i}`)),
    ...(robustness.length === 0 ? [] : [robustnessSection(robustness)]),
    limitsSection(card),
  ]
}

function before(card: ModelCard): Section[] {
  return [modelSection(card), changeSection(card), useSection(card), dataSection(card), trainingSection(card)]
}

function limitsSection({ limits }: ModelCard): Section {
  return { id: 'limits', title: { zh: '局限', en: 'Limits' }, notes: limits }
}

const HELD_OUT: Words = {
  zh: '掩膜阈值、存在阈值与置信度：各自在未参与其选择或拟合的图像上检验（置信度所依据的掩膜用全部图像选定的阈值）',
  en: 'Mask threshold, presence gate and confidence, each judged on images that it was chosen or fitted without (confidence on masks whose thresholds all images chose)',
}
const ROBUSTNESS: Words = {
  zh: '稳健性：改变后的图像与其自身未改变时相比',
  en: 'Robustness: changed images against themselves unchanged',
}

function modelSection({ name, file, sha256, bytes, isDefault, base, startSha256, software }: ModelCard): Section {
  const standard: Words = {
    zh: `SAM 2 hiera-tiny（Meta，Apache-2.0），SHA-256 ${base.sha256}`,
    en: `SAM 2 hiera-tiny (Meta, Apache-2.0), SHA-256 ${base.sha256}`,
  }
  return {
    id: 'model',
    title: { zh: '模型', en: 'Model' },
    facts: [
      [{ zh: '名称', en: 'Name' }, name],
      [{ zh: '文件', en: 'File' }, `${file}, ${megabytes(bytes)} MB`],
      [{ zh: 'SHA-256', en: 'SHA-256' }, sha256],
      [{ zh: '基础权重', en: 'Base weights' }, base.isStandard ? standard : `SHA-256 ${base.sha256}`],
      ...(startSha256 === null ? [] : [[{ zh: '起始模型', en: 'Went on from model' }, startSha256] as [Words, string]]),
      [{ zh: '训练软件', en: 'Trained by' }, software === null ? UNKNOWN : `Zaoshai ${software}`],
    ],
    notes: isDefault ? [ELSEWHERE] : [],
  }
}

/** 10^6 bytes, one digit after the point. */
export function megabytes(bytes: number): string {
  return (bytes / 1e6).toFixed(1)
}

function changeSection({ changes }: ModelCard): Section {
  const total = changes.reduce((sum, { parameters }) => sum + parameters, 0)
  return {
    id: 'changes',
    title: { zh: '相对于基础权重的改变', en: 'What differs from the base weights' },
    tables: [
      {
        columns: [
          { name: { zh: '部分', en: 'Part' } },
          { name: { zh: '张量', en: 'Tensors' }, numeric: true },
          { name: { zh: '参数', en: 'Parameters' }, numeric: true },
          { name: { zh: '来源', en: 'Kind' } },
        ],
        rows: changes.map(({ part, tensors, parameters, isNew }) => [
          part,
          String(tensors),
          String(parameters),
          isNew ? { zh: '新增', en: 'added' } : { zh: '改变', en: 'changed' },
        ]),
      },
    ],
    notes: [
      {
        zh: `共 ${total} 个参数；其余与基础权重相同。`,
        en: `${total} parameters in all; everything else is as in the base weights.`,
      },
    ],
  }
}

function useSection({ modalities }: ModelCard): Section {
  const rows = Object.entries(modalities).map(([modality, settings]) => useRow(modality as Modality, settings))
  return {
    id: 'use',
    title: { zh: '已验证的影像类型、预处理与阈值', en: 'Modalities it was validated on, preprocessing and thresholds' },
    tables: [
      {
        columns: [
          { name: { zh: '影像类型', en: 'Modality' } },
          { name: { zh: '预处理', en: 'Preprocessing' } },
          { name: { zh: '视图', en: 'Views' } },
          { name: { zh: '掩膜阈值', en: 'Mask threshold' }, numeric: true },
          { name: { zh: '存在阈值', en: 'Presence threshold' } },
          { name: { zh: '仅限', en: 'Only' } },
        ],
        rows,
      },
    ],
  }
}

function useRow(modality: Modality, settings: ModalitySettings): Cell[] {
  const { preprocessing, testViews = ['plain'], maskThreshold, presenceThreshold, energies } = settings
  return [
    MODALITY_WORDS[modality],
    printPreprocessing(preprocessing),
    testViews.join(' + '),
    String(maskThreshold),
    isAbsent(presenceThreshold) ? ABSENCE_WORDS[presenceThreshold.absent] : presenceThreshold.toFixed(3),
    energies?.join(', ') ?? '–',
  ]
}

/** In the terms of the code, which are those of the literature. */
function printPreprocessing({ size, fit, denoise, contrast }: Preprocessing): string {
  return [`${fit} ${size} × ${size}`, ...[denoise, contrast].filter((step) => step !== 'none')].join(', ')
}

function dataSection({ data: { sha256, images, counts, sources } }: ModelCard): Section {
  const sourceTable: Table = {
    caption: { zh: '来源与许可', en: 'Sources and licences' },
    columns: [
      { name: { zh: '数据集', en: 'Data set' } },
      { name: { zh: '名称', en: 'Title' } },
      { name: { zh: '许可', en: 'Licence' } },
      { name: { zh: '引用', en: 'Citation' } },
    ],
    rows: sources.map(({ dataset, title, licence, citation }) => [dataset, title, licence, citation]),
  }
  return {
    id: 'data',
    title: { zh: '数据', en: 'Data' },
    facts: [
      [{ zh: '图像', en: 'Images' }, images === null ? UNKNOWN : String(images)],
      [{ zh: '数据指纹 SHA-256', en: 'Data hash, SHA-256' }, sha256 ?? UNKNOWN],
      ...(sources.length > 0 ? [] : [[{ zh: '许可', en: 'Licences' }, UNKNOWN] as [Words, Words]]),
    ],
    tables: [...(counts.length > 0 ? [countTable(counts)] : []), ...(sources.length > 0 ? [sourceTable] : [])],
  }
}

function countTable(counts: ModelCard['data']['counts']): Table {
  return {
    columns: [
      { name: { zh: '数据集', en: 'Data set' } },
      { name: { zh: '划分', en: 'Split' } },
      { name: { zh: '有病灶', en: 'With a lesion' }, numeric: true },
      { name: { zh: '无病灶', en: 'Normal' }, numeric: true },
    ],
    rows: counts.map(({ dataset, split, lesion, normal }) => [dataset, split, String(lesion), String(normal)]),
  }
}

function trainingSection({ settings }: ModelCard): Section {
  const entries = Object.entries(settings).map(([name, value]) => `${name} ${value}`)
  return {
    id: 'training',
    title: { zh: '训练设置', en: 'Training settings' },
    notes: entries.length === 0 ? [UNKNOWN] : [entries.join(', ')],
  }
}

function figuresTitle({ split, dataHash }: Pick<MeasuredFigures, 'split' | 'dataHash'>): Words {
  const images = imagesOf(split, dataHash)
  return {
    zh: `${images.zh}上的结果：用户实际得到的掩膜（存在评分低于阈值时为空）`,
    en: `Figures on ${images.en}: the masks that a user gets (empty where presence stays below its threshold)`,
  }
}

function ungatedTitle({ split, dataHash }: Pick<MeasuredFigures, 'split' | 'dataHash'>): Words {
  const images = imagesOf(split, dataHash)
  return { zh: `${images.zh}上不看存在评分的掩膜`, en: `Figures on ${images.en}: the masks whatever presence says` }
}

function imagesOf(split: string, dataHash: string | null): Words {
  const of = dataHash === null ? '' : ` ${dataHash.slice(0, 12)}`
  return { zh: `${split} 图像${of} `, en: `${split} images${of}` }
}

function figureSections({ summary, withoutPresenceGate, ...of }: MeasuredFigures, id: string): Section[] {
  const gated: Section = { id, title: figuresTitle(of), tables: summaryTables(summary), notes: [ABOUT_FIGURES] }
  if (withoutPresenceGate === null) return [gated]
  return [gated, { id: `${id}-ungated`, title: ungatedTitle(of), tables: summaryTables(withoutPresenceGate) }]
}

const ABOUT_FIGURES: Words = {
  zh: '逐图计算、取平均；方括号内为按患者或近重复组重采样的 95% 自助法区间。',
  en: 'Per image, then averaged; in brackets the 95% bootstrap interval over patients or groups of near-duplicates.',
}

function robustnessSection(rows: ModelCard['robustness']): Section {
  return {
    id: 'robustness',
    title: ROBUSTNESS,
    tables: robustnessTables(rows),
    notes: [
      {
        zh: '括号内：未改变时被标出的数量。方括号内为差值的 95% 配对自助法区间。',
        en: 'In round brackets how many are marked unchanged; in square ones the 95% paired bootstrap interval.',
      },
    ],
  }
}
