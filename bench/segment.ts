/** What `segment` costs beyond ONNX Runtime's own time for the passes that it makes, and whether its memory grows. */
import { copyFileSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { cpus, loadavg, tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { segment } from '#app/segment.ts'
import { type ModelSegmenter, openSegmenter } from '#app/segmenter.ts'
import { onnxRuntime, onnxTensor } from '#engine/onnxruntime.ts'
import { type Model, openModel } from '#sam/model.ts'
import { inputSize, modalitiesOf, predictionGraph } from '#sam/predict.ts'
import { byTurns, median } from './turns.ts'

const EXAMPLE = resolve(import.meta.dirname, '../examples/ultrasound-one-side/bus_0888-l.png')
const THREADS = 2

export interface SegmentBench {
  readonly quick: boolean
  /** Images of the memory run; 0 makes none. */
  readonly images: number
}

/** `npm run bench -- segment`: prints both medians, and last a line `segment: ratio N.NN`, our time over the passes' own. */
export async function benchSegment({ quick, images }: SegmentBench): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'zaoshai-bench-'))
  const model = await openModel()
  const segmenter = await openSegmenter({ threads: THREADS })
  try {
    console.log(`${cpus().length} cores, load ${loadavg()[0]!.toFixed(2)}, ${THREADS} threads`)
    if (images > 0) return await watchMemory(segmenter, folder, images)
    const count = quick ? 4 : 16
    const passes = model.metadata.modalities.US?.testViews?.length ?? 1
    const bare = await barePass(model)
    const [ours, theirs] = await byTurns(
      [
        { name: 'segment', run: async () => (await timedSegment(segmenter, folder, count)) / count },
        { name: `${passes} passes`, run: async () => (await timed(bare, count * passes)) / count },
      ],
      { turns: quick ? 2 : 7, warmUp: 1 },
      (side, milliseconds) => console.log(`  ${side.padEnd(10)} ${milliseconds.toFixed(0).padStart(6)} ms an image`),
    )
    console.log(`segment: ratio ${(median(ours) / median(theirs)).toFixed(2)}`)
  } finally {
    await segmenter[Symbol.asyncDispose]()
    rmSync(folder, { recursive: true })
  }
}

/** Our time for the images, decoding to files on the disk, the model loaded. */
async function timedSegment(segmenter: ModelSegmenter, folder: string, count: number): Promise<number> {
  const options = { inputs: [copies(folder, count)], out: join(folder, 'masks'), modality: 'US' as const }
  const began = performance.now()
  await segment(options, async () => kept(segmenter))
  return performance.now() - began
}

/** Resident memory after each fifth of the images: it levels off where nothing is kept. */
async function watchMemory(segmenter: ModelSegmenter, folder: string, count: number): Promise<void> {
  const options = { inputs: [copies(folder, count)], out: join(folder, 'masks'), modality: 'US' as const }
  const onProgress = ({ done }: { readonly done: number }) => {
    if (done > 0 && done % Math.floor(count / 5) === 0) tell(done)
  }
  const tell = (done: number) => console.log(`${done} images: ${(process.memoryUsage.rss() / 2 ** 20).toFixed(0)} MiB`)
  await segment({ ...options, onProgress }, async () => kept(segmenter))
  tell(count)
}

/** A loaded model that outlives a run. */
function kept(segmenter: ModelSegmenter): ModelSegmenter {
  return { ...segmenter, [Symbol.asyncDispose]: async () => {} }
}

function copies(folder: string, count: number): string {
  const images = join(folder, `images-${count}`)
  mkdirSync(images, { recursive: true })
  for (let i = 0; i < count; i++) copyFileSync(EXAMPLE, join(images, `${i}.png`))
  return images
}

/** One pass of the model in ONNX Runtime itself, in this thread. */
async function barePass(model: Model): Promise<() => Promise<unknown>> {
  const { InferenceSession } = await onnxRuntime()
  const [size, modalities] = [inputSize(model), modalitiesOf(model)]
  const session = await InferenceSession.create(predictionGraph(model, size, modalities), {
    intraOpNumThreads: THREADS,
    extra: { session: { intra_op: { allow_spinning: '0' } } },
  })
  const image = await onnxTensor({ data: new Float32Array(3 * size * size).fill(0.5), shape: [1, 3, size, size] })
  const modality = await onnxTensor({
    data: new Float32Array(modalities.length).fill(1),
    shape: [1, modalities.length],
  })
  return () => session.run({ image, modality })
}

async function timed(work: () => Promise<unknown>, times: number): Promise<number> {
  const began = performance.now()
  for (let i = 0; i < times; i++) await work()
  return performance.now() - began
}
