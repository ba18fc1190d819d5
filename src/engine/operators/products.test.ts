import fc from 'fast-check'
import { expect, test } from 'vitest'
import { Graph } from '../graph.ts'
import { broadcastable, extents, proveOperators, refusal, type Sample, shapes } from '../operator-proof.ts'
import * as products from './products.ts'

const matrices = fc.record({ m: extents(), k: extents(), n: extents() })
const leads = shapes(0, 2).filter((shape) => shape.every((extent) => extent <= 3))

proveOperators(products, {
  matmul: leads.chain((lead) =>
    fc.tuple(matrices, broadcastable(lead), broadcastable(lead)).map(
      ([{ m, k, n }, leadA, leadB]): Sample => ({
        inputs: { a: { shape: [...leadA, m, k] }, b: { shape: [...leadB, k, n] } },
        build: ({ a, b }) => products.matmul(a!, b!),
      }),
    ),
  ),
  gemm: fc.tuple(matrices, fc.record({ transA: fc.boolean(), transB: fc.boolean(), biased: fc.boolean() })).map(
    ([{ m, k, n }, { transA, transB, biased }]): Sample => ({
      inputs: {
        a: { shape: transA ? [k, m] : [m, k] },
        b: { shape: transB ? [n, k] : [k, n] },
        ...(biased && { bias: { shape: [n] } }),
      },
      build: ({ a, b, bias }) => products.gemm(a!, b!, { transA, transB, ...(bias && { bias }) }),
    }),
  ),
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
