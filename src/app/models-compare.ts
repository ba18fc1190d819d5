import path from 'node:path'
import { stringify } from 'csv-stringify/sync'
import { ScreeningError } from '#core/errors.ts'
import type { Modality } from '#core/modality.ts'
import type { Language } from '#core/words.ts'
import type { Device } from '#engine/protocol.ts'
import type { Plate } from '#report/gallery.ts'
import { printSections } from '#report/sections.ts'
import { type Model, openModels } from '#sam/model.ts'
import { openPredictor, type Predictor } from '#sam/predict.ts'
import type { StoreOptions } from '#sam/weights.ts'
import { type DatasetImage, dataHash } from '#training/dataset.ts'
import { evaluateImage, outlineImage, toFigure } from '#training/evaluate.ts'
import type { BadRow, Split } from '#training/manifest.ts'
import { type Comparison, comparePairs, type ImagePair, type Verdict, verdictOf } from '#training/paired.ts'
import { type EvaluateProgress, judgedBy, readImages, whyNoPresence } from './evaluate.ts'
import { modelFile } from './models.ts'
import { comparisonPage, comparisonSections } from './models-compare-page.ts'
import { printDifference } from './models-figures.ts'
import { prepareFolder, writeOutput } from './output.ts'
import { type Answer, classNote, drawPlate, readingOf } from './plate.ts'
import type { Judged } from './worst-page.ts'

export interface CompareOptions extends StoreOptions {
  /** Model files or run folders; `default` is the model that comes with this software. */
  readonly models: readonly [first: string, second: string]
  /** Manifests; `US:path` says what the images of one are of. */
  readonly data: readonly string[]
  readonly split: Split
  readonly modality?: Modality | undefined
  /** Folder for `differences.csv`, `summary.json`, `summary.txt` and `comparison.html`. */
  readonly out: string
  /** Of `summary.txt`, and in which the page opens; it holds both. */
  readonly language: Language
  readonly device?: Device | undefined
  readonly threads?: number | undefined
  readonly onEvaluating?: ((progress: EvaluateProgress) => void) | undefined
}

/** Images that were not compared because a model was not validated on their kind. */
export interface LeftOut {
  readonly modality: Modality
  readonly images: number
  /** Name of that model. */
  readonly model: string
}

export interface ModelComparison {
  readonly models: { readonly first: ModelName; readonly second: ModelName }
  readonly split: Split
  readonly dataHash: string
  readonly images: number
  readonly leftOut: readonly LeftOut[]
  readonly badRows: readonly BadRow[]
  /** Of the masks that a user gets, second less first. */
  readonly comparison: Comparison
  /** Of the decoders' masks, whatever presence says. */
  readonly withoutPresenceGate: Comparison
  /** What the headline's lesion images allow to say of each modality. */
  readonly verdicts: Readonly<Partial<Record<Modality, Verdict>>>
  /** The summary for a person. */
  readonly text: string
}

export interface ModelName {
  readonly name: string
  readonly sha256: string
}

/** One image under both models, with what is needed to draw it. */
interface JudgedPair {
  readonly image: DatasetImage
  readonly first: Judged
  readonly second: Judged
}

/** Draws the bootstrap; fixed, so that the same masks give the same intervals. */
const BOOTSTRAP_SEED = 20
/** How many gains, and how many losses, the page shows. */
const PLATES = 9

/**
 * Runs two models over the same images and writes how they differ, image by image and on average.
 * @throws as `evaluate`; MODALITY_NOT_VALIDATED when there is no image that both were validated on.
 */
export async function compareModels(options: CompareOptions): Promise<ModelComparison> {
  const { out, split, device, threads, language } = options
  await prepareFolder(out)
  const files = await Promise.all(options.models.map(modelFile))
  const models = (await openModels(files, options)) as [Model, Model]
  const { images: all, badRows } = await readImages(options)
  const { images, leftOut } = divide(all, models)
  const session = { ...(device && { device }), ...(threads && { threads }) }
  await using first = await openPredictor(models[0], session)
  await using second = await openPredictor(models[1], session)
  const pairs = await judgePairs(images, first, second, options)
  const comparison = comparePairs(pairs.map(gated), BOOTSTRAP_SEED)
  const facts = {
    models: { first: nameOf(models[0]), second: nameOf(models[1]) },
    ...{ split, dataHash: dataHash(images), images: images.length, leftOut, badRows, comparison },
    withoutPresenceGate: comparePairs(pairs.map(bare), BOOTSTRAP_SEED),
    verdicts: verdictsOf(comparison),
  }
  const result = { ...facts, text: printSections(comparisonSections(facts), language) }
  await writeComparison(options, result, pairs, first, second)
  return result
}

/** The images that both models were validated on. */
function divide(all: readonly DatasetImage[], models: readonly Model[]) {
  const refusing = (modality: Modality) => models.find(({ metadata }) => metadata.modalities[modality] === undefined)
  const leftOut = [...Map.groupBy(all, ({ row }) => row.modality)].flatMap(([modality, of]): LeftOut[] => {
    const model = refusing(modality)
    return model === undefined ? [] : [{ modality, images: of.length, model: model.metadata.name }]
  })
  const images = all.filter(({ row }) => refusing(row.modality) === undefined)
  const [lacking] = leftOut
  if (images.length === 0 && lacking !== undefined) {
    throw new ScreeningError('MODALITY_NOT_VALIDATED', { modality: lacking.modality, model: lacking.model })
  }
  return { images, leftOut }
}

