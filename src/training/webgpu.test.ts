/// <reference lib="esnext.float16" />
import { expect, test } from 'vitest'
import { seededRandom } from '#core/random.ts'
import { openSession } from '#engine/session.ts'
import { openSoftwareWebgpu } from '#engine/software-webgpu.ts'
import type { Tensors } from '#engine/tensor.ts'
import { trainingFeeds } from './batch.ts'
import { drawnViews, randomWeights, TINY_SIZE, tinyImages } from './tiny-training.ts'
import { RECIPE } from './train.ts'
import { startingWeights, trainingModel } from './training-graph.ts'

/**
 * Largest accepted distance of a gradient from the CPU's, relative to its length. WebGPU's language allows sine and
 * cosine, which say where a click or a corner is, an error of 2^-11; 2e-4 was seen, and 4e-6 without prompts.
 */
const TOLERANCE = 1e-3
/**
 * The same relative to the length of all gradients together; 2e-11 was seen. Some are nothing but rounding: that of a
 * key's bias is 0 by algebra, since a softmax does not change when all its inputs move alike.
 */
const TOLERANCE_OF_ALL = 1e-9

test('a training step on WebGPU has the loss and the gradients of the CPU, and leaves the CPU nothing', async ({
  skip,
}) => {
  await using webgpu = await openSoftwareWebgpu()
  if (!webgpu) return skip('no WebGPU')
  const { model, feeds, parameters } = await step()
  expect(await webgpu.call('computesAll', { model })).toBe(true)
  await using session = await openSession(model)
  const [onCpu, onWebgpu] = [await session.run(feeds), await webgpu.call('run', { model, feeds })]
  expect(onWebgpu.total!.data[0]).toBeCloseTo(onCpu.total!.data[0] as number, 4)
  const all = Math.hypot(...parameters.map((name) => length(gradientOf(onCpu, name))))
  const off = parameters.filter((name) => {
    const [expected, actual] = [gradientOf(onCpu, name), gradientOf(onWebgpu, name)]
    const distance = length(actual.map((number, i) => number - expected[i]!))
    return !(distance <= TOLERANCE * length(expected) + TOLERANCE_OF_ALL * all)
  })
  expect(off).toEqual([])
}, 600_000)

/** Two images of 64 pixels with random weights and features, one with a correction, one with a box. */
async function step() {
  const modalities = ['US'] as const
  const settings = {
    ...RECIPE,
    trunkFrom: 12,
    batch: 2,
    size: TINY_SIZE,
    modalities,
    presenceModalities: new Set(modalities),
  }
  const weights = startingWeights(randomWeights(), settings, seededRandom(7))
  const { model, parameters } = trainingModel(weights, settings)
  const views = drawnViews()
  const entries = tinyImages('')
    .slice(0, 2)
    .map(async (image) => ({ image, view: await views.read(image, 0), plain: true }))
  const drawn = trainingFeeds(await Promise.all(entries), settings, seededRandom(8))
  expect([...drawn.corrects!.data]).toEqual([1, 0])
  const feeds: Tensors = { ...drawn, ...Object.fromEntries(parameters.map((name) => [name, weights.get(name)!])) }
  return { model, parameters, feeds }
}

function gradientOf(outputs: Tensors, parameter: string): Float32Array {
  return outputs[`gradient/${parameter}`]!.data as Float32Array
}

function length(vector: Float32Array): number {
  return Math.sqrt(vector.reduce((sum, number) => sum + number * number, 0))
}
