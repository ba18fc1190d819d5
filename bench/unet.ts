/**
 * What SAM buys: a plain U-Net that learns from nothing, in PyTorch, for so many minutes, on our images, standardised,
 * drawn and augmented as for our own training, and judged by our own figures.
 */
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { cpus, loadavg, tmpdir } from 'node:os'
import { join } from 'node:path'
import { readManifests } from '#app/manifests.ts'
import { prepareFolder, writeOutput } from '#app/output.ts'
import { softwareVersion } from '#app/version.ts'
import type { GreyImage } from '#core/image.ts'
import { DEFAULT_PREPROCESSING, type Preprocessing } from '#core/preprocessing.ts'
import { frameOf } from '#imaging/frame.ts'
import { logitsToMask } from '#imaging/resample.ts'
import { type NamedTensor, readSafetensors, writeSafetensors } from '#sam/safetensors.ts'
import type { Sample } from '#training/augment.ts'
import { type DatasetImage, dataHash, examine, loadImage, loadTruth, toSample } from '#training/dataset.ts'
import { toFigure } from '#training/evaluate.ts'
import { mean, overlap } from '#training/metrics.ts'
import { drawEpoch, EVERY_TIME_ANEW, type SamplingPlan, strataOf } from '#training/sampler.ts'
import { type ImageFigure, type Summary, summarise } from '#training/summary.ts'
import { divide, RECIPE } from '#training/train.ts'
import { viewOf } from '#training/views.ts'
import { type LinePeer, openPyTorch } from './peer.ts'

export interface UNetOptions {
  /** Manifests; `US:path` says what the images of one are of. Split `train` teaches, `val` is judged. */
  readonly data: readonly string[]
  /** How long it trains. Neither making views nor judging counts. */
  readonly minutes: number
  /** Side of the standardised images, pixels. */
  readonly size: number
  /** Folder for `results.json`. */
  readonly out: string
}

/** Half the widths of Ronneberger 2015, at its five resolutions. */
export const UNET = {
  channels: [32, 64, 128, 256, 512],
  batch: RECIPE.batch,
  learningRate: 1e-3,
  weightDecay: 0.01,
  seed: RECIPE.seed,
  threads: 2,
} as const

export interface UNetSettings {
  /** Of each resolution, the finest first. */
  readonly channels: readonly number[]
  readonly batch: number
  readonly learningRate: number
  readonly weightDecay: number
  readonly seed: number
  readonly threads: number
}

/** A pixel belongs to a lesion when its probability passes this. */
const MASK_THRESHOLD = 0.5
/** As `zaoshai evaluate` draws its intervals. */
const BOOTSTRAP_SEED = 20

/** `npm run bench -- unet`: trains, prints a table of each data set's figures and writes `results.json`. */
export async function benchUNet(options: UNetOptions, settings: UNetSettings = UNET): Promise<void> {
  const { minutes, size, out } = options
  await prepareFolder(out)
  await using peer = openPyTorch('unet.py', JSON.stringify({ ...settings, minutes }), settings)
  const described = await peer.read<PeerDescription>()
  console.log(`PyTorch ${described.torch}, ${described.threads} threads, ${cpus().length} cores, load ${loadNow()}`)
  const data = await readData(options)
  await using exchange = await openExchange(peer, size)
  const trained = await trainUNet(exchange, data, settings)
  const figures = await judge(exchange, data)
  const results = {
    ...described,
    ...trained,
    settings,
    size,
    maskThreshold: MASK_THRESHOLD,
    data: data.description,
    datasets: Object.fromEntries(
      [...figures].map(([dataset, of]) => [dataset, { ...sumUp(of), images: of.map(({ figure }) => figure) }]),
    ),
    zaoshai: softwareVersion,
  }
  await writeOutput(join(out, 'results.json'), `${JSON.stringify(results, null, 2)}\n`)
  printResults(results)
}

interface PeerDescription {
  readonly torch: string
  readonly threads: number
  readonly parameters: number
}

