/**
 * The model against the two published ONNX files, run by ONNX Runtime on the same machine, and against figures that
 * were taken from an independently resized copy of them.
 */
import { readFile } from 'node:fs/promises'
import { beforeAll, describe, expect, test } from 'vitest'
import { Graph, type Value } from '#engine/graph.ts'
import { toOnnx } from '#engine/onnx.ts'
import { transpose } from '#engine/operators/arithmetic.ts'
import { openSession, type Session } from '#engine/session.ts'
import type { Tensor } from '#engine/tensor.ts'
import golden from './golden-448.json' with { type: 'json' }
import { checkTrunkFrom, imageEncoder } from './image-encoder.ts'
import { maskDecoder } from './mask-decoder.ts'
import { parameterSource } from './parameters.ts'
import { maskEmbedding, noMaskEmbedding, pointEmbedding } from './prompt-encoder.ts'
import { loadBaseWeights, loadOracleFiles, type Weights } from './weights.ts'

/** The bound that holds for every comparison below: largest absolute difference of any one number. */
const TOLERANCE = 1e-3

let weights: Weights

beforeAll(async () => {
  weights = await loadBaseWeights()
}, 300_000)

describe('at 1024, against the published files', () => {
  const size = 1024
  const image = { data: pattern(size), shape: [1, 3, size, size] }

  test('the three encoder outputs agree at every number', async () => {
    const expected = await runFile((await loadOracleFiles()).encoder, { image })
    const actual = await runModel(encoderGraph(size), { image })
    for (const name of ['image_embed', 'high_res_feats_0', 'high_res_feats_1']) {
      expect(largestDifference(actual[name]!, expected[name]!), name).toBeLessThan(TOLERANCE)
    }
  }, 120_000)

  test.each([
    ['one click on the lesion', [[500, 375]], [1], false],
    [
      'a click on it and one beside it',
      [
        [500, 375],
        [100, 900],
      ],
      [1, 0],
      false,
    ],
    [
      'a box',
      [
        [300, 250],
        [700, 640],
      ],
      [2, 3],
      false,
    ],
    [
      'a box and a click',
      [
        [300, 250],
        [700, 640],
        [480, 500],
      ],
      [2, 3, 1],
      false,
    ],
    ['a click and a previous mask', [[500, 375]], [1], true],
  ] as const)(
    'masks and IoU of the decoder agree: %s',
    async (_, points, labels, withMask) => {
      const encoded = await runModel(encoderGraph(size), { image })
      const point_coords = { data: Float32Array.from(points.flat()), shape: [1, labels.length, 2] }
      const point_labels = { data: Float32Array.from(labels), shape: [1, labels.length] }
      const mask_input = {
        data: pattern(256)
          .slice(0, 256 * 256)
          .map((value) => 5 * value),
        shape: [1, 1, 256, 256],
      }
      const has_mask_input = { data: Float32Array.of(withMask ? 1 : 0), shape: [1] }
      const prompt = { point_coords, point_labels, mask_input }
      const expected = await runFile((await loadOracleFiles()).decoder, { ...encoded, ...prompt, has_mask_input })
      const actual = await runModel(decoderGraph(size, labels.length, withMask), { ...encoded, ...prompt })
      // The published decoder returns the three alternatives; ours all four masks, the single answer first.
      const alternatives = (tensor: Tensor): Tensor => ({
        ...tensor,
        data: (tensor.data as Float32Array).slice(tensor.data.length / 4),
      })
      // It clips its masks to -32..32.
      const clipped = alternatives(actual.masks!)
      const masks = {
        ...clipped,
        data: (clipped.data as Float32Array).map((logit) => Math.min(Math.max(logit, -32), 32)),
      }
      expect(largestDifference(masks, expected.masks!), 'masks').toBeLessThan(TOLERANCE)
      expect(largestDifference(alternatives(actual.iou!), expected.iou_predictions!), 'iou').toBeLessThan(TOLERANCE)
    },
    120_000,
  )
})

