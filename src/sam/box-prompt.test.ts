/** Box-prompted segmentation of real images with the base weights: a figure that was measured once, independently. */
import { existsSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { parse } from 'csv-parse/sync'
import { expect, test } from 'vitest'
import type { Mask } from '#core/mask.ts'
import type { Preprocessing } from '#core/preprocessing.ts'
import { Graph } from '#engine/graph.ts'
import { toOnnx } from '#engine/onnx.ts'
import { openSession } from '#engine/session.ts'
import { decodeImage, decodeMask } from '#imaging/decode.ts'
import { logitsToMask } from '#imaging/resample.ts'
import { standardise } from '#imaging/standardise.ts'
import { imageEncoder } from './image-encoder.ts'
import { maskDecoder } from './mask-decoder.ts'
import { normalise } from './normalise.ts'
import { parameterSource } from './parameters.ts'
import { noMaskEmbedding, PROMPT_FRAME, pointEmbedding } from './prompt-encoder.ts'
import { loadBaseWeights } from './weights.ts'

const BUSI = join(process.env.ZAOSHAI_DATA ?? resolve(import.meta.dirname, '../../../shared/data'), 'busi')
const PLAIN: Preprocessing = { size: 448, fit: 'squash', denoise: 'none', contrast: 'none' }

test.skipIf(!existsSync(BUSI))(
  'base weights with the exact ground-truth box give mean Dice 0.887 and IoU 0.805 on the lesion images of BUSI val (needs ZAOSHAI_DATA)',
  async () => {
    const rows = parse<Record<string, string>>(await readFile(join(BUSI, 'manifest.csv')), { columns: true })
    const lesions = rows.filter((row) => row.split === 'val' && Number(row.lesion_px) > 0)
    expect(lesions.length).toBe(97)
    await using session = await openSession(await boxModel())
    const dice: number[] = []
    const iou: number[] = []
    for (const row of lesions) {
      const truth = await decodeMask(await readFile(join(BUSI, row.mask!)), row.id!)
      const raster = await decodeImage(await readFile(join(BUSI, row.image!)), row.id!)
      const { image, frame } = standardise(raster, PLAIN)
      const { masks } = await session.run({
        image: { data: normalise(image), shape: [1, 3, 448, 448] },
        points: { data: boxCorners(truth), shape: [1, 2, 2] },
        labels: { data: Float32Array.of(2, 3), shape: [1, 2] },
      })
      const logits = (masks!.data as Float32Array).slice(0, 112 * 112)
      const predicted = logitsToMask(logits, { width: 112, height: 112 }, frame, 0)
      const shared = predicted.data.reduce((sum, value, i) => sum + (value & truth.data[i]!), 0)
      const total = predicted.areaPx + truth.areaPx
      dice.push((2 * shared) / total)
      iou.push(shared / (total - shared))
    }
    // Two decimals of a mean over 97 images: how the resize is anti-aliased moves the third.
    expect(mean(dice)).toBeCloseTo(0.887, 2)
    expect(mean(iou)).toBeCloseTo(0.805, 2)
  },
  300_000,
)

async function boxModel(): Promise<Uint8Array> {
  const weights = await loadBaseWeights()
  const graph = new Graph()
  const parameters = parameterSource(graph, weights)
  const features = imageEncoder(graph.input('image', [1, 3, 448, 448]), weights, parameters)
  const sparse = pointEmbedding(graph.input('points', [1, 2, 2]), graph.input('labels', [1, 2]), parameters)
  const { maskLogits } = maskDecoder(features, sparse, noMaskEmbedding(parameters), parameters)
  return toOnnx({ masks: maskLogits })
}

/** Upper left and lower right corner (exclusive) of a mask's foreground, in the prompt frame. */
function boxCorners({ data, width, height }: Mask): Float32Array {
  let [x0, y0, x1, y1] = [width, height, 0, 0]
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      if (data[y * width + x] === 0) continue
      x0 = Math.min(x0, x)
      x1 = Math.max(x1, x + 1)
      y0 = Math.min(y0, y)
      y1 = Math.max(y1, y + 1)
    }
  }
  const [fx, fy] = [PROMPT_FRAME / width, PROMPT_FRAME / height]
  return Float32Array.of(x0 * fx, y0 * fy, x1 * fx, y1 * fy)
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length
}
