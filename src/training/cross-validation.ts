/** k-fold cross-validation: which image is validated in which fold, and what all folds together say. */
import { ScreeningError } from '#core/errors.ts'
import type { Modality } from '#core/modality.ts'
import { seededRandom } from '#core/random.ts'
import type { DatasetImage } from './dataset.ts'
import { groupedFolds } from './folds.ts'
import { LESIONS_KEPT } from './held-out.ts'
import { rowTies } from './manifest.ts'
import { mean } from './metrics.ts'
import { chooseGate, type PresenceGate, printGate } from './presence-gate.ts'
import { type ImageFigure, printSummary, type Summary, summarise } from './summary.ts'
import { connected } from './ties.ts'

/** One run of a cross-validation. */
export interface Fold {
  /** Counted from 1. */
  readonly number: number
  /** All images: in split `val` those of this fold, in `train` the others. */
  readonly images: readonly DatasetImage[]
}

/**
 * Divides images into folds, each of which validates the model that the others train; every image is validated once.
 * Images that depend on each other stay together; classes of each data set are spread evenly.
 * @throws TRAINING_DATA_UNFIT when a fold would have no lesion to train or to validate on.
 */
export function foldsOf(images: readonly DatasetImage[], count: number, seed: number): Fold[] {
  const cluster = dependencies(images)
  const by = {
    cluster: (image: DatasetImage) => cluster.get(image)!,
    stratum: ({ row }: DatasetImage) => `${row.dataset}/${row.modality}/${row.class}`,
  }
  const foldOf = groupedFolds(images, count, by, seededRandom(seed, 'folds'))
  return Array.from({ length: count }, (_, fold) => {
    const divided = images.map((image, i): DatasetImage => {
      return { ...image, row: { ...image.row, split: foldOf[i] === fold ? 'val' : 'train' } }
    })
    const lesions = (split: string) => divided.filter(({ row, lesion }) => lesion && row.split === split).length
    const [trainLesions, valLesions] = [lesions('train'), lesions('val')]
    if (trainLesions === 0 || valLesions === 0) {
      throw new ScreeningError('TRAINING_DATA_UNFIT', { fold: fold + 1, folds: count, trainLesions, valLesions })
    }
    return { number: fold + 1, images: divided }
  })
}

/**
 * Names, for every image, what it depends on: images of one patient, of one group, near-duplicates of each other and
 * copies of one picture have the same name, and so have those that only others connect.
 */
export function dependencies(images: readonly DatasetImage[]): Map<DatasetImage, string> {
  return connected(images, ({ row, imageSha256 }) => [...rowTies(row), `picture/${imageSha256}`])
}

/** What one fold came to, of the masks whatever presence says. */
export interface FoldResult {
  readonly fold: number
  readonly modelSha256: string
  readonly epochs: number
  /** Counted from 0. */
  readonly bestEpoch: number
  /** Of the images that it validated. */
  readonly figures: readonly ImageFigure[]
}

/** How a figure differs from fold to fold. */
interface FoldSpread {
  readonly mean: number
  /** Sample standard deviation. */
  readonly sd: number
  readonly lowest: number
  readonly highest: number
}

export interface CrossValidation {
  readonly folds: readonly {
    readonly fold: number
    readonly modelSha256: string
    readonly epochs: number
    readonly bestEpoch: number
    readonly images: number
    readonly lesions: number
    /** Mean over lesion images. */
    readonly dice: number
    readonly iou: number
    /** `null` where the fold has no image without a lesion, or the model gives no presence. */
    readonly presenceAuc: number | null
  }[]
  /** Over the folds: `presenceAuc` over those that have one. */
  readonly spread: {
    readonly dice: FoldSpread
    readonly iou: FoldSpread
    readonly presenceAuc: FoldSpread | null
  }
  /** Over all images, each judged by the model that did not see it; intervals by resampling what depends on each other. */
  readonly outOfFold: Summary
  /** The presence threshold that keeps 95% of lesions, chosen and judged by cross-validation over all images. */
  readonly presenceGate: Readonly<Partial<Record<Modality, PresenceGate>>>
}