describe('at 448, against the golden figures', () => {
  const size = 448
  const image = { data: pattern(size), shape: [1, 3, size, size] }

  test('encoder outputs, masks and IoU agree at every golden sample, and in the mean', async () => {
    const { point_coords, point_labels } = golden.decoder.prompt
    const prompt = {
      point_coords: { data: Float32Array.from(point_coords.flat(2)), shape: [1, 2, 2] },
      point_labels: { data: Float32Array.from(point_labels.flat()), shape: [1, 2] },
    }
    const encoded = await runModel(encoderGraph(size), { image })
    const decoded = await runModel(decoderGraph(size, 2, false), { ...encoded, ...prompt })
    const pairs = [
      [encoded.image_embed!, golden.encoder.image_embed],
      [encoded.high_res_feats_0!, golden.encoder.high_res_feats_0],
      [encoded.high_res_feats_1!, golden.encoder.high_res_feats_1],
      [decoded.masks!, golden.decoder.outputs['/Reshape_8_output_0']],
      [decoded.iou!, golden.decoder.outputs['/iou_prediction_head/Sigmoid_output_0']],
    ] as const
    for (const [{ data }, { samples, mean, count }] of pairs) {
      expect(data.length).toBe(count)
      for (const [at, value] of samples as [number, number][])
        expect(Math.abs(Number(data[at]) - value)).toBeLessThan(TOLERANCE)
      expect((data as Float32Array).reduce((sum, value) => sum + value, 0) / count).toBeCloseTo(mean, 4)
    }
  })
})

test.each([-1, 4.5, 13])('a trunk that would begin to train at block %d is refused by name', (trunkFrom) => {
  expect(() => checkTrunkFrom(trunkFrom)).toThrow(expect.objectContaining({ code: 'TRUNK_BLOCK_UNSUPPORTED' }))
})

test('a size that the trunk cannot divide is refused by name', () => {
  expect(() => encoderGraph(450)).toThrow(expect.objectContaining({ code: 'IMAGE_SIZE_UNSUPPORTED' }))
})

test.each([64, 224, 480])(
  'the model is built and runs at %i pixels, windows padded where they do not divide',
  async (size) => {
    const { image_embed } = await runModel(encoderGraph(size), {
      image: { data: pattern(size), shape: [1, 3, size, size] },
    })
    expect(image_embed!.shape).toEqual([1, 256, size / 16, size / 16])
  },
)

function channelsFirst(x: Value): Value {
  return transpose(x, [0, 3, 1, 2])
}

function channelsLast(x: Value): Value {
  return transpose(x, [0, 2, 3, 1])
}

function encoderGraph(size: number): Uint8Array {
  const graph = new Graph()
  const features = imageEncoder(graph.input('image', [1, 3, size, size]), weights, parameterSource(graph, weights))
  return toOnnx({
    image_embed: channelsFirst(features.embedding),
    high_res_feats_0: channelsFirst(features.highRes0),
    high_res_feats_1: channelsFirst(features.highRes1),
  })
}

function decoderGraph(size: number, points: number, withMask: boolean): Uint8Array {
  const graph = new Graph()
  const parameters = parameterSource(graph, weights)
  const features = {
    embedding: channelsLast(graph.input('image_embed', [1, 256, size / 16, size / 16])),
    highRes0: channelsLast(graph.input('high_res_feats_0', [1, 32, size / 4, size / 4])),
    highRes1: channelsLast(graph.input('high_res_feats_1', [1, 64, size / 8, size / 8])),
  }
  const sparse = pointEmbedding(
    graph.input('point_coords', [1, points, 2]),
    graph.input('point_labels', [1, points]),
    parameters,
  )
  const mask = graph.input('mask_input', [1, 1, size / 4, size / 4])
  const dense = withMask ? maskEmbedding(mask, parameters) : noMaskEmbedding(parameters)
  const { maskLogits, iou } = maskDecoder(features, sparse, dense, parameters)
  return toOnnx({ masks: maskLogits, iou })
}

async function runFile(file: string, feeds: Record<string, Tensor>): Promise<Record<string, Tensor>> {
  return runModel(await readFile(file), feeds)
}

/** Runs a model on copies of those feeds that it asks for. */
async function runModel(model: Uint8Array, feeds: Record<string, Tensor>): Promise<Record<string, Tensor>> {
  await using session: Session = await openSession(model)
  return await session.run(Object.fromEntries(session.inputNames.map((name) => [name, feeds[name]!])))
}

function largestDifference(a: Tensor, b: Tensor): number {
  expect(a.data.length).toBe(b.data.length)
  let largest = 0
  for (let i = 0; i < a.data.length; i++) largest = Math.max(largest, Math.abs(Number(a.data[i]) - Number(b.data[i])))
  return largest
}

/** The golden figures' input: waves and a blob, [3, size, size]. */
function pattern(size: number): Float32Array {
  const data = new Float32Array(3 * size * size)
  for (let c = 0; c < 3; c++) {
    for (let i = 0; i < size; i++) {
      for (let j = 0; j < size; j++) {
        const blob = 0.5 * Math.exp(-((i - 200) ** 2 + (j - 260) ** 2) / 3200)
        data[(c * size + i) * size + j] = Math.sin(0.05 * i * (c + 1)) * Math.cos(0.03 * j) + blob
      }
    }
  }
  return data
}