interface Data {
  /** Training images by data set. */
  readonly train: readonly (readonly DatasetImage[])[]
  readonly val: readonly DatasetImage[]
  readonly preprocessing: (image: DatasetImage) => Preprocessing
  /** What it was, for the results. */
  readonly description: object
}

async function readData({ data, size }: UNetOptions): Promise<Data> {
  const manifest = await readManifests(data, undefined)
  const rows = manifest.rows.filter(({ split }) => split === 'train' || split === 'val')
  const { images, badRows, leftOut } = await examine(rows, 'train')
  const { train, val } = divide(images)
  const bad = [...manifest.badRows, ...badRows]
  for (const { dataset, line, reason } of bad) console.log(`left out: ${dataset} line ${line}: ${reason}`)
  const counts = { train: train.flat().length, val: val.length, leftOut: leftOut.length, badRows: bad.length }
  console.log(`${counts.train} images to learn from, ${counts.val} to be judged on, at ${size} pixels`)
  return {
    train,
    val,
    preprocessing: ({ row }) => ({ ...DEFAULT_PREPROCESSING[row.modality], size }),
    description: { sha256: dataHash(images), ...counts },
  }
}

/** Images go to the peer and come back as files in a folder of their own. */
interface Exchange extends AsyncDisposable {
  /** One pass over some views, in their order. */
  train(views: readonly Sample[]): Promise<Pass>
  /** Probabilities of every pixel of the standardised images, one behind the other. */
  predict(images: readonly GreyImage[]): Promise<Float32Array>
}

interface Pass {
  /** That the peer has trained for in all. */
  readonly minutes: number
  readonly steps: number
  /** Of each step of this pass. */
  readonly losses: readonly number[]
  readonly finished: boolean
}

async function openExchange(peer: LinePeer, size: number): Promise<Exchange> {
  const folder = await mkdtemp(join(tmpdir(), 'zaoshai-bench-'))
  const [sent, received] = [join(folder, 'sent.safetensors'), join(folder, 'received.safetensors')]
  const send = async (parts: Record<string, readonly GreyImage[]>) => {
    const tensors = Object.entries(parts).map(([name, images]) => [name, stack(images, size)] as const)
    await writeFile(sent, writeSafetensors(new Map(tensors), {}, { dtype: 'F16' }))
  }
  return {
    train: async (views) => {
      await send({ image: views.map(({ image }) => image), mask: views.map(({ softMask }) => softMask) })
      return peer.ask<Pass>(JSON.stringify({ train: sent }))
    },
    predict: async (images) => {
      await send({ image: images })
      await peer.ask(JSON.stringify({ predict: sent, out: received }))
      return readSafetensors(await readFile(received), received).tensors.get('probability')!.data
    },
    [Symbol.asyncDispose]: () => rm(folder, { recursive: true }),
  }
}

function stack(images: readonly GreyImage[], size: number): NamedTensor {
  const data = new Float32Array(images.length * size * size)
  for (const [i, image] of images.entries()) data.set(image.data, i * size * size)
  return { shape: [images.length, size, size], data }
}

/**
 * Trains epoch by epoch until the minutes are over. The views of each are drawn and made anew, as for a trunk of ours
 * that trains; meanwhile the peer waits and its clock stands still.
 */
async function trainUNet(exchange: Exchange, { train, preprocessing }: Data, { batch, seed }: UNetSettings) {
  const samples = new Map<DatasetImage, Sample>()
  for (const image of train.flat()) samples.set(image, toSample(await loadImage(image.row), preprocessing(image)))
  const stepsPerEpoch = Math.ceil(samples.size / batch)
  const plan: SamplingPlan = { strata: strataOf(train), views: EVERY_TIME_ANEW, batch, stepsPerEpoch, seed }
  const losses: number[] = []
  for (let epoch = 0; ; epoch++) {
    const draws = drawEpoch(plan, epoch)
    const views = draws.flat().map(({ dataset, image: at, view }) => {
      const image = train[dataset]![at]!
      return viewOf(samples.get(image)!, view, seed, image)
    })
    const pass = await exchange.train(views)
    const { minutes, steps, finished } = pass
    if (pass.losses.length > 0) losses.push(mean(pass.losses))
    console.log(`epoch ${epoch + 1}: loss ${losses.at(-1)?.toFixed(3)}, ${steps} steps, ${minutes.toFixed(2)} minutes`)
    if (finished) return { epochs: steps / draws.length, steps, minutes, losses }
  }
}

