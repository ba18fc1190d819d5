import path from 'node:path'
import { ScreeningError } from '#core/errors.ts'
import { seededRandom } from '#core/random.ts'
import { standardise } from '#imaging/standardise.ts'
import { type InteractivePredictor, openInteractivePredictor } from '#sam/interactive.ts'
import { openModel } from '#sam/model.ts'
import { outline } from '#sam/outline.ts'
import { openPredictor, type Predictor } from '#sam/predict.ts'
import { loadBaseWeights } from '#sam/weights.ts'
import { bootstrapInterval, type Interval } from '#training/bootstrap.ts'
import { type DatasetImage, dataHash, loadImage } from '#training/dataset.ts'
import { evaluatePrompts, PROMPT_KINDS } from '#training/evaluate-prompts.ts'
import type { BadRow, Split } from '#training/manifest.ts'
import { mean, type Overlap, overlap } from '#training/metrics.ts'
import { type EvaluateOptions, readImages } from './evaluate.ts'
import { prepareFolder, writeOutput } from './output.ts'

/** One kind of prompt, answered by the model or by SAM 2 as it was published. */
export interface PromptRow {
  readonly prompt: string
  readonly by: 'model' | 'base'
  readonly dice: number
  readonly diceInterval95: Interval | null
  readonly iou: number
}

export interface PromptFigures {
  readonly model: { readonly name: string; readonly sha256: string }
  readonly split: Split
  readonly dataHash: string
  /** Those with a lesion; others have nothing to point at. */
  readonly images: number
  readonly badRows: readonly BadRow[]
  readonly rows: readonly PromptRow[]
  /** The table for a person. */
  readonly text: string
}

const SEED = 21

/**
 * Judges a model's answers to the prompts of a doctor who has the truth in mind, beside its automatic masks and beside
 * the answers of SAM 2 as it was published. With `out` it writes `prompts.json` and `prompts.txt`.
 * @throws as `evaluate`; NO_IMAGES where none has a lesion
 */
export async function examinePrompts(options: EvaluateOptions): Promise<PromptFigures> {
  const { split, out, device, threads, onEvaluating, signal } = options
  if (out !== undefined) await prepareFolder(out)
  const { images, badRows } = await readImages(options)
  const lesions = images.filter(({ lesion }) => lesion)
  if (lesions.length === 0) throw new ScreeningError('NO_IMAGES', { split })
  const [model, weights] = [await openModel(options.model, options), await loadBaseWeights(options)]
  const engine = { ...(device && { device }), ...(threads && { threads }) }
  await using predictor = await openPredictor(model, engine)
  await using ours = await openInteractivePredictor(model, engine)
  await using base = await openInteractivePredictor({ ...model, weights }, engine)
  const answers: Answers[] = []
  for (const image of lesions) {
    signal?.throwIfAborted()
    answers.push(await answersTo(image, predictor, { model: ours, base }))
    onEvaluating?.({ stage: 'evaluated', done: answers.length, total: lesions.length })
  }
  const rows = summarised(answers)
  const { name } = model.metadata
  const about = { model: { name, sha256: model.sha256 }, split, dataHash: dataHash(lesions), images: lesions.length }
  const figures = { ...about, badRows, rows }
  const text = `model ${name} ${model.sha256.slice(0, 12)}, split ${split}\n\n${printRows(rows, lesions.length)}`
  if (out !== undefined) {
    await writeOutput(path.join(out, 'prompts.json'), `${JSON.stringify(figures, null, 2)}\n`)
    await writeOutput(path.join(out, 'prompts.txt'), text)
  }
  return { ...figures, text }
}

/** The agreement of every answer to one image with the doctor's mask. */
interface Answers {
  readonly image: DatasetImage
  readonly overlaps: readonly (Pick<PromptRow, 'prompt' | 'by'> & Overlap)[]
}

async function answersTo(
  image: DatasetImage,
  predictor: Predictor,
  interactive: Readonly<Record<PromptRow['by'], InteractivePredictor>>,
): Promise<Answers> {
  const { raster, truth } = await loadImage(image.row)
  const settings = predictor.settings(image.row.modality)
  const standardised = standardise(raster, settings.preprocessing)
  const prediction = await predictor.predict(standardised.image, image.row.modality)
  const automatic = { maskLogits: prediction.maskLogits, mask: outline(prediction, standardised.frame, settings) }
  const overlaps: Answers['overlaps'][number][] = [{ prompt: 'none', by: 'model', ...overlap(automatic.mask, truth) }]
  for (const by of ['model', 'base'] as const) {
    const seen = await interactive[by].look(standardised)
    const judged = await evaluatePrompts(interactive[by], seen, truth, automatic)
    overlaps.push(...PROMPT_KINDS.map((prompt) => ({ prompt, by, ...judged[prompt] })))
  }
  return { image, overlaps }
}

function summarised(answers: readonly Answers[]): PromptRow[] {
  return answers[0]!.overlaps.map(({ prompt, by }, i) => {
    const of = answers.map(({ image, overlaps }) => ({ cluster: image.row.cluster, ...overlaps[i]! }))
    const dice = (some: readonly (typeof of)[number][]) => mean(some.map((one) => one.dice))
    const random = seededRandom(SEED, 'bootstrap', prompt, by)
    const diceInterval95 = bootstrapInterval(of, ({ cluster }) => cluster, dice, random)
    return { prompt, by, dice: dice(of), diceInterval95, iou: mean(of.map(({ iou }) => iou)) }
  })
}

function printRows(rows: readonly PromptRow[], images: number): string {
  const lines = rows.map(({ prompt, by, dice, diceInterval95, iou }) => {
    const interval = diceInterval95 ? `[${diceInterval95.low.toFixed(3)}, ${diceInterval95.high.toFixed(3)}]` : ''
    const whose = by === 'model' ? 'this model' : 'SAM 2 as published'
    return `  ${prompt.padEnd(15)} ${whose.padEnd(19)} Dice ${dice.toFixed(3)} ${interval.padEnd(15)} IoU ${iou.toFixed(3)}`
  })
  return `${images} lesion images, pointed at by the truth; without a prompt whatever presence says\n${lines.join('\n')}\n`
}
