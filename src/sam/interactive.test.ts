import { expect, test } from 'vitest'
import { GreyImage } from '#core/image.ts'
import { seededRandom } from '#core/random.ts'
import { Graph } from '#engine/graph.ts'
import { toOnnx } from '#engine/onnx.ts'
import { openSession } from '#engine/session.ts'
import { frameOf } from '#imaging/frame.ts'
import { imageEncoder } from './image-encoder.ts'
import { type Hint, openInteractivePredictor } from './interactive.ts'
import type { Model } from './model.ts'
import { normalise } from './normalise.ts'
import { parameterSource } from './parameters.ts'
import { promptedDecoder } from './prompted.ts'
import SHAPES from './tensors.json' with { type: 'json' }
import type { NamedTensor } from './weights.ts'

const SIZE = 64
const random = seededRandom(9)
const weights = new Map(
  Object.entries(SHAPES as Record<string, number[]>).map(([name, shape]): [string, NamedTensor] => {
    const length = shape.reduce((product, extent) => product * extent, 1)
    return [name, { shape, data: Float32Array.from({ length }, () => 0.05 * random.normal()) }]
  }),
)
const preprocessing = { size: SIZE, fit: 'squash', denoise: 'none', contrast: 'none' } as const
const model = {
  weights,
  metadata: { name: 'random', modalities: { US: { preprocessing, maskThreshold: 0.5, presenceThreshold: 0.5 } } },
} as unknown as Model
/** An original twice as wide as high; 16 pixels of the 1024 frame are a pixel of the square. */
const frame = frameOf({ width: 128, height: 64 }, preprocessing)
const image = GreyImage.from(
  Float32Array.from({ length: SIZE * SIZE }, () => random.uniform()),
  { width: SIZE, height: SIZE },
)

test.each([
  ['a click', { clicks: [{ x: 63.5, y: 15.5, onLesion: true }] }, [511.5, 255.5, 0, 0, 0, 0], [1, -1, -1]],
  [
    'a box and a click beside the lesion',
    { clicks: [{ x: 0.5, y: 0, onLesion: false }], box: { left: 32, top: 16, right: 64, bottom: 64 } },
    [256, 256, 512, 1024, 7.5, 7.5, 0, 0],
    [2, 3, 0],
  ],
] as const)(
  '%s is placed in the frame of 1024 and answered as the whole graph answers it',
  async (_, hint, points, labels) => {
    const expected = await wholeGraph(points.slice(0, 2 * labels.length), labels)
    await using predictor = await openInteractivePredictor(model)
    const seen = await predictor.look({ image, frame })
    const { maskLogits, iou } = await predictor.answer(seen, hint as Hint)
    for (let i = 0; i < maskLogits.length; i++) expect(maskLogits[i]).toBeCloseTo(expected.maskLogits[i]!, 4)
    expect(iou).toBeCloseTo(expected.iou, 5)
  },
)

test('an image is looked at once for any number of hints, and a mask before changes the answer', async () => {
  await using predictor = await openInteractivePredictor(model)
  const seen = await predictor.look({ image, frame })
  const clicks = [{ x: 40, y: 20, onLesion: true }]
  const first = await predictor.answer(seen, { clicks })
  expect((await predictor.answer(seen, { clicks })).maskLogits).toEqual(first.maskLogits)
  const previous = first.maskLogits.map((logit) => 10 * logit + 1)
  expect((await predictor.answer(seen, { clicks, previous })).maskLogits).not.toEqual(first.maskLogits)
  const more = Array.from({ length: 5 }, (_, i) => ({ x: 8 * i, y: 4 * i, onLesion: i % 2 === 0 }))
  expect((await predictor.answer(seen, { clicks: more })).maskLogits.every(Number.isFinite)).toBe(true)
})

async function wholeGraph(points: readonly number[], labels: readonly number[]) {
  const graph = new Graph()
  const parameters = parameterSource(graph, weights)
  const features = imageEncoder(graph.input('image', [1, 3, SIZE, SIZE]), weights, parameters)
  const zero = (shape: readonly number[]) =>
    graph.constant(new Float32Array(shape.reduce((product, extent) => product * extent, 1)), shape)
  const prompt = {
    points: graph.constant(Float32Array.from(points), [1, labels.length, 2]),
    labels: graph.constant(Float32Array.from(labels), [1, labels.length]),
    previous: zero([1, 1, SIZE / 4, SIZE / 4]),
    hasPrevious: zero([1, 1, 1, 1]),
  }
  await using session = await openSession(toOnnx({ ...promptedDecoder(features, prompt, parameters) }))
  const outputs = await session.run({ image: { data: normalise(image), shape: [1, 3, SIZE, SIZE] } })
  return { maskLogits: outputs.maskLogits!.data as Float32Array, iou: Number(outputs.iou!.data[0]) }
}