/** Sums folds up. @param seed draws the bootstrap. */
export function sumUpFolds(results: readonly FoldResult[], seed: number): CrossValidation {
  const folds = results.map(({ figures, ...result }) => {
    const { lesionImages, presenceAuc } = summarise(figures, seed).allRows
    if (lesionImages === null) throw new ScreeningError('INTERNAL', { fold: result.fold })
    const { images: lesions, dice, iou } = lesionImages
    const overlaps = { dice: dice.mean, iou: iou.mean, presenceAuc: presenceAuc?.auc ?? null }
    return { ...result, images: figures.length, lesions, ...overlaps }
  })
  const figures = results.flatMap((result) => result.figures)
  const aucs = folds.flatMap(({ presenceAuc }) => presenceAuc ?? [])
  return {
    folds,
    spread: {
      dice: spreadOf(folds.map(({ dice }) => dice)),
      iou: spreadOf(folds.map(({ iou }) => iou)),
      presenceAuc: aucs.length === 0 ? null : spreadOf(aucs),
    },
    outOfFold: summarise(figures, seed),
    presenceGate: gatesOf(figures, seed),
  }
}

function gatesOf(figures: readonly ImageFigure[], seed: number): CrossValidation['presenceGate'] {
  const gates = [...Map.groupBy(figures, ({ modality }) => modality)].flatMap(([modality, of]) => {
    const scored = of.flatMap(({ presence, ...figure }) =>
      presence === null ? [] : [{ ...figure, presence, source: 'out-of-fold' }],
    )
    const isTaught = scored.some(({ lesion }) => !lesion)
    const gate = isTaught ? chooseGate(scored, LESIONS_KEPT, seed) : null
    return gate === null ? [] : [[modality, gate] as const]
  })
  return Object.fromEntries(gates)
}

function spreadOf(values: readonly number[]): FoldSpread {
  const average = mean(values)
  const squares = values.reduce((sum, value) => sum + (value - average) ** 2, 0)
  const sd = values.length > 1 ? Math.sqrt(squares / (values.length - 1)) : 0
  return { mean: average, sd, lowest: Math.min(...values), highest: Math.max(...values) }
}

/** What the figures are and are not. */
export const CROSS_VALIDATION_NOTE = {
  zh: '每幅图像由未见过它的模型分割，掩膜不经存在评分筛选。每折的最佳轮次与掩膜阈值由该折自身的验证图像选定，因此数值略偏乐观。',
  en: 'Each image was segmented by a model that had not seen it; masks are those before the presence gate. The best epoch and the mask threshold of each fold were chosen on the images that it validates, which flatters the figures a little.',
} as const

/** The cross-validation as lines for a person. */
export function printCrossValidation({ folds, spread, outOfFold, presenceGate }: CrossValidation): string {
  const row = (cells: readonly (string | number)[]) => cells.map((cell) => String(cell).padStart(9)).join('')
  const print = (value: number | null) => (value === null ? '-' : value.toFixed(3))
  const lines = folds.map(({ fold, images, lesions, bestEpoch, dice, iou, presenceAuc }) =>
    row([fold, images, lesions, bestEpoch + 1, print(dice), print(iou), print(presenceAuc)]),
  )
  const over = (name: string, of: FoldSpread | null) =>
    of === null
      ? []
      : [`  ${name.padEnd(16)} ${print(of.mean)}, sd ${print(of.sd)}, ${print(of.lowest)} to ${print(of.highest)}`]
  const gates = Object.entries(presenceGate).map(([modality, gate]) => printGate(modality, gate))
  return `${folds.length}-fold cross-validation. ${CROSS_VALIDATION_NOTE.en}

${row(['fold', 'images', 'lesions', 'epoch', 'Dice', 'IoU', 'AUC'])}
${lines.join('\n')}

Over the folds (lesion images, near-duplicates included)
${[...over('Dice', spread.dice), ...over('IoU', spread.iou), ...over('presence AUC', spread.presenceAuc)].join('\n')}

Over all images, out-of-fold (95% intervals by resampling patients and groups)
${printSummary(outOfFold)}${gates.join('')}`
}
