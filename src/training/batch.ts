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
  /** The view is the image itself or its mirror image. */
  readonly plain: boolean
}

export interface BatchSettings extends ViewLayout {
  readonly modalities: readonly Modality[]
  /** Modalities whose training images include normal ones: only they teach presence. */
  readonly presenceModalities: ReadonlySet<Modality>
}

/**
 * The feeds of one training step. Masks are learned from lesion images; presence where a modality has normals, and from
 * plain views alone: a zoomed or marked view no longer shows what a whole image without a lesion looks like
 * (docs/experiments.md).
 */
export function trainingFeeds(batch: readonly BatchEntry[], settings: BatchSettings, random: Random): Tensors {
  const vector = (is: (entry: BatchEntry) => boolean) => Float32Array.from(batch, (entry) => (is(entry) ? 1 : 0))
  const lesion = vector(({ image }) => image.lesion)
  const shape = [batch.length]
  const views = stacked(batch, settings)
  return {
    ...views,
    ...promptFeeds(views.target!.data, maskSide(settings.size), random),
    modality: choices(batch, settings.modalities),
    lesion: { data: lesion, shape },
    maskWeight: { data: shares(lesion), shape },
    presenceWeight: {
      data: shares(vector(({ image, plain }) => plain && settings.presenceModalities.has(image.row.modality))),
      shape,
    },
  }
}

/** The feeds of one evaluation pass: features and modality. */
export function evaluationFeeds(
  batch: readonly Omit<BatchEntry, 'plain'>[],
  settings: ViewLayout & Pick<BatchSettings, 'modalities'>,
): Tensors {
  const { target: _, ...features } = stacked(batch, settings)
  return { ...features, modality: choices(batch, settings.modalities) }
}

function stacked(batch: readonly Pick<BatchEntry, 'view'>[], layout: ViewLayout) {
  return stackViews(
    batch.map(({ view }) => view),
    layout,
  )
}

function choices(batch: readonly Pick<BatchEntry, 'image'>[], modalities: readonly Modality[]) {
  const data = Float32Array.from(batch.flatMap(({ image }) => [...oneHot(image.row.modality, modalities)]))
  return { data, shape: [batch.length, modalities.length] }
}

/** Divides by the sum, so that a loss is a mean over what counts; all 0 stays all 0. */
function shares(weights: Float32Array): Float32Array {
  const sum = weights.reduce((total, weight) => total + weight, 0)
  return sum === 0 ? weights : weights.map((weight) => weight / sum)
}
