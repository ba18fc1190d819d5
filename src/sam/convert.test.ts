import { readFile } from 'node:fs/promises'
import proto, { type onnx } from 'onnx-proto'
import { beforeAll, describe, expect, test } from 'vitest'
import { seededRandom } from '#core/random.ts'
import { onnxRuntime } from '#engine/onnxruntime.ts'
import { convertOnnx } from './convert.ts'
import { bicubicMatrix } from './position-embedding.ts'
import TENSOR_SHAPES from './tensors.json' with { type: 'json' }
import { loadOracleFiles, type Weights } from './weights.ts'

const { FLOAT } = proto.onnx.TensorProto.DataType

let files: { encoder: onnx.ModelProto; decoder: onnx.ModelProto }
let weights: Weights

beforeAll(async () => {
  const { encoder, decoder } = await loadOracleFiles()
  const [encoderBytes, decoderBytes] = await Promise.all([readFile(encoder), readFile(decoder)])
  files = { encoder: proto.onnx.ModelProto.decode(encoderBytes), decoder: proto.onnx.ModelProto.decode(decoderBytes) }
  weights = convertOnnx(encoderBytes, decoderBytes)
})

/** Large number tensors of the original files; the rest are scale factors and sizes. */
function parameters(): onnx.ITensorProto[] {
  const initializers = [...(files.encoder.graph?.initializer ?? []), ...(files.decoder.graph?.initializer ?? [])]
  return initializers.filter(({ dataType, dims }) => dataType === FLOAT && product((dims ?? []).map(Number)) > 1)
}

const product = (shape: readonly number[]) => shape.reduce((a, b) => a * b, 1)

test('the originals give exactly the tensors of the reference, each with its shape', () => {
  const shapes = Object.fromEntries([...weights].map(([name, { shape }]) => [name, shape]))
  expect(shapes).toEqual(TENSOR_SHAPES)
  for (const [name, { shape, data }] of weights) expect(data.length, name).toBe(product(shape))
})

test('every number is finite', () => {
  for (const [name, { data }] of weights) expect(data.every(Number.isFinite), name).toBe(true)
})

test('no parameter of the originals is left behind', () => {
  const counts = parameters().map(({ name, dims }) => [name, product((dims ?? []).map(Number))] as const)
  const left = counts.filter(([name]) => !/Sqrt_2|neck\/Concat|trunk\/Transpose_output/.test(name ?? ''))
  const position = 96 * (7 * 7 + 8 * 8)
  const original = left.reduce((sum, [, count]) => sum + count, 0) + position
  expect(weights.values().reduce((sum, { data }) => sum + data.length, 0)).toBe(original)
})

