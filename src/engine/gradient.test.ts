import fc from 'fast-check'
import { expect, test } from 'vitest'
import { centralDifferences } from './float64-oracle.ts'
import { gradients } from './gradient.ts'
import { Graph, type Shape, sizeOf, type Value } from './graph.ts'
import { draw, expectClose, expectReference, refusal, SEED } from './operator-proof.ts'
import { gelu, sigmoid, softmax, softplus } from './operators/activation.ts'
import * as a from './operators/arithmetic.ts'
import { conv2d } from './operators/convolution.ts'
import { layerNorm } from './operators/normalisation.ts'
import { linear, matmul } from './operators/products.ts'
import { resizeBilinear } from './operators/resampling.ts'
import { slice, split } from './operators/shape.ts'

/** Holds the gradients of a loss, as ONNX Runtime computes them, to central differences of the float64 reference. */
async function expectGradients(
  shapes: Readonly<Record<string, Shape>>,
  build: (inputs: Readonly<Record<string, Value>>) => Value,
  runs = 5,
): Promise<void> {
  const property = fc.asyncProperty(fc.gen(), async (random) => {
    const graph = new Graph()
    const names = Object.keys(shapes)
    const inputs = Object.fromEntries(names.map((name) => [name, graph.input(name, shapes[name]!)]))
    const feeds = Object.fromEntries(names.map((name) => [name, draw(sizeOf(shapes[name]!), 'any', random)]))
    const loss = build(inputs)
    const outputs = Object.fromEntries(gradients(loss, Object.values(inputs)).map((g, i) => [`d${names[i]}`, g]))
    const computed = await expectReference({ loss, ...outputs }, feeds)
    for (const name of names) expectClose(computed[`d${name}`]!, centralDifferences(loss, feeds, name), name)
  })
  await fc.assert(property, { seed: SEED, numRuns: runs })
}

test('a value used several times collects the gradients of all its uses', async () => {
  await expectGradients({ x: [2, 2], y: [2] }, ({ x, y }) => {
    const shared = a.mul(a.sin(x!), y!)
    const uses = [a.mul(shared, shared), a.mul(x!, shared), matmul(x!, a.transposeLast(x!)), a.add(x!, x!)]
    return a.sumAll(uses.reduce((sum, use) => a.add(sum, use)))
  })
})

test('an output of a split that nothing uses gives its part of the input a gradient of zero', async () => {
  await expectGradients({ x: [2, 6] }, ({ x }) => {
    const [first, , last] = split(x!, 1, [1, 3, 2]) as [Value, Value, Value]
    return a.add(a.sumAll(a.square(first)), a.sumAll(a.exp(last)))
  })
})

test('a small network of the layers that SAM is made of has the gradients of central differences', async () => {
  const [tokens, width, height] = [6, 4, 2]
  const parameters = { in: [width, 3], bias: [width], scale: [width], shift: [width], qkv: [3 * width, width] }
  const shapes = { x: [1, tokens, 3], ...parameters, out: [width, width], kernel: [2, width, 3, 3], kernelBias: [2] }
  const network = (v: Readonly<Record<string, Value>>) => {
    const embedded = gelu(linear(v.x!, v.in!, v.bias!))
    const normalised = layerNorm(embedded, v.scale!, v.shift!, 0.01)
    const [q, k, value] = split(linear(normalised, v.qkv!), 2, [width, width, width]) as [Value, Value, Value]
    const weights = softmax(a.div(matmul(q, a.transposeLast(k)), Math.sqrt(width)))
    const attended = a.add(embedded, linear(matmul(weights, value), v.out!))
    const image = a.reshape(a.transposeLast(attended), [1, width, height, tokens / height])
    const logits = resizeBilinear(conv2d(image, v.kernel!, { padding: 1, bias: v.kernelBias! }), 4, 5)
    const probability = sigmoid(logits)
    const dice = a.div(a.sumAll(a.mul(probability, 0.5)), a.add(a.sumAll(probability), 1))
    return a.add(a.meanAll(softplus(logits)), a.sub(1, dice))
  }
  await expectGradients(shapes, network)
})

test('the gradient with respect to a value within the graph stops there, and that of the loss itself is 1', async () => {
  const graph = new Graph()
  const x = graph.input('x', [3])
  const middle = a.square(x)
  const loss = a.sumAll(a.exp(middle))
  const [ofMiddle, ofLoss] = gradients(loss, [middle, loss]) as [Value, Value]
  const { expected, ...computed } = await expectReference(
    { ofMiddle, ofLoss, expected: a.exp(middle) },
    { x: [0.5, -1, 0] },
  )
  expectClose(computed.ofMiddle!, expected!, 'gradient of the middle')
  expect([...computed.ofLoss!]).toEqual([1])
})

test('a value that the loss does not depend on has no gradient', () => {
  const graph = new Graph()
  const [x, other] = [graph.input('x', [2]), graph.input('other', [2])]
  const compared = a.cast(a.equal(x, other), 'float32')
  expect(() => gradients(a.sumAll(x), [x, other])).toThrow(refusal('GRADIENT_UNDEFINED'))
  expect(() => gradients(a.sumAll(compared), [x])).toThrow(refusal('GRADIENT_UNDEFINED'))
})

test('an operator without a gradient is refused only on the way to a value that is asked for', () => {
  const graph = new Graph()
  const [x, other] = [graph.input('x', [4]), graph.input('other', [4])]
  const everySecond = slice(x, 0, 0, 4, 2)
  const mask = a.cast(a.equal(other, graph.scalar(0)), 'float32')
  expect(() => gradients(a.sumAll(everySecond), [x])).toThrow(refusal('GRADIENT_UNDEFINED'))
  expect(() => gradients(a.sumAll(a.mul(x, mask)), [x])).not.toThrow()
})

test('a second derivative through the statistics of a layer normalisation is refused, not wrong', () => {
  const graph = new Graph()
  const [x, scale, bias] = [graph.input('x', [2, 3]), graph.input('scale', [3]), graph.input('bias', [3])]
  const [first] = gradients(a.sumAll(a.square(layerNorm(x, scale, bias, 0.01))), [x]) as [Value]
  expect(() => gradients(a.sumAll(a.square(first)), [x])).toThrow(refusal('GRADIENT_UNDEFINED'))
})

test('only a scalar has gradients', () => {
  const x = new Graph().input('x', [1])
  expect(() => gradients(x, [x])).toThrow(refusal('SHAPE_MISMATCH'))
})
