import fc from 'fast-check'
import { expect, test } from 'vitest'
import { Graph } from '../graph.ts'
import { extents, proveOperators, refusal, type Sample } from '../operator-proof.ts'
import * as convolution from './convolution.ts'

const settings = fc.record({
  n: extents(1, 2),
  channels: extents(1, 2),
  outputs: extents(1, 2),
  size: fc.tuple(extents(), extents()),
  kernel: fc.tuple(extents(1, 3), extents(1, 3)),
  stride: extents(1, 3),
  padding: fc.nat({ max: 3 }),
  biased: fc.boolean(),
})

/** Rows and columns past the last whole stride, that a transposed convolution can be asked to add. */
const extras = fc.tuple(fc.nat({ max: 2 }), fc.nat({ max: 2 }))

proveOperators(convolution, {
  conv2d: settings
    .filter(({ size, kernel, padding }) => size.every((extent, axis) => extent + 2 * padding >= kernel[axis]!))
    .map(
      ({ n, channels, outputs, size, kernel, stride, padding, biased }): Sample => ({
        inputs: {
          x: { shape: [n, channels, ...size] },
          weight: { shape: [outputs, channels, ...kernel] },
          ...(biased && { bias: { shape: [outputs] } }),
        },
        build: ({ x, weight, bias }) => convolution.conv2d(x!, weight!, { stride, padding, ...(bias && { bias }) }),
      }),
    ),
  convTranspose2d: fc
    .tuple(settings, extras)
    .filter(([{ stride }, outputPadding]) => outputPadding.every((extra) => extra < stride))
    .filter(([{ size, kernel, stride, padding }, outputPadding]) =>
      size.every((extent, axis) => (extent - 1) * stride - 2 * padding + kernel[axis]! + outputPadding[axis]! > 0),
    )
    .map(
      ([{ n, channels, outputs, size, kernel, stride, padding, biased }, outputPadding]): Sample => ({
        inputs: {
          x: { shape: [n, channels, ...size] },
          weight: { shape: [channels, outputs, ...kernel] },
          ...(biased && { bias: { shape: [outputs] } }),
        },
        build: ({ x, weight, bias }) =>
          convolution.convTranspose2d(x!, weight!, { stride, padding, outputPadding, ...(bias && { bias }) }),
      }),
    ),
})

test('what does not fit is refused', () => {
  const graph = new Graph()
  const [x, weight] = [graph.input('x', [1, 2, 4, 4]), graph.input('weight', [2, 2, 3, 3])]
  const [narrow, large] = [graph.input('narrow', [2, 1, 3, 3]), graph.input('large', [2, 2, 5, 5])]
  const [three, bias] = [graph.input('three', [2, 4, 4]), graph.input('bias', [1])]
  expect(() => convolution.conv2d(x, narrow)).toThrow(refusal('SHAPE_MISMATCH'))
  expect(() => convolution.conv2d(x, large)).toThrow(refusal('SHAPE_MISMATCH'))
  expect(() => convolution.conv2d(three, weight)).toThrow(refusal('SHAPE_MISMATCH'))
  expect(() => convolution.conv2d(x, weight, { bias })).toThrow(refusal('SHAPE_MISMATCH'))
  expect(() => convolution.convTranspose2d(x, weight, { outputPadding: [0, 1] })).toThrow(refusal('SHAPE_MISMATCH'))
  expect(() => convolution.convTranspose2d(x, weight, { padding: 3 })).toThrow(refusal('SHAPE_MISMATCH'))
})
