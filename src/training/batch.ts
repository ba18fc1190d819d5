/// <reference lib="esnext.float16" />
import type { Modality } from '#core/modality.ts'
import type { Random } from '#core/random.ts'
import type { Tensors } from '#engine/tensor.ts'
import { oneHot } from '#sam/automatic.ts'
import type { DatasetImage } from './dataset.ts'
import { promptFeeds } from './simulated-prompt.ts'
import { maskSide, stackViews, type ViewLayout } from './view-layout.ts'

/** One image of a batch with the packed view that stands for it. */
export interface BatchEntry {
  readonly image: DatasetImage
  readonly view: Float16Array
}

export interface BatchSettings extends ViewLayout {
  readonly modalities: readonly Modality[]
  /** Modalities whose training images include normal ones: only they teach presence. */
  readonly presenceModalities: ReadonlySet<Modality>
}

/** The feeds of one training step. Masks are learned from lesion images, presence where a modality has normals. */
export function trainingFeeds(batch: readonly BatchEntry[], settings: BatchSettings, random: Random): Tensors {
  const vector = (read: (image: DatasetImage) => number) => Float32Array.from(batch, ({ image }) => read(image))
  const shape = [batch.length]
  const views = stacked(batch, settings)
  return {
    ...views,
    ...promptFeeds(views.target!.data, maskSide(settings.size), random),
    modality: choices(batch, settings.modalities),
    lesion: { data: vector(({ lesion }) => (lesion ? 1 : 0)), shape },
    maskWeight: { data: shares(vector(({ lesion }) => (lesion ? 1 : 0))), shape },
    presenceWeight: {
      data: shares(vector(({ row }) => (settings.presenceModalities.has(row.modality) ? 1 : 0))),
      shape,
    },
  }
}

/** The feeds of one evaluation pass: features and modality. */
export function evaluationFeeds(
  batch: readonly BatchEntry[],
  settings: ViewLayout & Pick<BatchSettings, 'modalities'>,
): Tensors {
  const { target: _, ...features } = stacked(batch, settings)
  return { ...features, modality: choices(batch, settings.modalities) }
}

function stacked(batch: readonly BatchEntry[], layout: ViewLayout) {
  return stackViews(
    batch.map(({ view }) => view),
    layout,
  )
}

function choices(batch: readonly BatchEntry[], modalities: readonly Modality[]) {
  const data = Float32Array.from(batch.flatMap(({ image }) => [...oneHot(image.row.modality, modalities)]))
  return { data, shape: [batch.length, modalities.length] }
}

/** Divides by the sum, so that a loss is a mean over what counts; all 0 stays all 0. */
function shares(weights: Float32Array): Float32Array {
  const sum = weights.reduce((total, weight) => total + weight, 0)
  return sum === 0 ? weights : weights.map((weight) => weight / sum)
}
