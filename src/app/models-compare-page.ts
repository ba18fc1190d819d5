import type { Modality } from '#core/modality.ts'
import { MODALITY_WORDS } from '#core/notices.ts'
import type { Language, Words } from '#core/words.ts'
import { GALLERY_STYLE, gallery, type HandNames, legend, type Plate } from '#report/gallery.ts'
import { both, html, type Markup } from '#report/markup.ts'
import { type Cell, renderSections, SECTIONS_STYLE, type Section, type Table } from '#report/sections.ts'
import { renderPage } from '#report/shell.ts'
import type { Difference, PairedOverlaps, PairedSet, Verdict } from '#training/paired.ts'
import type { ModelComparison } from './models-compare.ts'
import { CLASS_ROWS, printChange, setName } from './models-figures.ts'
import { softwareVersion } from './version.ts'

type Facts = Omit<ModelComparison, 'text'>

/** What the comparison says, as a page and a terminal show it. */
export function comparisonSections(facts: Facts): Section[] {
  const gated = setsOf(facts.comparison)
  return [
    verdictSection(facts),
    { id: 'gated', title: GATED, tables: [...overlapTables(gated), ...presenceTables(gated)], notes: [ABOUT] },
    { id: 'bare', title: BARE, tables: overlapTables(setsOf(facts.withoutPresenceGate)) },
  ]
}

const GATED: Words = {
  zh: '用户实际得到的掩膜（存在评分低于阈值时为空）',
  en: 'The masks that a user gets (empty where presence stays below its threshold)',
}
const BARE: Words = { zh: '不看存在评分的掩膜', en: 'The masks whatever presence says' }
const ABOUT: Words = {
  zh: '方括号内为差值的 95% 配对自助法区间，按患者或近重复组重采样。',
  en: 'In brackets the 95% paired bootstrap interval of the difference, over patients or groups of near-duplicates.',
}
const FAIR: Words = {
  zh: '若其中一个模型曾用这些图像训练、选轮次或定阈值，比较结果偏向该模型。',
  en: 'Where one of the models learned from these images, or chose its epoch or thresholds on them, the comparison favours it.',
}

function verdictSection({ models, split, images, dataHash, leftOut, verdicts, comparison }: Facts): Section {
  const named = ({ name, sha256 }: typeof models.first) => `${name}, SHA-256 ${sha256.slice(0, 12)}`
  const perModality = (Object.entries(verdicts) as [Modality, Verdict][]).map(([modality, verdict]) => {
    const overlaps = comparison.perModality[modality]?.headline.lesionImages ?? null
    return [setName(modality, 'headline'), verdictWords(verdict, overlaps)] as const
  })
  return {
    id: 'verdict',
    title: { zh: '结论', en: 'What the images say' },
    facts: [
      [{ zh: '模型 A', en: 'Model A' }, named(models.first)],
      [{ zh: '模型 B', en: 'Model B' }, named(models.second)],
      [{ zh: '数据', en: 'Data' }, `${split}, n = ${images}, SHA-256 ${dataHash.slice(0, 12)}`],
      ...perModality,
    ],
    notes: [FAIR, ...leftOut.map(leftOutWords)],
  }
}

function verdictWords(verdict: Verdict, overlaps: PairedOverlaps): Words {
  if (overlaps === null) return { zh: '没有含病灶的图像可供比较', en: 'There is no image with a lesion to compare' }
  const { images, groups, dice } = overlaps
  const found = `Dice ${printChange(dice)}`
  const on: Words = { zh: `${images} 幅含病灶图像`, en: `${images} lesion images` }
  switch (verdict) {
    case 'second-better':
      return { zh: `${on.zh}：B 优于 A，${found}`, en: `On ${on.en} B is better than A: ${found}` }
    case 'second-worse':
      return { zh: `${on.zh}：B 劣于 A，${found}`, en: `On ${on.en} B is worse than A: ${found}` }
    case 'undecided':
      return { zh: `${on.zh}分不出 A 与 B 的高下：${found}`, en: `${on.en} do not tell A and B apart: ${found}` }
    case 'too-few':
      return {
        zh: `独立图像只有 ${groups} 组，不足以下结论：${found}`,
        en: `Too few independent images (${groups}) for a verdict: ${found}`,
      }
  }
}

function leftOutWords({ modality, images, model }: Facts['leftOut'][number]): Words {
  const { zh, en } = MODALITY_WORDS[modality]
  return {
    zh: `未比较：${images} 幅${zh}图像，模型 ${model} 未在此类影像上验证。`,
    en: `Not compared: ${images} of ${en.toLowerCase()}, on which the model ${model} was not validated.`,
  }
}

interface NamedSet {
  readonly name: Words
  readonly set: PairedSet
}

/** Of each modality the headline and all rows. */
function setsOf({ perModality }: Facts['comparison']): NamedSet[] {
  return Object.entries(perModality).flatMap(([modality, { headline, allRows }]) => [
    { name: setName(modality as Modality, 'headline'), set: headline },
    { name: setName(modality as Modality, 'allRows'), set: allRows },
  ])
}

