/// <reference lib="esnext.float16" />
import type { Preprocessing } from '#core/preprocessing.ts'
import { seededRandom } from '#core/random.ts'
import { augment, blockMeans, mirror, type Sample } from './augment.ts'
import { type FeatureCache, viewKey } from './cache.ts'
import { type DatasetImage, loadImage, toSample } from './dataset.ts'
import type { FeatureExtractor } from './frozen-features.ts'
import { PLAIN_VIEWS } from './sampler.ts'
import { maskSide, packView, type ViewLayout, viewLength } from './view-layout.ts'

/** Raise it when features, targets or augmentations come out differently from the same input. */
const FORMAT = 3

export interface PixelViewSettings {
  readonly seed: number
  /** First block of the trunk that trains. */
  readonly trunkFrom: number
  /** How this image is standardised. */
  readonly preprocessing: (image: DatasetImage) => Preprocessing
}

export interface ViewSettings extends PixelViewSettings {
  readonly weightsId: string
}

/** Views of images: view 0 is the image, view 1 its mirror image, further ones are random. */
export interface ViewStore {
  /** One view with its target, as laid out by `view-layout.ts`. */
  read(image: DatasetImage, view: number): Promise<Float16Array>
  /**
   * Computes ahead what is kept.
   * @throws CACHE_FULL when the views do not fit.
   */
  fill(wanted: readonly ViewsWanted[], onView: (done: number, total: number) => void): Promise<void>
}

/** Views 0 to `views` - 1 of an image. */
export interface ViewsWanted {
  readonly image: DatasetImage
  readonly views: number
}

/** Views as images, made whenever they are read: what a trunk that trains learns from. */
export function pixelViews({ seed, trunkFrom, preprocessing }: PixelViewSettings): ViewStore {
  return {
    read: async (image, view) => {
      const sample = viewOf(toSample(await loadImage(image.row), preprocessing(image)), view, seed, image)
      const layout = { size: sample.image.width, trunkFrom }
      return packView({ image: sample.image.data, target: blockMeans(sample.softMask, maskSide(layout.size)) }, layout)
    },
    fill: async () => {},
  }
}

/** Views as features of the frozen trunk, kept on disk. */
export function openViewStore(cache: FeatureCache, extractor: FeatureExtractor, settings: ViewSettings): ViewStore {
  const keyOf = (image: DatasetImage, view: number) =>
    viewKey({
      format: FORMAT,
      imageSha256: image.imageSha256,
      maskSha256: image.maskSha256,
      preprocessing: settings.preprocessing(image),
      weightsId: settings.weightsId,
      trunkFrom: settings.trunkFrom,
      view,
      modality: view < PLAIN_VIEWS ? null : image.row.modality,
      seed: view < PLAIN_VIEWS ? 0 : settings.seed,
    })
  const layoutOf = (image: DatasetImage): ViewLayout => {
    return { size: settings.preprocessing(image).size, trunkFrom: settings.trunkFrom }
  }

  const compute = async (image: DatasetImage, view: number, sample: Sample) => {
    const layout = layoutOf(image)
    const seen = viewOf(sample, view, settings.seed, image)
    const features = await extractor.extract(seen.image)
    const packed = packView({ ...features, target: blockMeans(seen.softMask, maskSide(layout.size)) }, layout)
    await cache.write(keyOf(image, view), packed)
    return packed
  }
  const sampleOf = async (image: DatasetImage) => toSample(await loadImage(image.row), settings.preprocessing(image))

  return {
    read: async (image, view) => {
      const cached = await cache.read(keyOf(image, view), viewLength(layoutOf(image)))
      return cached ?? compute(image, view, await sampleOf(image))
    },
    fill: async (wanted, onView) => {
      const longest = Math.max(0, ...wanted.map(({ image }) => viewLength(layoutOf(image))))
      const keys = wanted.flatMap(({ image, views }) => Array.from({ length: views }, (_, view) => keyOf(image, view)))
      await cache.reserve(new Set(keys), longest)
      let done = 0
      let running: Promise<unknown> = Promise.resolve()
      for (const { image, views } of wanted) {
        const missing: number[] = []
        for (let view = 0; view < views; view++) {
          if (!(await cache.has(keyOf(image, view), viewLength(layoutOf(image))))) missing.push(view)
        }
        done += views - missing.length
        if (missing.length > 0) {
          const sample = await sampleOf(image)
          for (const view of missing) {
            // The next view is prepared here while the worker computes the one before.
            const next = compute(image, view, sample)
            // A failure is heard where `running` is awaited.
            next.catch(() => undefined)
            await running
            running = next.then(() => onView(++done, keys.length))
          }
        }
        onView(done, keys.length)
      }
      await running
    },
  }
}

/** One view of a standardised image: itself, its mirror image, or a random one that the seed and its number decide. */
export function viewOf(sample: Sample, view: number, seed: number, image: DatasetImage): Sample {
  if (view === 0) return sample
  if (view === 1) return mirror(sample)
  return augment(sample, image.row.modality, seededRandom(seed, 'view', image.imageSha256, view))
}
