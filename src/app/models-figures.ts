import { Modality } from '#core/modality.ts'
import { MODALITY_WORDS } from '#core/notices.ts'
import type { Words } from '#core/words.ts'
import type { Cell, Table } from '#report/sections.ts'
import type { Interval } from '#training/bootstrap.ts'
import type { Calibration } from '#training/calibration.ts'
import type { HeldOutFigures } from '#training/held-out.ts'
import type { MaskThresholdFigures } from '#training/mask-threshold.ts'
import type { PresenceGate } from '#training/presence-gate.ts'
import type { RobustnessRow } from '#training/robustness.ts'
import type { FigureSet, Summary } from '#training/summary.ts'

/** A table of agreement for each modality and each set of rows, and one of presence. */
export function summaryTables({ perModality }: Summary): Table[] {
  const sets = Object.entries(perModality).flatMap(([modality, { headline, allRows }]) => [
    { name: setName(modality as Modality, 'headline'), set: headline },
    { name: setName(modality as Modality, 'allRows'), set: allRows },
  ])
  const withPresence = sets.filter(({ set }) => set.falsePositives !== null || set.presenceAuc !== null)
  return [
    ...sets.map(({ name, set }) => agreementTable(name, set)),
    ...(withPresence.length === 0 ? [] : [presenceTable(withPresence)]),
  ]
}

/** Which images of a modality: without near-duplicates, which is the headline, or all. */
export function setName(modality: Modality, rows: 'headline' | 'allRows'): Words {
  const { zh, en } = MODALITY_WORDS[modality]
  return rows === 'headline'
    ? { zh: `${zh}，去除近重复图像`, en: `${en}, near-duplicates left out` }
    : { zh: `${zh}，全部图像`, en: `${en}, all rows` }
}

/** The images of one class, in a table of several kinds. */
export const CLASS_ROWS: Readonly<Record<string, Words>> = {
  benign: { zh: '其中良性', en: 'of them benign' },
  malignant: { zh: '其中恶性', en: 'of them malignant' },
  normal: { zh: '其中无病灶', en: 'of them normal' },
  unknown: { zh: '其中分类未注明', en: 'of them of no given class' },
}

function agreementTable(caption: Words, set: FigureSet): Table {
  const row = (name: Words, of: FigureSet['allImages']): Cell[][] => {
    if (of === null) return []
    const { images, dice, iou } = of
    return [[name, String(images), printMean(dice), dice.median.toFixed(3), printMean(iou)]]
  }
  return {
    caption,
    columns: [
      { name: { zh: '图像', en: 'Images' } },
      { name: { zh: '数量', en: 'n' }, numeric: true },
      { name: { zh: '平均 Dice', en: 'Mean Dice' }, numeric: true },
      { name: { zh: 'Dice 中位数', en: 'Median Dice' }, numeric: true },
      { name: { zh: '平均 IoU', en: 'Mean IoU' }, numeric: true },
    ],
    rows: [
      ...row({ zh: '有病灶的图像', en: 'with a lesion' }, set.lesionImages),
      ...row({ zh: '全部图像', en: 'all' }, set.allImages),
      ...Object.entries(set.perClass).flatMap(([name, of]) => row(CLASS_ROWS[name] ?? { zh: name, en: name }, of)),
    ],
  }
}

function presenceTable(sets: readonly { readonly name: Words; readonly set: FigureSet }[]): Table {
  return {
    caption: { zh: '存在评分', en: 'Presence' },
    columns: [
      { name: { zh: '图像', en: 'Images' } },
      { name: { zh: '无病灶图像中被标出的', en: 'Normal images marked' }, numeric: true },
      { name: { zh: 'AUC', en: 'AUC' }, numeric: true },
    ],
    rows: sets.map(({ name, set: { falsePositives, presenceAuc } }) => [
      name,
      falsePositives === null ? '–' : printCalled(falsePositives),
      presenceAuc === null ? '–' : `${presenceAuc.auc.toFixed(3)}${printInterval(presenceAuc.interval95)}`,
    ]),
  }
}

function printCalled({ called, normals, rate, interval95 }: NonNullable<FigureSet['falsePositives']>): string {
  return `${called} / ${normals} = ${rate.toFixed(3)}${printInterval(interval95)}`
}

/** How mask threshold, presence gate and confidence hold, for each modality. */
export function heldOutTables({ maskThreshold, presenceGate, confidence }: HeldOutFigures): Table[] {
  const modalities = Modality.options
  return [
    ...modalities.flatMap((modality) =>
      maskThreshold[modality] ? [thresholdTable(modality, maskThreshold[modality])] : [],
    ),
    ...modalities.flatMap((modality) => (presenceGate[modality] ? [gateTable(modality, presenceGate[modality])] : [])),
    ...modalities.flatMap((modality) => {
      const { zh, en } = MODALITY_WORDS[modality]
      const figures = confidence[modality]
      if (figures === undefined) return []
      return [
        calibrationTable({ zh: `${zh}，一幅图像的全部轮廓`, en: `${en}, all outlines of an image` }, figures.mask),
        calibrationTable({ zh: `${zh}，单个区域`, en: `${en}, each region by itself` }, figures.region),
      ]
    }),
  ]
}