function overlapTables(sets: readonly NamedSet[]): Table[] {
  return sets.map(({ name, set }) => overlapTable(name, set))
}

function overlapTable(caption: Words, set: PairedSet): Table {
  const row = (name: Words, overlaps: PairedOverlaps): Cell[][] =>
    overlaps === null ? [] : [[name, ...cells(overlaps)]]
  return {
    caption,
    columns: [
      { name: { zh: '图像', en: 'Images' } },
      { name: { zh: '数量（组）', en: 'n (groups)' }, numeric: true },
      { name: { zh: 'Dice A', en: 'Dice A' }, numeric: true },
      { name: { zh: 'Dice B', en: 'Dice B' }, numeric: true },
      { name: { zh: 'B − A', en: 'B − A' }, numeric: true },
      { name: { zh: 'IoU 的 B − A', en: 'IoU, B − A' }, numeric: true },
      { name: { zh: 'B 更好 / 更差 / 相同', en: 'B better / worse / same' }, numeric: true },
    ],
    rows: [
      ...row({ zh: '有病灶的图像', en: 'with a lesion' }, set.lesionImages),
      ...row({ zh: '全部图像', en: 'all' }, set.allImages),
      ...Object.entries(set.perClass).flatMap(([name, of]) => row(CLASS_ROWS[name] ?? { zh: name, en: name }, of)),
    ],
  }
}

function cells({ images, groups, dice, iou, better, worse, same }: NonNullable<PairedOverlaps>): string[] {
  return [
    `${images} (${groups})`,
    dice.first.toFixed(3),
    dice.second.toFixed(3),
    printChange(dice),
    printChange(iou),
    `${better} / ${worse} / ${same}`,
  ]
}

function presenceTables(all: readonly NamedSet[]): Table[] {
  const sets = all.filter(({ set }) => set.normalsCalled !== null || set.presenceAuc !== null)
  return sets.length === 0 ? [] : [presenceTable(sets)]
}

function presenceTable(sets: readonly NamedSet[]): Table {
  const cell = (of: Difference | null) =>
    of === null ? '–' : `${of.first.toFixed(3)} → ${of.second.toFixed(3)}, ${printChange(of)}`
  return {
    caption: { zh: '存在评分，A → B', en: 'Presence, A → B' },
    columns: [
      { name: { zh: '图像', en: 'Images' } },
      { name: { zh: '无病灶图像数', en: 'Normal images' }, numeric: true },
      { name: { zh: '其中被标出的比例', en: 'Share of them marked' }, numeric: true },
      { name: { zh: 'AUC', en: 'AUC' }, numeric: true },
    ],
    rows: sets.map(({ name, set: { normalsCalled, presenceAuc } }) => [
      name,
      String(normalsCalled?.normals ?? 0),
      cell(normalsCalled),
      cell(presenceAuc),
    ]),
  }
}

/** The images that differ most, drawn. */
export interface Extremes {
  readonly gains: readonly Plate[]
  readonly losses: readonly Plate[]
}

/** The comparison as one page that needs nothing else. */
export function comparisonPage(facts: Facts, { gains, losses }: Extremes, language: Language): string {
  const { first, second } = facts.models
  const long: HandNames = {
    doctor: { zh: '医生', en: 'Doctor' },
    first: { zh: `A：${first.name}`, en: `A: ${first.name}` },
    second: { zh: `B：${second.name}`, en: `B: ${second.name}` },
  }
  return renderPage({
    title: `${first.name} · ${second.name}`,
    language,
    heading: { zh: '两个模型的比较', en: 'Two models compared' },
    subheading: {
      zh: '同一组图像上与医生轮廓的一致程度；差值为 B 减 A。软件仅供辅助，由医生作出结论。',
      en: 'Agreement with the doctors on the same images; differences are B less A. The software assists; a doctor decides.',
    },
    facts: [
      [{ zh: '模型 A', en: 'Model A' }, first.name],
      [{ zh: '模型 B', en: 'Model B' }, second.name],
      [{ zh: '图像', en: 'Images' }, facts.images],
    ],
    main: html`${renderSections(comparisonSections(facts))}
${extremeSection('gains', { zh: 'B 提高最多的图像', en: 'Where B gains most' }, gains, long)}
${extremeSection('losses', { zh: 'B 降低最多的图像', en: 'Where B loses most' }, losses, long)}`,
    footer: html`<p>Zaoshai ${softwareVersion} · ${first.name} · ${second.name}</p>`,
    style: SECTIONS_STYLE + GALLERY_STYLE,
  })
}

const SHORT: HandNames = {
  doctor: { zh: '医生', en: 'Doctor' },
  first: { zh: 'A', en: 'A' },
  second: { zh: 'B', en: 'B' },
}

function extremeSection(key: string, title: Words, plates: readonly Plate[], names: HandNames): Markup {
  return html`<section aria-labelledby="${key}"><h2 id="${key}">${both(title)}</h2>
${plates.length === 0 ? html`<p>${both({ zh: '没有这样的图像。', en: 'There is no such image.' })}</p>` : html`${legend(names)}${gallery(`${key}-plate`, plates, SHORT)}`}</section>`
}
