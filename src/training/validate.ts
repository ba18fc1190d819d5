import type { Mask } from '#core/mask.ts'
import type { Modality } from '#core/modality.ts'
import type { Preprocessing } from '#core/preprocessing.ts'
import type { Session } from '#engine/session.ts'
import type { Tensor, Tensors } from '#engine/tensor.ts'
import { frameOf } from '#imaging/frame.ts'
import { logitsToMask } from '#imaging/resample.ts'
import type { Weights } from '#sam/weights.ts'
import { evaluationFeeds } from './batch.ts'
import { type DatasetImage, loadTruth } from './dataset.ts'
import { areaUnderRoc, mean, type Overlap, overlap } from './metrics.ts'
import type { EpochRecord } from './run-folder.ts'
import { maskSide, type ViewLayout } from './view-layout.ts'
import type { ViewStore } from './views.ts'

export interface ValidationSettings extends ViewLayout {
  readonly batch: number
  readonly modalities: readonly Modality[]
  readonly presenceModalities: ReadonlySet<Modality>
  readonly val: readonly DatasetImage[]
  readonly trainSample: readonly DatasetImage[]
  readonly maskThreshold: number
  readonly preprocessing: (image: DatasetImage) => Preprocessing
}

type ValidationFigures = Pick<
  EpochRecord,
  'train' | 'val' | 'valPerDataset' | 'firstLookDice' | 'presenceAuc' | 'score'
>

/** Figures of an epoch, from unaugmented images. */
export interface Validator extends AsyncDisposable {
  validate(weights: Weights): Promise<ValidationFigures>
}

interface Answer extends Overlap {
  readonly image: DatasetImage
  /** Dice of the mask before the second look. */
  readonly firstDice: number
  readonly presenceLogit: number
}

/** @param session of `evaluationModel`; closed with the validator. */
export function openValidator(session: Session, views: ViewStore, settings: ValidationSettings): Validator {
  const answers = async (images: readonly DatasetImage[], weights: Weights) => {
    const starts = Array.from({ length: Math.ceil(images.length / settings.batch) }, (_, i) => i * settings.batch)
    const batches = starts.map((start) => images.slice(start, start + settings.batch))
    const all: Answer[] = []
    let ahead = prepareBatch(views, settings, batches[0] ?? [])
    for (const [i, of] of batches.entries()) {
      const prepared = await ahead
      const answering = session.run({ ...parametersOf(weights), ...prepared.feeds })
      // The next batch is read while the worker computes.
      ahead = prepareBatch(views, settings, batches[i + 1] ?? [])
      // A failure is heard where `ahead` is awaited.
      ahead.catch(() => undefined)
      all.push(...answersOf(await answering, of, prepared.truths, settings))
    }
    return all
  }
  return {
    validate: async (weights) => {
      const train = await answers(settings.trainSample, weights)
      const val = await answers(settings.val, weights)
      const lesions = val.filter(({ image }) => image.lesion)
      const perDataset = [...Map.groupBy(lesions, ({ image }) => image.row.dataset)]
      const valPerDataset = Object.fromEntries(perDataset.map(([name, of]) => [name, agreement(of).dice]))
      const taught = val.filter(({ image }) => settings.presenceModalities.has(image.row.modality))
      const presence = (lesion: boolean) =>
        taught.filter(({ image }) => image.lesion === lesion).map(({ presenceLogit }) => presenceLogit)
      return {
        train: agreement(train),
        val: agreement(lesions),
        valPerDataset,
        firstLookDice: mean(lesions.map(({ firstDice }) => firstDice)),
        presenceAuc: areaUnderRoc(presence(true), presence(false)),
        score: mean(Object.values(valPerDataset)),
      }
    },
    [Symbol.asyncDispose]: () => session.close(),
  }
}

function agreement(of: readonly Overlap[]) {
  return { images: of.length, dice: mean(of.map(({ dice }) => dice)), iou: mean(of.map(({ iou }) => iou)) }
}

interface PreparedBatch {
  readonly feeds: Tensors
  readonly truths: readonly Mask[]
}

/** A short batch is filled up with its first image. */
async function prepareBatch(
  views: ViewStore,
  settings: ValidationSettings,
  images: readonly DatasetImage[],
): Promise<PreparedBatch> {
  const [first] = images
  if (first === undefined) return { feeds: {}, truths: [] }
  const [truths, entries] = await Promise.all([
    Promise.all(images.map(({ row }) => loadTruth(row))),
    Promise.all(images.map(async (image) => ({ image, view: await views.read(image, 0) }))),
  ])
  const full = Array.from({ length: settings.batch }, (_, i) => entries[i] ?? entries[0]!)
  return { feeds: evaluationFeeds(full, settings), truths }
}

function parametersOf(weights: Weights): Tensors {
  return Object.fromEntries([...weights].map(([name, { data, shape }]) => [name, { data, shape }]))
}

/** Dice and IoU at each image's own resolution. */
function answersOf(
  outputs: Tensors,
  images: readonly DatasetImage[],
  truths: readonly Mask[],
  settings: ValidationSettings,
): Answer[] {
  const side = maskSide(settings.size)
  const threshold = Math.log(settings.maskThreshold / (1 - settings.maskThreshold))
  return images.map((image, i) => {
    const truth = truths[i]!
    const frame = frameOf(truth, settings.preprocessing(image))
    const agreementOf = (answers: Tensor) => {
      const own = (answers.data as Float32Array).subarray(i * side * side, (i + 1) * side * side)
      return overlap(logitsToMask(own, { width: side, height: side }, frame, threshold), truth)
    }
    return {
      image,
      ...agreementOf(outputs.maskLogits!),
      firstDice: agreementOf(outputs.firstLook!).dice,
      presenceLogit: Number(outputs.presenceLogit!.data[i]),
    }
  })
}
