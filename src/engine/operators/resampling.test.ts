import fc from 'fast-check'
import { expect, test } from 'vitest'
import { Graph } from '../graph.ts'
import { axes, type Domain, extents, proveOperators, refusal, type Sample, shapes } from '../operator-proof.ts'
import * as resampling from './resampling.ts'

const channelsLast = fc.tuple(extents(1, 2), extents(1, 2), extents(1, 2), extents(1, 3))

function pooling(operator: typeof resampling.maxPool2x2, domain: Domain): fc.Arbitrary<Sample> {
  return channelsLast.map(([n, h, w, c]) => ({
    inputs: { x: { shape: [n, 2 * h, 2 * w, c], domain } },
    build: ({ x }) => operator(x!),
  }))
}

proveOperators(resampling, {
  maxPool2x2: pooling(resampling.maxPool2x2, 'distinct'),
  meanPool2x2: pooling(resampling.meanPool2x2, 'any'),
  repeat: shapes(1).chain((shape) =>
    fc.tuple(axes(shape.length), extents(1, 3)).map(
      ([axis, times]): Sample => ({
        inputs: { x: { shape } },
        build: ({ x }) => resampling.repeat(x!, axis, times),
      }),
    ),
  ),
  upsampleNearest: fc.tuple(channelsLast, extents(1, 3)).map(
    ([shape, factor]): Sample => ({
      inputs: { x: { shape } },
      build: ({ x }) => resampling.upsampleNearest(x!, factor),
    }),
  ),
  resizeBilinear: fc
    .record({
      n: extents(1, 2),
      c: extents(1, 2),
      h: extents(),
      w: extents(),
      height: extents(1, 9),
      width: extents(1, 9),
    })
    .map(
      ({ n, c, h, w, height, width }): Sample => ({
        inputs: { x: { shape: [n, c, h, w] } },
        build: ({ x }) => resampling.resizeBilinear(x!, height, width),
      }),
    ),
})

test('images of odd size are not pooled, and only images are resized', () => {
  const graph = new Graph()
  expect(() => resampling.maxPool2x2(graph.input('odd', [1, 3, 2, 1]))).toThrow(refusal('SHAPE_MISMATCH'))
  expect(() => resampling.meanPool2x2(graph.input('flat', [4, 4, 1]))).toThrow(refusal('SHAPE_MISMATCH'))
  expect(() => resampling.resizeBilinear(graph.input('rows', [2, 2]), 4, 4)).toThrow(refusal('SHAPE_MISMATCH'))
})