interface Judged {
  readonly dataset: string
  readonly figure: ImageFigure
}

/** Each validation image's figure at its own resolution, by data set. */
async function judge(exchange: Exchange, { val, preprocessing }: Data): Promise<Map<string, Judged[]>> {
  const standard: GreyImage[] = []
  for (const image of val) standard.push(toSample(await loadImage(image.row), preprocessing(image)).image)
  const probabilities = await exchange.predict(standard)
  const judged: Judged[] = []
  for (const [i, image] of val.entries()) {
    const truth = await loadTruth(image.row)
    const { width, height, data } = standard[i]!
    const own = probabilities.subarray(i * data.length, (i + 1) * data.length)
    const mask = logitsToMask(own, { width, height }, frameOf(truth, preprocessing(image)), MASK_THRESHOLD)
    const answer = { image, mask: overlap(mask, truth), maskAreaPx: mask.areaPx, presence: null }
    judged.push({ dataset: image.row.dataset, figure: toFigure(answer, null) })
  }
  return Map.groupBy(judged, ({ dataset }) => dataset)
}

function sumUp(judged: readonly Judged[]): { readonly shareBelowHalf: number; readonly summary: Summary } {
  const figures = judged.map(({ figure }) => figure)
  const lesions = figures.filter(({ lesion }) => lesion)
  return {
    /** Of the lesion images, those whose Dice stays below 0.5. */
    shareBelowHalf: mean(lesions.map(({ dice }) => (dice < 0.5 ? 1 : 0))),
    summary: summarise(figures, BOOTSTRAP_SEED),
  }
}

interface Results extends PeerDescription {
  readonly settings: UNetSettings
  readonly epochs: number
  readonly steps: number
  readonly minutes: number
  readonly datasets: Readonly<Record<string, ReturnType<typeof sumUp>>>
}

function printResults({ parameters, settings, epochs, steps, minutes, datasets }: Results): void {
  const columns = ['data set', 'lesion images', 'Dice (95%)', 'IoU', 'Dice below 0.5', 'normals marked']
  const rows = Object.entries(datasets).map(([name, { shareBelowHalf, summary }]) => {
    const { lesionImages, falsePositives } = summary.allRows
    const marked = falsePositives ? `${falsePositives.called} of ${falsePositives.normals}` : '-'
    if (lesionImages === null) return [name, '0', '-', '-', '-', marked]
    const { mean: dice, interval95 } = lesionImages.dice
    const interval = interval95 ? ` (${interval95.low.toFixed(3)} to ${interval95.high.toFixed(3)})` : ''
    const share = `${(100 * shareBelowHalf).toFixed(1)}%`
    return [name, `${lesionImages.images}`, dice.toFixed(3) + interval, lesionImages.iou.mean.toFixed(3), share, marked]
  })
  const widths = columns.map((_, i) => Math.max(...[columns, ...rows].map((row) => row[i]!.length)))
  const channels = settings.channels.join('-')
  console.log(
    `\nU-Net ${channels}, ${(parameters / 1e6).toFixed(2)} million parameters, from nothing: ` +
      `${epochs.toFixed(1)} epochs (${steps} steps) in ${minutes.toFixed(2)} minutes; load ${loadNow()} after`,
  )
  for (const row of [columns, ...rows])
    console.log(
      row
        .map((cell, i) => cell.padEnd(widths[i]!))
        .join('  ')
        .trimEnd(),
    )
}

const loadNow = () => (loadavg()[0] ?? Number.NaN).toFixed(2)
