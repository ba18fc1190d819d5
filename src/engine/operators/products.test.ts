import fc from 'fast-check'
import { expect, test } from 'vitest'
import { gradients } from '../gradient.ts'
import { ancestors, Graph } from '../graph.ts'
import { broadcastable, extents, proveOperators, refusal, type Sample, shapes } from '../operator-proof.ts'
import { add, square, sumAll } from './arithmetic.ts'
import * as products from './products.ts'

const matrices = fc.record({ m: extents(), k: extents(), n: extents() })
const leads = shapes(0, 2).filter((shape) => shape.every((extent) => extent <= 3))

const plainProducts = fc
  .tuple(matrices, fc.record({ transA: fc.boolean(), transB: fc.boolean(), biased: fc.boolean() }))
  .map(
    ([{ m, k, n }, { transA, transB, biased }]): Sample => ({
      inputs: {
        a: { shape: transA ? [k, m] : [m, k] },
        b: { shape: transB ? [n, k] : [k, n] },
        ...(biased && { bias: { shape: [n] } }),
      },
      build: ({ a, b, bias }) => products.gemm(a!, b!, { transA, transB, ...(bias && { bias }) }),
    }),
  )

/** Three matrices with a narrow or a wide middle, multiplied first where it is cheap and where it is not. */
const chainedProducts = fc
  .record({ sides: fc.tuple(extents(), extents(), extents(), extents()), first: fc.constantFrom('left', 'right') })
  .chain(({ sides: [m, k, n, o], first }) =>
    fc.record({ transA: fc.boolean(), transB: fc.boolean(), transC: fc.boolean(), transProduct: fc.boolean() }).map(
      ({ transA, transB, transC, transProduct }): Sample => ({
        inputs: {
          a: { shape: transA ? [k, m] : [m, k] },
          b: { shape: transB ? [n, k] : [k, n] },
          c: { shape: first === 'left' ? (transC ? [o, n] : [n, o]) : transC ? [m, o] : [o, m] },
        },
        build: ({ a, b, c }) => {
          // Transposing a product of two is what the gradient of a product does.
          const product = transProduct
            ? products.gemm(b!, a!, { transA: !transB, transB: !transA })
            : products.gemm(a!, b!, { transA, transB })
          return first === 'left'
            ? products.gemm(product, c!, { transA: transProduct, transB: transC })
            : products.gemm(c!, product, { transA: transC, transB: transProduct })
        },
      }),
    ),
  )

proveOperators(products, {
  matmul: leads.chain((lead) =>
    fc.tuple(matrices, broadcastable(lead), broadcastable(lead)).map(
      ([{ m, k, n }, leadA, leadB]): Sample => ({
        inputs: { a: { shape: [...leadA, m, k] }, b: { shape: [...leadB, k, n] } },
        build: ({ a, b }) => products.matmul(a!, b!),
      }),
    ),
  ),
  gemm: fc.oneof(plainProducts, chainedProducts),
  linear: fc.tuple(leads, extents(), extents(), fc.boolean()).map(
    ([lead, inputs, outputs, biased]): Sample => ({
      inputs: {
        x: { shape: [...lead, inputs] },
        weight: { shape: [outputs, inputs] },
        ...(biased && { bias: { shape: [outputs] } }),
      },
      build: ({ x, weight, bias }) => products.linear(x!, weight!, bias),
    }),
  ),
})

test('what does not fit is refused', () => {
  const graph = new Graph()
  const [x, y, vector] = [graph.input('x', [2, 3]), graph.input('y', [2, 3]), graph.input('vector', [3])]
  expect(() => products.matmul(x, y)).toThrow(refusal('SHAPE_MISMATCH'))
  expect(() => products.matmul(x, vector)).toThrow(refusal('SHAPE_MISMATCH'))
  expect(() => products.gemm(x, y)).toThrow(refusal('SHAPE_MISMATCH'))
  expect(() => products.gemm(x, y, { transB: true, bias: vector })).toThrow(refusal('SHAPE_MISMATCH'))
  expect(() => products.linear(x, graph.input('weight', [5, 4]))).toThrow(refusal('SHAPE_MISMATCH'))
})

test('the gradients of a correction of low rank never form the gradient of the whole weight', () => {
  const graph = new Graph()
  const [inputs, outputs, rank] = [30, 40, 2]
  const b = graph.input('b', [outputs, rank])
  const a = graph.input('a', [rank, inputs])
  const weight = add(graph.input('weight', [outputs, inputs]), products.gemm(b, a))
  const loss = sumAll(square(products.linear(graph.input('x', [50, inputs]), weight)))
  const nodes = ancestors(gradients(loss, [a, b]))
  const wholeWeights = nodes.filter(({ outputs: [value] }) => String(value!.shape) === String(weight.shape))
  expect(wholeWeights.map(({ opType }) => opType)).toEqual(['Gemm', 'Add'])
})
