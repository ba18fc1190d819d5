import { ABSENCE_WORDS, type Absent, isAbsent } from '#core/absent.ts'
import { declarationOf } from '#core/features.ts'
import type { ImageReport, Report } from '#core/report.ts'
import {
  CATEGORIES,
  type HighestScore,
  type LesionScore,
  type RiskEstimate,
  type ScoreTerm,
  SUSPICION_BAND_WORDS,
  scoreTermLabel,
} from '#core/score.ts'
import type { Words } from '#core/words.ts'
import { SIDE_LABELS } from './labels.ts'
import { HANGING } from './overview.ts'
import type { Cell, Section, Table } from './sections.ts'
import { printNumber, printScore } from './tables.ts'

const WHAT_IT_IS: Words = {
  zh: '评分（0 至 100）表示该区域在训练图像病灶中的可疑程度排序，不是概率，也不说明区域的性质；仅用于超声，由软件轮廓计算，须由医生核对。',
  en: "The score (0 to 100) ranks a region by suspicion among the lesions of the training images. It is no probability and does not say what the region is; it exists on ultrasound alone, is computed from the software's outline and must be checked by a doctor.",
}

/** Score and reasons: of each side and of the woman, then of every region. */
export function scoreSection(report: Report): Section {
  const { score, sides } = report
  const regions = HANGING.flatMap((side) => sides[side].images.flatMap(scoredRegions))
  const rows = [
    ...HANGING.map((side) => row(SIDE_LABELS[side], sides[side].score)),
    row({ zh: '受检者（取较高一侧）', en: 'The woman (her worse side)' }, score),
  ]
  return {
    id: 'score',
    title: { zh: '可疑程度评分', en: 'Suspicion score' },
    tables: [{ columns: COLUMNS, rows }, ...regions.map(reasonsTable)],
    notes: [WHAT_IT_IS],
  }
}

const COLUMNS: Table['columns'] = [
  { name: { zh: '范围', en: 'Of' } },
  { name: { zh: '评分', en: 'Score' }, numeric: true },
  { name: { zh: '可疑程度', en: 'Suspicion' } },
  { name: { zh: '按所给患病率的估计', en: 'At the stated prevalence' } },
]

function row(name: Words, score: HighestScore | Absent): Cell[] {
  if (isAbsent(score)) return [name, '–', ABSENCE_WORDS[score.absent], '–']
  return [name, printRank(score.score), SUSPICION_BAND_WORDS[score.band], estimateWords(score.estimate)]
}

function estimateWords(estimate: RiskEstimate | Absent): Words {
  if (isAbsent(estimate)) return ABSENCE_WORDS[estimate.absent]
  const { prevalence, probability, category } = estimate
  const percent = printPercent(probability)
  const stated = `${Number((100 * prevalence).toPrecision(3))}%`
  const { followUp } = CATEGORIES[category]
  return {
    zh: `患病率 ${stated} 时患癌概率约 ${percent}；建议分类 ${category}（超声，ACR 第 5 版）：${followUp.zh}`,
    en: `At a prevalence of ${stated} a probability of cancer of about ${percent}; suggested category ${category} (ultrasound, ACR 5th edition): ${followUp.en}`,
  }
}

interface ScoredRegion {
  readonly image: string
  readonly lesion: number
  readonly score: LesionScore
}

function scoredRegions(image: ImageReport): ScoredRegion[] {
  if (image.status !== 'read' || isAbsent(image.marking)) return []
  return image.marking.lesions.flatMap(({ number, score }) =>
    isAbsent(score) ? [] : [{ image: image.id, lesion: number, score }],
  )
}

function reasonsTable({ image, lesion, score: { score, band, reasons } }: ScoredRegion): Table {
  const words = SUSPICION_BAND_WORDS[band]
  const caption = (region: string, suspicion: string) =>
    `${region} ${lesion} · ${image} · ${printRank(score)} · ${suspicion}`
  return {
    caption: { zh: caption('区域', words.zh), en: caption('Region', words.en) },
    columns: [
      { name: { zh: '依据', en: 'Reason' } },
      { name: { zh: '测量值', en: 'Measured' }, numeric: true },
      { name: { zh: '贡献（正值提高评分）', en: 'Contribution (above 0 raises it)' }, numeric: true },
    ],
    rows: reasons.map(({ term, value, contribution }) => [
      scoreTermLabel(term),
      isAbsent(value) ? ABSENCE_WORDS[value.absent] : printValue(term, value.value),
      `${contribution > 0 ? '+' : ''}${printNumber(contribution, 2)}`,
    ]),
  }
}

function printValue(term: ScoreTerm, value: number): string {
  return term === 'presence' ? printScore(value) : printNumber(value, declarationOf(term).digits)
}

/** Never rounded to 0, which no region has, nor to 100. */
function printRank(score: number): string {
  if (score < 0.5) return '< 1'
  return score >= 99.5 ? '> 99' : printNumber(score, 0)
}

/** Two digits that count, and never rounded to none or to certainty. */
function printPercent(share: number): string {
  const percent = 100 * share
  if (percent < 0.01) return '< 0.01%'
  return percent > 99.5 ? '> 99%' : `${Number(percent.toPrecision(2))}%`
}
