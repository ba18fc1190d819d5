import { ABSENCE_WORDS, type Absent, isAbsent } from '#core/absent.ts'
import { CONFIDENCE } from '#core/confidence.ts'
import type { FeatureValue } from '#core/features.ts'
import { MODALITY_WORDS } from '#core/notices.ts'
import type { PreprocessingStep } from '#core/preprocessing.ts'
import type { ImageReport, ReadImage, Report } from '#core/report.ts'
import type { Words } from '#core/words.ts'
import { exposureLabel, SIDE_LABELS, SPACING_LABELS } from './labels.ts'
import type { Cell, Section, Table } from './sections.ts'
import { printNumber, printScore } from './tables.ts'

/** How each image was treated, and what is known of the model: for whoever has to check or repeat it. */
export function appendix(report: Report): Section[] {
  const images = [...report.sides.R.images, ...report.sides.L.images]
  return [...(images.length > 0 ? [imagesSection(images)] : []), modelSection(report)]
}

function imagesSection(images: readonly ImageReport[]): Section {
  return {
    id: 'treated',
    title: { zh: '图像与处理', en: 'Images and how they were treated' },
    tables: [
      {
        columns: [
          { name: { zh: '图像', en: 'Image' } },
          { name: { zh: '文件', en: 'File' }, isCode: true },
          { name: { zh: '大小与间距', en: 'Size and spacing' } },
          { name: { zh: '病灶存在评分（非概率）', en: 'Presence score (no probability)' } },
          { name: { zh: '预期 Dice（整幅轮廓）', en: 'Expected Dice (all outlines)' } },
          { name: { zh: '标准化', en: 'Standardised by' } },
        ],
        rows: images.map(imageRow),
      },
    ],
  }
}

function imageRow(image: ImageReport): Cell[] {
  const name = between(SIDE_LABELS[image.side], ' · ', exposureLabel(image))
  if (image.status === 'unreadable') {
    return [name, image.file, between(ABSENCE_WORDS.unreadable, ' ', { zh: image.code, en: image.code }), '–', '–', '–']
  }
  return [
    name,
    image.file,
    spacing(image),
    orAbsent(image.presence, printScore),
    orAbsent(expectedDiceOf(image), ({ value }) => printNumber(value, CONFIDENCE.expectedDice.digits)),
    standardisedBy(image),
  ]
}

function between(first: Words, link: string, second: Words): Words {
  return { zh: first.zh + link + second.zh, en: first.en + link + second.en }
}

function expectedDiceOf({ marking }: ReadImage): FeatureValue {
  return isAbsent(marking) ? marking : marking.expectedDice
}

function spacing({ size, pixelSpacingMm }: ReadImage): Words {
  const inPx = `${size.width} × ${size.height} px`
  if (isAbsent(pixelSpacingMm))
    return between({ zh: `${inPx}；`, en: `${inPx}; ` }, '', ABSENCE_WORDS[pixelSpacingMm.absent])
  const { x, y, source } = pixelSpacingMm
  const inMm = `${x} × ${y} mm`
  return between({ zh: `${inPx}；${inMm}，`, en: `${inPx}; ${inMm}, ` }, '', SPACING_LABELS[source])
}

function orAbsent<T>(value: T | Absent, print: (value: T) => string): Cell {
  return isAbsent(value) ? ABSENCE_WORDS[value.absent] : print(value)
}

function standardisedBy({ standardisation, readWith }: ReadImage): Cell {
  if (isAbsent(standardisation)) return ABSENCE_WORDS[standardisation.absent]
  const steps = standardisation.map(stepName).join(' → ')
  if (readWith === undefined) return steps
  return { zh: `${steps}；两种曝光一并判读：${readWith}`, en: `${steps}; Read together with ${readWith}` }
}

/** In the terms of the code, which are those of the literature. */
function stepName({ name, parameters }: PreprocessingStep): string {
  const { size } = parameters
  return size === undefined ? name : `${name} ${size} × ${size}`
}

function modelSection({ model }: Report): Section {
  const validated = model.validatedModalities.map((modality) => MODALITY_WORDS[modality])
  const modalities = { zh: validated.map(({ zh }) => zh).join('、'), en: validated.map(({ en }) => en).join(', ') }
  return {
    id: 'model',
    title: { zh: '模型及其局限', en: 'The model and its limits' },
    facts: [
      [{ zh: '模型', en: 'Model' }, model.id],
      [{ zh: '校验和', en: 'Checksum' }, `SHA-256 ${model.sha256}`],
      [{ zh: '已验证的影像类型', en: 'Validated on' }, validated.length === 0 ? '–' : modalities],
    ],
    tables: [
      ...(model.figures.length > 0 ? [figures(model.figures)] : []),
      ...(model.confidence.length > 0 ? [confidence(model.confidence)] : []),
    ],
    notes: model.limits,
  }
}

function figures(rows: Report['model']['figures']): Table {
  return {
    caption: { zh: '与医生轮廓的一致程度（Dice）', en: "Agreement with doctors' outlines (Dice)" },
    columns: [
      { name: { zh: '影像类型', en: 'Modality' } },
      { name: { zh: '数据集', en: 'Data' } },
      { name: { zh: '图像数', en: 'Images' }, numeric: true },
      { name: { zh: '平均 Dice（95% 区间）', en: 'Mean Dice (95% interval)' }, numeric: true },
    ],
    rows: rows.map(({ modality, set, images, meanDice, interval }) => {
      const range = interval === undefined ? '' : ` (${printNumber(interval[0], 3)}–${printNumber(interval[1], 3)})`
      return [MODALITY_WORDS[modality], set, `${images}`, printNumber(meanDice, 3) + range]
    }),
  }
}

const OF_WORDS = {
  mask: { zh: '整幅图像的轮廓', en: 'all outlines of an image' },
  region: { zh: '单个区域', en: 'one region' },
} as const satisfies Record<Report['model']['confidence'][number]['of'], Words>

/** How far the expected Dice held on images that it was not fitted on. */
function confidence(rows: Report['model']['confidence']): Table {
  return {
    caption: {
      zh: '预期 Dice 与实际 Dice 的符合程度（交叉验证）',
      en: 'Expected against observed Dice (cross-validated)',
    },
    columns: [
      { name: { zh: '影像类型', en: 'Modality' } },
      { name: { zh: '对象', en: 'Of' } },
      { name: { zh: '数量', en: 'Number' }, numeric: true },
      { name: { zh: '校准误差', en: 'Calibration error' }, numeric: true },
      { name: { zh: '相关系数', en: 'Correlation' }, numeric: true },
    ],
    rows: rows.map(({ modality, of, examples, calibrationError, correlation }) => [
      MODALITY_WORDS[modality],
      OF_WORDS[of],
      `${examples}`,
      printNumber(calibrationError, 3),
      correlation === null ? '–' : printNumber(correlation, 2),
    ]),
  }
}