describe('Linear weights are [out, in]', () => {
  /** A model of one node of the original, with its own weights, so that ONNX Runtime says what the layer computes. */
  async function runLayer(file: onnx.ModelProto, node: onnx.INodeProto, input: Float32Array): Promise<Float32Array> {
    const { InferenceSession, Tensor } = await onnxRuntime()
    const initializer = (file.graph?.initializer ?? []).filter(({ name }) => node.input?.slice(1).includes(name ?? ''))
    const x = node.input?.[0] ?? ''
    const dim = [1, input.length].map((dimValue) => ({ dimValue }))
    const bytes = proto.onnx.ModelProto.encode({
      irVersion: 8,
      opsetImport: [{ domain: '', version: 17 }],
      graph: {
        name: 'layer',
        input: [{ name: x, type: { tensorType: { elemType: FLOAT, shape: { dim } } } }],
        output: [{ name: node.output?.[0] ?? '', type: { tensorType: { elemType: FLOAT } } }],
        initializer,
        node: [node],
      },
    }).finish()
    const session = await InferenceSession.create(bytes)
    const outputs = await session.run({ [x]: new Tensor('float32', input, [1, input.length]) })
    await session.release()
    return outputs[node.output?.[0] ?? '']?.data as Float32Array
  }

  const linears = Object.entries(TENSOR_SHAPES)
    .filter(
      ([name, shape]) =>
        shape.length === 2 && name.endsWith('.weight') && Object.hasOwn(TENSOR_SHAPES, name.replace(/weight$/, 'bias')),
    )
    .map(([name]) => name)

  test('the list of them is complete', () => {
    const products = [files.encoder, files.decoder].flatMap((file) => {
      const constants = new Set(file.graph?.initializer?.map(({ name }) => name))
      const layers = file.graph?.node?.filter(
        ({ opType, input }) => /MatMul|Gemm/.test(opType ?? '') && constants.has(input?.[1]),
      )
      return layers ?? []
    })
    // Apart from the layers, the decoder multiplies points and grid by the prompt encoder's random frequencies.
    expect(products.length - 2).toBe(linears.length)
  })

  test.each(linears)('%s', async (name) => {
    const file = name.startsWith('image_encoder') ? files.encoder : files.decoder
    const path = name
      .replace(/^sam_mask_decoder\./, '')
      .replace(/\.weight$/, '')
      .split('.')
    // Module lists are written `blocks.0` in node names.
    const nodeName = `/${path.join('/').replace(/\/(\d+)(?=\/|$)/g, '.$1')}/`
    const node = file.graph?.node?.find(
      ({ name, opType }) => name === `${nodeName}${opType}` && /MatMul|Gemm/.test(opType ?? ''),
    )
    const { shape, data } = weights.get(name) ?? { shape: [], data: new Float32Array() }
    const [out = 0, inputs = 0] = shape
    const random = seededRandom(1, name)
    const x = Float32Array.from({ length: inputs }, () => random.normal())
    const bias = node?.opType === 'Gemm' ? weights.get(name.replace(/weight$/, 'bias'))?.data : undefined
    const expected = await runLayer(file, node ?? {}, x)
    expect(expected.length).toBe(out)
    for (let i = 0; i < out; i++) {
      const ours = x.reduce((sum, value, j) => sum + value * (data[i * inputs + j] ?? NaN), bias?.[i] ?? 0)
      expect(Math.abs(ours - (expected[i] ?? NaN))).toBeLessThan(1e-3)
    }
  })
})

test('position grid and window rebuild the expanded embedding at all 256x256 places within 1e-5', () => {
  const expanded = parameters().find(({ dims }) => dims?.map(Number).join() === '1,96,256,256')
  const original = new Float32Array(Uint8Array.from(expanded?.rawData ?? []).buffer)
  const grid = weights.get('image_encoder.trunk.pos_embed')?.data ?? new Float32Array()
  const window = weights.get('image_encoder.trunk.pos_embed_window')?.data ?? new Float32Array()
  const bicubic = bicubicMatrix(7, 256)
  let largest = 0
  for (let c = 0; c < 96; c++) {
    for (let y = 0; y < 256; y++) {
      const rows = Float64Array.from({ length: 7 }, (_, gx) => {
        let sum = 0
        for (let gy = 0; gy < 7; gy++) sum += (bicubic[y * 7 + gy] ?? NaN) * (grid[c * 49 + gy * 7 + gx] ?? NaN)
        return sum
      })
      for (let x = 0; x < 256; x++) {
        let sum = window[c * 64 + (y % 8) * 8 + (x % 8)] ?? NaN
        for (let gx = 0; gx < 7; gx++) sum += (bicubic[x * 7 + gx] ?? NaN) * (rows[gx] ?? NaN)
        largest = Math.max(largest, Math.abs(sum - (original[(c * 256 + y) * 256 + x] ?? NaN)))
      }
    }
  }
  // NaN would fail here too.
  expect(largest < 1e-5).toBe(true)
})

test('a file that is not ONNX is refused', () => {
  expect(() => convertOnnx(Uint8Array.of(255, 255, 255), new Uint8Array())).toThrow(/WEIGHTS_CORRUPT/)
})
