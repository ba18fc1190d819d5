/** A training run small enough for a test: random base weights, 64 pixels, features drawn from each image's hash. */
import path from 'node:path'
import { DEFAULT_PREPROCESSING } from '#core/preprocessing.ts'
import { seededRandom } from '#core/random.ts'
import shapes from '#sam/tensors.json' with { type: 'json' }
import type { NamedTensor, Weights } from '#sam/weights.ts'
import type { DatasetImage } from './dataset.ts'
import { openRunFolder } from './run-folder.ts'
import { RECIPE, type TrainingInput, type TrainingProgress, type TrainingResult, train } from './train.ts'
import { packView, type ViewPart, viewShapes } from './view-layout.ts'
import type { ViewStore } from './views.ts'

export const TINY_SIZE = 64
export const SETTINGS = {
  ...RECIPE,
  trunkFrom: 12,
  epochs: 2,
  stepsPerEpoch: 2,
  batch: 2,
  views: 2,
  warmUpSteps: 2,
  trainSample: 2,
  patience: 9,
}

export interface TinyOptions {
  readonly folder: string
  /** Holds `<id>.png` images and `<id>-mask.png` masks, all of the same size. */
  readonly imageFolder: string
  readonly resume?: boolean
  readonly signal?: AbortSignal
  readonly onProgress?: (progress: TrainingProgress) => void
}

/** Numbers of the base weights' shapes and roughly their scale; the trunk, which no training graph holds, is left out. */
export function randomWeights(): Weights {
  const random = seededRandom(5, 'weights')
  const held = Object.entries(shapes as Record<string, number[]>).filter(([name]) => !name.includes('.trunk.'))
  return new Map(
    held.map(([name, shape]): [string, NamedTensor] => {
      const length = shape.reduce((product, extent) => product * extent, 1)
      return [name, { shape, data: Float32Array.from({ length }, () => 0.05 * random.normal()) }]
    }),
  )
}

/** What a tiny run may be given in place of its own. */
export type TinyInput = Partial<Pick<TrainingInput, 'images' | 'views' | 'settings' | 'base'>>

export async function tinyTraining(
  { folder, imageFolder, resume = false, signal, onProgress }: TinyOptions,
  given: TinyInput = {},
) {
  const run = await openRunFolder(folder, SETTINGS, resume)
  try {
    const result: TrainingResult = await train({
      settings: SETTINGS,
      size: TINY_SIZE,
      preprocessing: () => ({ ...DEFAULT_PREPROCESSING.US, size: TINY_SIZE }),
      images: tinyImages(imageFolder),
      base: randomWeights(),
      views: drawnViews(),
      run,
      runHash: 'tiny',
      engine: { threads: 1 },
      onProgress: onProgress ?? (() => {}),
      ...(signal && { signal }),
      ...given,
    })
    return result
  } finally {
    await run.close()
  }
}

/** Four training images, one of them normal, and two for validation. */
export function tinyImages(folder: string): DatasetImage[] {
  return Array.from({ length: 6 }, (_, i): DatasetImage => {
    const id = `tiny${i}`
    const lesion = i !== 2
    return {
      imageSha256: id,
      maskSha256: id,
      lesion,
      row: {
        id,
        line: i + 2,
        imageFile: path.join(folder, `${id}.png`),
        maskFile: path.join(folder, `${id}-mask.png`),
        class: lesion ? 'benign' : 'normal',
        split: i < 4 ? 'train' : 'val',
        group: null,
        nearDuplicateOf: null,
        classConflict: false,
        patient: null,
        side: null,
        view: null,
        modality: 'US',
        energy: null,
        dataset: 'tiny',
        companionFile: null,
        cluster: id,
      },
    }
  })
}

/** Features and targets drawn from each image's hash, behind the whole frozen trunk. */
export function drawnViews(): ViewStore {
  return {
    fill: async () => {},
    read: async (image, view) => {
      const random = seededRandom(1, image.imageSha256, view)
      const parts = Object.entries(viewShapes({ size: TINY_SIZE, trunkFrom: 12 })).map(([name, shape]) => {
        const length = shape.reduce((product, extent) => product * extent, 1)
        const draw = name === 'target' ? () => (image.lesion ? Math.round(random.uniform()) : 0) : () => random.normal()
        return [name, Float32Array.from({ length }, draw)]
      })
      return packView(Object.fromEntries(parts) as Record<ViewPart, Float32Array>, { size: TINY_SIZE, trunkFrom: 12 })
    },
  }
}
