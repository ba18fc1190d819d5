/** What both sides of the comparison of training steps get, in one file: the same weights, batch and settings. */
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { GreyImage } from '#core/image.ts'
import type { Modality } from '#core/modality.ts'
import { seededRandom } from '#core/random.ts'
import type { Tensors } from '#engine/tensor.ts'
import { oneHot } from '#sam/automatic.ts'
import { readSafetensors, writeSafetensors } from '#sam/safetensors.ts'
import { loadBaseWeights, type Weights } from '#sam/weights.ts'
import { openExtractor } from '#training/frozen-features.ts'
import { promptFeeds } from '#training/simulated-prompt.ts'
import { RECIPE, rateOf } from '#training/train.ts'
import {
  type GraphSettings,
  LOSS_WEIGHTS,
  MASK_LOSS_WEIGHTS,
  pieceSize,
  startingWeights,
  trainingModel,
} from '#training/training-graph.ts'
import { fromPixels, maskSide, packView, stackViews } from '#training/view-layout.ts'

export interface StepSettings {
  readonly batch: number
  /** Side of the images, pixels. */
  readonly size: number
  readonly threads: number
  /** First block of the trunk that trains, from pixels; 12 trains none, on cached features. */
  readonly trunkFrom: number
}

/** A problem on disk, to be read by both sides. */
export interface Problem extends AsyncDisposable {
  readonly settings: StepSettings
  readonly file: string
}

const MODALITIES: readonly Modality[] = ['MG', 'US']

export async function prepare(settings: StepSettings): Promise<Problem> {
  const base = await loadBaseWeights()
  const recipe = { ...RECIPE, ...settings, modalities: MODALITIES }
  const start = startingWeights(base, recipe, seededRandom(RECIPE.seed, 'bench'))
  const tensors = new Map([...start].filter(([name]) => fromPixels(settings) || !name.includes('.trunk.')))
  for (const [name, { shape, data }] of Object.entries(await syntheticBatch(base, settings))) {
    tensors.set(`batch/${name}`, { shape, data: data as Float32Array })
  }
  const { parameters } = trainingModel(start, { ...recipe, batch: 1 })
  const learningRates = Object.fromEntries(
    parameters.map((name) => [name, rateOf(name, { settings: { ...RECIPE, ...settings }, base })]),
  )
  const { weightDecay, clipNorm, averageDecay } = RECIPE
  const rest = { modalities: MODALITIES, lossWeights: LOSS_WEIGHTS, maskLossWeights: MASK_LOSS_WEIGHTS }
  const folder = await mkdtemp(join(tmpdir(), 'zaoshai-bench-'))
  const file = join(folder, 'step.safetensors')
  const all: StoredSettings = { ...settings, weightDecay, clipNorm, averageDecay, learningRates, ...rest }
  await writeFile(file, writeSafetensors(tensors, { settings: JSON.stringify(all) }))
  return { settings, file, [Symbol.asyncDispose]: () => rm(folder, { recursive: true }) }
}

interface StoredSettings extends StepSettings {
  readonly modalities: readonly Modality[]
  readonly learningRates: Readonly<Record<string, number>>
  readonly weightDecay: number
  readonly clipNorm: number
  readonly averageDecay: number
}

/** Our side of a problem. */
export interface OurStep {
  readonly settings: StoredSettings
  readonly model: Uint8Array
  readonly parameters: readonly string[]
  readonly start: Weights
  readonly feeds: Tensors
}

export async function readProblem(file: string): Promise<OurStep> {
  const { tensors, metadata } = readSafetensors(await readFile(file), file)
  const settings = JSON.parse(metadata.settings!) as StoredSettings
  const start = new Map([...tensors].filter(([name]) => !name.startsWith('batch/')))
  const batch = [...tensors].filter(([name]) => name.startsWith('batch/'))
  const graph: GraphSettings = { ...RECIPE, ...settings, batch: pieceSize(settings) }
  const { model, parameters } = trainingModel(start, graph)
  const feeds = Object.fromEntries(batch.map(([name, tensor]) => [name.slice('batch/'.length), tensor]))
  return { settings, model, parameters, start, feeds }
}

/**
 * A synthetic batch: dark ellipses on a textured ground, as pixels or through the real trunk. The last image of four
 * shows none. Synthetic because a benchmark needs no patient; what it holds does not change how long a step takes.
 */
async function syntheticBatch(base: Weights, settings: StepSettings): Promise<Tensors> {
  const { batch, size, threads } = settings
  const extractor = fromPixels(settings) ? undefined : await openExtractor(base, size, { threads })
  const views: Float16Array[] = []
  for (let i = 0; i < batch; i++) {
    const { image, target } = ellipseImage(i, size)
    const features = extractor ? await extractor.extract(image) : { image: image.data }
    views.push(packView({ ...features, target }, settings))
  }
  await extractor?.[Symbol.asyncDispose]()
  const lesion = Float32Array.from(views, (_, i) => (hasLesion(i) ? 1 : 0))
  const lesions = lesion.reduce((sum, value) => sum + value, 0)
  const modality = Float32Array.from(views.flatMap((_, i) => [...oneHot(MODALITIES[i % 2] as Modality, MODALITIES)]))
  const stacked = stackViews(views, settings)
  return {
    ...stacked,
    ...promptFeeds(stacked.target!.data, maskSide(size), seededRandom(RECIPE.seed, 'bench prompts')),
    modality: { data: modality, shape: [batch, MODALITIES.length] },
    lesion: { data: lesion, shape: [batch] },
    maskWeight: { data: lesion.map((value) => value / lesions), shape: [batch] },
    presenceWeight: { data: new Float32Array(batch).fill(1 / batch), shape: [batch] },
  }
}

const hasLesion = (i: number) => i % 4 !== 3

function ellipseImage(i: number, size: number): { image: GreyImage; target: Float32Array } {
  const random = seededRandom(i, 'ellipse')
  const [cx, cy] = [random.between(0.35, 0.65), random.between(0.35, 0.65)]
  const [rx, ry] = [random.between(0.08, 0.2), random.between(0.06, 0.15)]
  const inside = (x: number, y: number) => hasLesion(i) && ((x - cx) / rx) ** 2 + ((y - cy) / ry) ** 2 < 1
  const image = GreyImage.from(
    Float32Array.from({ length: size * size }, (_, p) => {
      const [x, y] = [((p % size) + 0.5) / size, (Math.floor(p / size) + 0.5) / size]
      const tissue = 0.45 + 0.1 * Math.sin(23 * y + 3 * Math.sin(9 * x))
      return Math.min(Math.max((inside(x, y) ? 0.15 : tissue) * random.between(0.6, 1.4), 0), 1)
    }),
    { width: size, height: size },
  )
  const side = maskSide(size)
  const target = Float32Array.from({ length: side * side }, (_, p) => {
    return inside(((p % side) + 0.5) / side, (Math.floor(p / side) + 0.5) / side) ? 1 : 0
  })
  return { image, target }
}
