import { readFile } from 'node:fs/promises'
import path from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { Graph } from '#engine/graph.ts'
import { toOnnx } from '#engine/onnx.ts'
import { openSession } from '#engine/session.ts'
import { decodeImage } from '#imaging/decode.ts'
import { standardise } from '#imaging/standardise.ts'
import { trunkFeatures } from './image-encoder.ts'
import { type Model, openModel } from './model.ts'
import { normalise } from './normalise.ts'
import { parameterSource } from './parameters.ts'
import { IMPRESSION } from './picture-look.ts'
import { type ExposurePair, openPredictor, type Predictor } from './predict.ts'

let model: Model
let predictor: Predictor
let pair: ExposurePair
beforeAll(async () => {
  model = await openModel()
  predictor = await openPredictor(model, { threads: 2 })
  const seen = async (shot: string) => {
    const file = path.resolve(import.meta.dirname, `../../examples/cesm-p313/P313_R_${shot}_CC.jpg`)
    return standardise(await decodeImage(await readFile(file), file), predictor.settings('MG').preprocessing).image
  }
  pair = { 'low-energy': await seen('DM'), subtracted: await seen('CM') }
}, 120_000)
afterAll(() => predictor.close())

test('read together, a subtracted image gets the very answer that it has alone, a low-energy one another', {
  timeout: 120_000,
}, async () => {
  expect(predictor.readsPairs).toBe(true)
  const together = await predictor.predictPair(pair, 'MG')
  const { impression, ...answer } = await predictor.predict(pair.subtracted, 'MG')
  expect(together.subtracted).toMatchObject(answer)
  // A mean over cells is summed in another order where there are two images.
  for (const [k, value] of impression.entries()) expect(together.subtracted.impression[k]).toBeCloseTo(value, 5)
  const alone = await predictor.predict(pair['low-energy'], 'MG')
  expect(together['low-energy'].maskLogits).not.toEqual(alone.maskLogits)
})

test("the impression is the mean of the trunk's fourth stage over all cells of the image as it is", {
  timeout: 120_000,
}, async () => {
  const image = pair['low-energy']
  const graph = new Graph()
  const shown = graph.input('image', [1, 3, image.height, image.width])
  const { stage4 } = trunkFeatures(shown, model.weights, parameterSource(graph, model.weights))
  await using trunk = await openSession(toOnnx({ stage4 }), { threads: 2 })
  const outputs = await trunk.run({ image: { data: normalise(image), shape: [1, 3, image.height, image.width] } })
  const cells = outputs.stage4!.data as Float32Array
  const means = new Float64Array(IMPRESSION)
  for (const [i, value] of cells.entries()) means[i % IMPRESSION]! += value / (cells.length / IMPRESSION)
  const { impression } = await predictor.predict(image, 'MG')
  expect(impression).toHaveLength(IMPRESSION)
  for (const [k, mean] of means.entries()) expect(impression[k]).toBeCloseTo(mean, 4)
})
