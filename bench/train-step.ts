/**
 * Our training step against the same step in PyTorch: neck, prompt tokens, mask decoder and presence head on cached
 * features, from the same weights, on the same batch, with the same optimiser.
 */
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { cpus, loadavg, tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { GreyImage } from '#core/image.ts'
import type { Modality } from '#core/modality.ts'
import { seededRandom } from '#core/random.ts'
import { openTrainer, type Trainer } from '#engine/session.ts'
import type { Tensors } from '#engine/tensor.ts'
import { oneHot } from '#sam/automatic.ts'
import { writeSafetensors } from '#sam/safetensors.ts'
import { loadBaseWeights, type NamedTensor, type Weights } from '#sam/weights.ts'
import { type FeatureExtractor, openExtractor } from '#training/frozen-features.ts'
import { RECIPE } from '#training/train.ts'
import { isNew, LOSS_WEIGHTS, startingWeights, trainingModel } from '#training/training-graph.ts'
import { maskSide, packView, stackViews } from '#training/view-layout.ts'
import { type Environment, findPyTorch, LinePeer, MissingPeer, openBlasEnvironment } from './peer.ts'
import { byTurns, median } from './turns.ts'

export interface StepSettings {
  readonly batch: number
  /** Side of the images, pixels. */
  readonly size: number
  readonly threads: number
}

/** What both sides tell of a step: each loss, their weighted total, and the gradient's norm before clipping. */
export type StepLosses = Readonly<Record<string, number>>

const MODALITIES: readonly Modality[] = ['MG', 'US']
/** float32 sums in another order; agreement beyond it would need the same instructions. */
const LOSS_TOLERANCE = 1e-3

/** `npm run bench -- train-step`: prints both sides' medians, the machine's load and, last, `ratio N.NN`. */
export async function benchTrainStep({ quick }: { readonly quick: boolean }): Promise<void> {
  const settings: StepSettings = { batch: RECIPE.batch, size: 448, threads: 2 }
  await using problem = await prepare(settings)
  const load = loadNow()
  console.log(
    `batch ${settings.batch} at ${settings.size} px, ${settings.threads} threads each, ${cpus().length} cores`,
  )
  const environment = await fasterEnvironment(problem)
  await using pair = await openPair(problem, environment)
  describePeer(pair.peerDescription)
  assertSameStep(await pair.ours(), await pair.theirs())
  const [ours, theirs] = await byTurns(
    [
      { name: 'ours', run: async () => (await pair.ours()).milliseconds },
      { name: 'PyTorch', run: async () => (await pair.theirs()).milliseconds },
    ],
    { turns: quick ? 7 : 25, warmUp: 2 },
    (name, milliseconds) => console.log(`  ${name.padEnd(8)} ${milliseconds.toFixed(0).padStart(6)} ms`),
  )
  console.log(
    `machine load (1 min) ${load} before, ${loadNow()} after, of which this benchmark is up to ${settings.threads}`,
  )
  const rate = (times: readonly number[]) => (settings.batch * 1000) / median(times)
  for (const [name, times] of [['ours', ours] as const, ['PyTorch', theirs] as const]) {
    const range = `${Math.min(...times).toFixed(0)} to ${Math.max(...times).toFixed(0)}`
    console.log(
      `${name.padEnd(8)} median ${median(times).toFixed(0)} ms (${range}), ${rate(times).toFixed(2)} images/s`,
    )
  }
  console.log(`ratio ${(rate(ours) / rate(theirs)).toFixed(2)}`)
}

const loadNow = () => (loadavg()[0] ?? Number.NaN).toFixed(2)

function describePeer({ torch, threads, linearAlgebra }: PeerDescription): void {
  console.log(`PyTorch ${torch}, ${threads} threads, linear algebra by ${linearAlgebra.join(', ')}`)
  if (linearAlgebra.every((file) => file.includes('/blas/'))) {
    throw new MissingPeer(
      'PyTorch is here, but on the reference BLAS, with which nobody would train: `apt install libopenblas0-openmp`',
    )
  }
}

/**
 * PyTorch's idle threads spin for more work, which is faster on a quiet machine and many times slower on a busy one.
 * The peer gets what is faster here and now.
 */
async function fasterEnvironment(problem: Problem): Promise<Environment> {
  const environments = { spin: {}, sleep: { OMP_WAIT_POLICY: 'passive' } }
  let best: { name: string; environment: Environment; milliseconds: number } | undefined
  for (const [name, environment] of Object.entries(environments)) {
    await using peer = await openPeer(problem, environment)
    const times: number[] = []
    for (let i = 0; i < 5; i++) times.push((await peer.step()).milliseconds)
    const milliseconds = median(times.slice(1))
    console.log(`PyTorch, when idle threads ${name}: ${milliseconds.toFixed(0)} ms`)
    if (!best || milliseconds < best.milliseconds) best = { name, environment, milliseconds }
  }
  return best?.environment ?? {}
}

function assertSameStep(ours: Step, theirs: Step): void {
  console.log('the first step on both sides:')
  for (const [name, theirValue] of Object.entries(theirs.losses)) {
    const ourValue = ours.losses[name] ?? Number.NaN
    console.log(`  ${name.padEnd(13)} ours ${ourValue.toFixed(6)}  PyTorch ${theirValue.toFixed(6)}`)
    if (!(Math.abs(ourValue - theirValue) <= LOSS_TOLERANCE * Math.max(1, Math.abs(theirValue)))) {
      throw new Error(`${name} differs by more than ${LOSS_TOLERANCE}: the two sides do not take the same step`)
    }
  }
}

interface Step {
  readonly milliseconds: number
  readonly losses: StepLosses
}

/** Both sides at the same point, each ready to take the next step on the same batch. */
export interface Pair extends AsyncDisposable {
  readonly peerDescription: PeerDescription
  ours(): Promise<Step>
  theirs(): Promise<Step>
}

interface PeerDescription {
  readonly torch: string
  readonly threads: number
  readonly linearAlgebra: readonly string[]
}

/** What both sides get: the same weights, batch and settings. */
export interface Problem extends AsyncDisposable {
  readonly settings: StepSettings
  readonly python: string
  /** For the peer: a safetensors file. */
  readonly file: string
  readonly base: Weights
  readonly start: Weights
  readonly model: Uint8Array
  readonly parameters: readonly string[]
  readonly feeds: Tensors
}

/** @throws MissingPeer where there is no PyTorch. */
export async function prepare(settings: StepSettings): Promise<Problem> {
  const python = findPyTorch()
  const base = await loadBaseWeights()
  const start = startingWeights(base, { ...RECIPE, modalities: MODALITIES }, seededRandom(RECIPE.seed, 'bench'))
  const { model, parameters } = trainingModel(start, {
    ...settings,
    trunkFrom: RECIPE.trunkFrom,
    modalities: MODALITIES,
  })
  const feeds = await syntheticBatch(base, settings)
  const folder = await mkdtemp(join(tmpdir(), 'zaoshai-bench-'))
  const file = join(folder, 'step.safetensors')
  await writeFile(file, peerFile({ base, start, feeds, parameters, settings }))
  const remove = () => rm(folder, { recursive: true })
  return { settings, python, file, base, start, model, parameters, feeds, [Symbol.asyncDispose]: remove }
}

export async function openPair(problem: Problem, environment: Environment = {}): Promise<Pair> {
  await using opened = new AsyncDisposableStack()
  const peer = opened.use(await openPeer(problem, environment))
  const trainer = opened.use(await openOurs(problem))
  const closing = opened.move()
  return {
    peerDescription: peer.description,
    ours: () => ourStep(trainer, problem.feeds),
    theirs: () => peer.step(),
    [Symbol.asyncDispose]: () => closing.disposeAsync(),
  }
}

async function openPeer({ python, file, settings }: Problem, environment: Environment) {
  const script = fileURLToPath(new URL('./train_step.py', import.meta.url))
  const threads = { OMP_NUM_THREADS: String(settings.threads) }
  const peer = new LinePeer(python, [script, file], { ...openBlasEnvironment(), ...threads, ...environment })
  const description = await peer.read<PeerDescription>()
  return { description, step: () => peer.ask<Step>('step'), [Symbol.asyncDispose]: () => peer[Symbol.asyncDispose]() }
}

function openOurs({ base, start, model, parameters, settings }: Problem): Promise<Trainer> {
  const trained = parameters.map((name) => {
    const { shape, data } = start.get(name) as NamedTensor
    const learningRate = isNew(name, base) ? RECIPE.newLearningRate : RECIPE.learningRate
    return { name, shape, value: data, learningRate, decay: RECIPE.weightDecay }
  })
  const { clipNorm, averageDecay } = RECIPE
  return openTrainer(model, { parameters: trained, clipNorm, averageDecay }, { threads: settings.threads })
}

async function ourStep(trainer: Trainer, feeds: Tensors): Promise<Step> {
  const started = performance.now()
  const outputs = await trainer.step(feeds, 1)
  const milliseconds = performance.now() - started
  const losses = Object.entries(outputs).map(([name, { data }]) => [name, Number(data[0])])
  return { milliseconds, losses: Object.fromEntries(losses) }
}

/** Everything that the peer needs, in one file: all parameters but the frozen trunk's, the batch, the settings. */
function peerFile({
  base,
  start,
  feeds,
  parameters,
  settings,
}: Pick<Problem, 'base' | 'start' | 'feeds' | 'parameters' | 'settings'>): Uint8Array {
  const tensors = new Map([...start].filter(([name]) => !name.startsWith('image_encoder.trunk.')))
  for (const [name, { shape, data }] of Object.entries(feeds)) {
    tensors.set(`batch/${name}`, { shape, data: data as Float32Array })
  }
  const { learningRate, newLearningRate, weightDecay, clipNorm, averageDecay } = RECIPE
  const optimiser = { learningRate, newLearningRate, weightDecay, clipNorm, averageDecay }
  const names = { trained: parameters, new: parameters.filter((name) => isNew(name, base)), modalities: MODALITIES }
  const all = { ...settings, ...optimiser, ...names, lossWeights: LOSS_WEIGHTS }
  return writeSafetensors(tensors, { settings: JSON.stringify(all) })
}

/**
 * A synthetic batch: dark ellipses on a textured ground, through the real trunk. The last image of four shows none.
 * Synthetic because a benchmark needs no patient; what it holds does not change how long a step takes.
 */
async function syntheticBatch(base: Weights, { batch, size, threads }: StepSettings): Promise<Tensors> {
  const layout = { size, trunkFrom: RECIPE.trunkFrom }
  await using extractor: FeatureExtractor = await openExtractor(base, layout, { threads })
  const views: Float16Array[] = []
  for (let i = 0; i < batch; i++) {
    const { image, target } = ellipseImage(i, size)
    views.push(packView({ ...(await extractor.extract(image)), target }, layout))
  }
  const lesion = Float32Array.from(views, (_, i) => (hasLesion(i) ? 1 : 0))
  const lesions = lesion.reduce((sum, value) => sum + value, 0)
  const modality = Float32Array.from(views.flatMap((_, i) => [...oneHot(MODALITIES[i % 2] as Modality, MODALITIES)]))
  return {
    ...stackViews(views, layout),
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
