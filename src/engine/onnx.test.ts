import proto from 'onnx-proto'
import { expect, test } from 'vitest'
import { Graph, type Shape, type TensorData, type Value } from './graph.ts'
import { toOnnx } from './onnx.ts'
import { onnxRuntime, onnxTensor } from './onnxruntime.ts'
import { refusal } from './operator-proof.ts'
import { softmax } from './operators/activation.ts'
import { add, cast, mul, sin } from './operators/arithmetic.ts'
import { split } from './operators/shape.ts'
import type { Tensors } from './tensor.ts'

function decode(outputs: Readonly<Record<string, Value>>) {
  const { graph } = proto.onnx.ModelProto.decode(toOnnx(outputs))
  const nodes = graph?.node ?? []
  return {
    nodes,
    operators: nodes.map(({ opType }) => opType),
    inputs: graph?.input?.map(({ name }) => name),
    outputs: graph?.output?.map(({ name }) => name),
    constants: graph?.initializer?.map(({ name }) => name),
  }
}

async function run(outputs: Readonly<Record<string, Value>>, feeds: Tensors = {}) {
  const { InferenceSession } = await onnxRuntime()
  const session = await InferenceSession.create(toOnnx(outputs))
  try {
    const given = Object.entries(feeds).map(async ([name, tensor]) => [name, await onnxTensor(tensor)] as const)
    return await session.run(Object.fromEntries(await Promise.all(given)))
  } finally {
    await session.release()
  }
}

test('a model holds what its outputs depend on and nothing else, under the names given', () => {
  const graph = new Graph()
  const [image, unused] = [graph.input('image', [2]), graph.input('unused', [2])]
  const weight = graph.constant(Float32Array.of(1, 2), [2], 'trunk.weight')
  graph.constant(Float32Array.of(3), [1], 'decoder.weight')
  const wanted = sin(mul(image, weight))
  add(wanted, unused)
  const model = decode({ 'gradient/trunk': wanted })
  expect(model.operators).toEqual(['Mul', 'Sin', 'Identity'])
  expect(model.inputs).toEqual(['image'])
  expect(model.outputs).toEqual(['gradient/trunk'])
  expect(model.constants).toEqual(['trunk.weight'])
})

test('a value that two outputs depend on is computed once', () => {
  const shared = sin(new Graph().input('x', [2]))
  expect(
    decode({ a: add(shared, shared), b: mul(shared, shared) }).operators.filter((type) => type === 'Sin'),
  ).toHaveLength(1)
})

const constants: Readonly<Record<string, { readonly data: TensorData; readonly shape: Shape }>> = {
  float32: { data: Float32Array.of(0, -0, 1e-45, 3.4e38, Number.NaN, Number.NEGATIVE_INFINITY), shape: [2, 3] },
  float16: { data: Float16Array.of(0.5, -65504, 6e-8, Number.POSITIVE_INFINITY), shape: [4] },
  int64: { data: BigInt64Array.of(-1n, 2n ** 63n - 1n, -(2n ** 63n)), shape: [3, 1] },
  bool: { data: Uint8Array.of(1, 0), shape: [2] },
  'float32 scalar': { data: Float32Array.of(7), shape: [] },
  'float32 window': { data: new Float32Array([9, 9, 1, 2, 9]).subarray(2, 4), shape: [2] },
}

test.each(Object.entries(constants))('a %s constant comes out of a run bit for bit', async (_, { data, shape }) => {
  const { constant } = await run({ constant: new Graph().constant(data, shape) })
  expect(constant?.dims).toEqual(shape)
  expect(constant?.data).toEqual(data)
})

test.each(Object.entries(constants))('a %s input comes out of a run bit for bit', async (dtype, { data, shape }) => {
  const input = new Graph().input('x', shape, dtype.split(' ')[0] as Value['dtype'])
  const { same } = await run({ same: input }, { x: { data, shape } })
  expect(same?.dims).toEqual(shape)
  expect(same?.data).toEqual(data)
})

test('inputs, constants and one value under two names can be outputs beside computed ones', async () => {
  const graph = new Graph()
  const x = graph.input('x', [2])
  const k = graph.constant(Float32Array.of(10, 20), [2], 'k')
  const sum = add(x, k)
  const results = await run(
    { first: sum, second: sum, input: x, constant: k },
    { x: { data: Float32Array.of(1, 2), shape: [2] } },
  )
  const numbers = Object.fromEntries(Object.entries(results).map(([name, { data }]) => [name, [...data]]))
  expect(numbers).toEqual({ first: [11, 22], second: [11, 22], input: [1, 2], constant: [10, 20] })
})

test('an output of a node that nothing uses is still declared, so that the others keep their places', async () => {
  const parts = split(new Graph().input('x', [3]), 0, [1, 1, 1])
  const { last } = await run({ last: parts[2]! }, { x: { data: Float32Array.of(1, 2, 3), shape: [3] } })
  expect([...last!.data]).toEqual([3])
})

test('attributes keep their types and values', () => {
  const graph = new Graph()
  const x = graph.input('x', [2])
  const attributes = {
    axis: { int: -1 },
    epsilon: { float: 0.5 },
    pads: { ints: [0, -3, 2 ** 40] },
    mode: { string: 'linear' },
  }
  const [value] = graph.node({
    opType: 'Anything',
    inputs: [x],
    outputs: [{ shape: [2], dtype: 'float32' }],
    attributes,
  })
  const [node] = decode({ value: value! }).nodes
  const { AttributeType } = proto.onnx.AttributeProto
  expect(node?.attribute?.map(({ name, type }) => [name, type])).toEqual([
    ['axis', AttributeType.INT],
    ['epsilon', AttributeType.FLOAT],
    ['pads', AttributeType.INTS],
    ['mode', AttributeType.STRING],
  ])
  const [axis, epsilon, pads, mode] = node?.attribute ?? []
  expect([Number(axis?.i), epsilon?.f, pads?.ints?.map(Number)]).toEqual([-1, 0.5, [0, -3, 2 ** 40]])
  expect(new TextDecoder().decode(mode?.s ?? undefined)).toBe('linear')
})

test('two tensors of one name are refused before ONNX Runtime sees them', () => {
  const graph = new Graph()
  const x = graph.input('x', [2])
  const hidden = softmax(x)
  expect(() => toOnnx({ x })).toThrow(refusal('GRAPH_NAME_TAKEN'))
  expect(() => toOnnx({ [hidden.name]: hidden })).toThrow(refusal('GRAPH_NAME_TAKEN'))
  expect(() => graph.input('x', [3])).toThrow(refusal('GRAPH_NAME_TAKEN'))
})

test('a model without outputs or of two graphs is refused', () => {
  const [x, y] = [new Graph().input('x', [2]), new Graph().input('y', [2])]
  expect(() => toOnnx({})).toThrow(refusal('INTERNAL'))
  expect(() => toOnnx({ a: x, b: y })).toThrow(refusal('INTERNAL'))
})

test('a chain of ten thousand nodes is written without running out of stack', () => {
  let value = cast(new Graph().input('x', [1], 'int64'), 'float32')
  for (let i = 0; i < 10_000; i++) value = sin(value)
  expect(decode({ value }).operators).toHaveLength(10_002)
})