function thresholdTable(
  modality: Modality,
  { threshold, chosenOn, outOfFoldDice, curve }: MaskThresholdFigures,
): Table {
  const { zh, en } = MODALITY_WORDS[modality]
  return {
    caption: {
      zh: `${zh}，掩膜阈值：选定 ${threshold}（${chosenOn} 幅含病灶图像；未参与选择的图像上 Dice ${outOfFoldDice.toFixed(3)}）`,
      en: `${en}, mask threshold: ${threshold} was chosen (${chosenOn} lesion images; Dice ${outOfFoldDice.toFixed(3)} on images that it was chosen without)`,
    },
    columns: [
      { name: { zh: '概率阈值', en: 'Threshold' }, numeric: true },
      { name: { zh: '全部图像的 Dice', en: 'Dice of all images' }, numeric: true },
    ],
    rows: curve.map((point) => [String(point.threshold), point.dice.toFixed(3)]),
  }
}

function gateTable(modality: Modality, { headline, allRows }: PresenceGate): Table {
  const { zh, en } = MODALITY_WORDS[modality]
  const share = (of: PresenceGate['headline']['lesionsKept']) =>
    of === null ? '–' : `${of.counted} / ${of.images}${printInterval(of.interval95)}`
  const row = (rows: 'headline' | 'allRows', { lesionsKept, normalsCalled }: PresenceGate['headline']): Cell[] => [
    setName(modality, rows),
    share(lesionsKept),
    share(normalsCalled),
  ]
  return {
    caption: { zh: `${zh}，存在阈值`, en: `${en}, presence gate` },
    columns: [
      { name: { zh: '图像', en: 'Images' } },
      { name: { zh: '保留的病灶图像', en: 'Lesion images kept' }, numeric: true },
      { name: { zh: '被标出的无病灶图像', en: 'Normal images marked' }, numeric: true },
    ],
    rows: [row('headline', headline), row('allRows', allRows)],
  }
}

function calibrationTable(caption: Words, { bins }: Calibration): Table {
  return {
    caption,
    columns: [
      { name: { zh: '预期 Dice', en: 'Expected Dice' }, numeric: true },
      { name: { zh: '实测 Dice', en: 'Observed Dice' }, numeric: true },
      { name: { zh: '数量', en: 'n' }, numeric: true },
    ],
    rows: bins.map(({ examples, expected, observed, interval95 }) => [
      expected.toFixed(3),
      printMean({ mean: observed, interval95 }),
      String(examples),
    ]),
  }
}

/** Perturbed images against themselves unperturbed. */
export function robustnessTables(rows: readonly RobustnessRow[]): Table[] {
  return [...Map.groupBy(rows, ({ modality }) => modality)].map(([modality, of]) => ({
    caption: MODALITY_WORDS[modality],
    columns: [
      { name: { zh: '改变', en: 'Changed by' } },
      { name: { zh: '病灶图像', en: 'Lesion images' }, numeric: true },
      { name: { zh: '平均 Dice', en: 'Mean Dice' }, numeric: true },
      { name: { zh: '与未改变相比', en: 'Against unchanged' }, numeric: true },
      { name: { zh: '无病灶图像中被标出的', en: 'Normal images marked' }, numeric: true },
    ],
    rows: of.map(({ kind, strength, lesionImages, whatUserGets, normals }) => [
      `${kind} ${strength}`,
      String(lesionImages),
      whatUserGets === null ? '–' : whatUserGets.dice.toFixed(3),
      whatUserGets === null ? '–' : printChange(whatUserGets),
      normals === null ? '–' : `${normals.called} / ${normals.images} (${normals.calledClean})`,
    ]),
  }))
}

/** A difference with its 95% interval. */
export function printChange({ difference, interval95 }: { difference: number; interval95: Interval | null }): string {
  return `${printDifference(difference)}${printInterval(interval95, printDifference)}`
}

/** A mean with its 95% interval. */
export function printMean({ mean, interval95 }: { mean: number; interval95: Interval | null }): string {
  return `${mean.toFixed(3)}${printInterval(interval95)}`
}

/** A 95% interval in brackets after a blank; nothing where there is none. */
export function printInterval(interval: Interval | null, print = (value: number) => value.toFixed(3)): string {
  return interval === null ? '' : ` [${print(interval.low)}, ${print(interval.high)}]`
}

/** With its sign, three digits after the point. */
export function printDifference(difference: number): string {
  const text = Math.abs(difference).toFixed(3)
  if (Number(text) === 0) return text
  return `${difference < 0 ? '−' : '+'}${text}`
}