function verdictsOf({ perModality }: Comparison): ModelComparison['verdicts'] {
  const verdicts = Object.entries(perModality).map(([name, { headline }]) => [name, verdictOf(headline.lesionImages)])
  return Object.fromEntries(verdicts)
}

function nameOf({ metadata, sha256 }: Model): ModelName {
  return { name: metadata.name, sha256 }
}

async function judgePairs(
  images: readonly DatasetImage[],
  first: Predictor,
  second: Predictor,
  { onEvaluating, signal }: CompareOptions,
): Promise<JudgedPair[]> {
  const pairs: JudgedPair[] = []
  for (const image of images) {
    signal?.throwIfAborted()
    pairs.push({
      image,
      first: judgedBy(first.model, await evaluateImage(first, image)),
      second: judgedBy(second.model, await evaluateImage(second, image)),
    })
    onEvaluating?.({ stage: 'evaluated', done: pairs.length, total: images.length })
  }
  return pairs
}

function gated({ first, second }: JudgedPair): ImagePair {
  return { first: first.figure, second: second.figure }
}

function bare({ first, second }: JudgedPair): ImagePair {
  return { first: toFigure(first.evaluation, null), second: toFigure(second.evaluation, null) }
}

async function writeComparison(
  options: CompareOptions,
  { text, ...result }: ModelComparison,
  pairs: readonly JudgedPair[],
  first: Predictor,
  second: Predictor,
): Promise<void> {
  const { out, language, onEvaluating, signal } = options
  await writeOutput(
    path.join(out, 'differences.csv'),
    stringify(
      pairs.map((pair) => csvRow(pair, first.model, second.model)),
      { header: true },
    ),
  )
  await writeOutput(path.join(out, 'summary.json'), `${JSON.stringify(result, null, 2)}\n`)
  await writeOutput(path.join(out, 'summary.txt'), text)
  const { gains, losses } = extremes(pairs)
  const total = gains.length + losses.length
  let done = 0
  const draw = async (chosen: readonly JudgedPair[]) => {
    const plates: Plate[] = []
    for (const pair of chosen) {
      signal?.throwIfAborted()
      plates.push(await drawPair(pair, first, second))
      onEvaluating?.({ stage: 'drawn', done: ++done, total })
    }
    return plates
  }
  const page = comparisonPage(result, { gains: await draw(gains), losses: await draw(losses) }, language)
  await writeOutput(path.join(out, 'comparison.html'), page)
}

/** The images on which the second model's Dice is higher than the first's, and lower, farthest first. */
function extremes(pairs: readonly JudgedPair[]): { gains: JudgedPair[]; losses: JudgedPair[] } {
  const ordered = pairs.toSorted((a, b) => differenceOf(b) - differenceOf(a))
  return {
    gains: ordered.filter((pair) => differenceOf(pair) > 0).slice(0, PLATES),
    losses: ordered
      .reverse()
      .filter((pair) => differenceOf(pair) < 0)
      .slice(0, PLATES),
  }
}

function differenceOf({ first, second }: JudgedPair): number {
  return second.figure.dice - first.figure.dice
}

/** Both masks are made once more rather than all kept. */
async function drawPair({ image, ...judged }: JudgedPair, first: Predictor, second: Predictor): Promise<Plate> {
  const [a, b] = [await outlineImage(first, image), await outlineImage(second, image)]
  const answers: Answer[] = [
    { hand: 'first', outlined: a, threshold: judged.first.threshold },
    { hand: 'second', outlined: b, threshold: judged.second.threshold },
  ]
  const [before, after] = [judged.first.figure, judged.second.figure]
  return {
    id: before.id,
    notes: [`Dice ${printDifference(after.dice - before.dice)}`, classNote(before)],
    drawing: await drawPlate(a.raster, a.truth, answers),
    readings: [readingOf('first', before), readingOf('second', after)],
  }
}

function csvRow({ image: { row }, first, second }: JudgedPair, modelA: Model, modelB: Model) {
  const [a, b] = [first.figure, second.figure]
  return {
    dataset: row.dataset,
    id: row.id,
    modality: row.modality,
    class: row.class,
    nearDuplicateOf: row.nearDuplicateOf ?? '',
    diceA: a.dice.toFixed(4),
    diceB: b.dice.toFixed(4),
    diceDifference: (b.dice - a.dice).toFixed(4),
    iouA: a.iou.toFixed(4),
    iouB: b.iou.toFixed(4),
    iouDifference: (b.iou - a.iou).toFixed(4),
    presenceA: a.presence?.toFixed(4) ?? whyNoPresence(modelA, row.modality),
    presenceB: b.presence?.toFixed(4) ?? whyNoPresence(modelB, row.modality),
    truthAreaPx: first.evaluation.truthAreaPx,
    areaAPx: a.predictedAreaPx,
    areaBPx: b.predictedAreaPx,
    diceWithoutGateA: first.evaluation.mask.dice.toFixed(4),
    diceWithoutGateB: second.evaluation.mask.dice.toFixed(4),
  }
}
