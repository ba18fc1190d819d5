import fc from 'fast-check'
import { expect, test } from 'vitest'
import { gradients } from '../gradient.ts'
import { Graph, type Value } from '../graph.ts'
import { axes, extents, proveOperators, refusal, runOnnx, type Sample, shapes } from '../operator-proof.ts'
import { mul, sumAll } from './arithmetic.ts'
import * as shape from './shape.ts'

/** A shape of rank 1 or more and one of its axes, counted from either end. */
const shapeAndAxis = shapes(1).chain((extents) => axes(extents.length).map((axis) => ({ extents, axis })))

/** Extents along one axis of the pieces that are split off or joined. */
const pieces = fc.array(extents(1, 3), { minLength: 1, maxLength: 3 })
const shapeAndPieces = fc.tuple(shapeAndAxis, pieces).map(([{ extents, axis }, pieces]) => ({
  shapes: pieces.map((piece) => withExtent(extents, axis, piece)),
  axis,
  pieces,
}))

function withExtent(shape: readonly number[], axis: number, extent: number): number[] {
  return shape.with(axis, extent)
}

proveOperators(shape, {
  slice: shapeAndAxis.chain(({ extents, axis }) => {
    const extent = extents.at(axis)!
    return fc
      .record({
        bounds: fc.tuple(fc.nat({ max: extent - 1 }), fc.nat({ max: extent - 1 })),
        step: fc.constantFrom(1, 1, 2),
      })
      .map(({ bounds, step }): Sample => {
        const [start, last] = bounds.toSorted((a, b) => a - b) as [number, number]
        return {
          inputs: { x: { shape: extents } },
          build: ({ x }) => shape.slice(x!, axis, start, last + 1, step),
          differentiable: step === 1,
        }
      })
  }),
  pad: fc.tuple(shapeAndAxis, fc.nat({ max: 3 }), fc.nat({ max: 3 })).map(
    ([{ extents, axis }, before, after]): Sample => ({
      inputs: { x: { shape: extents } },
      build: ({ x }) => shape.pad(x!, axis, before, after),
    }),
  ),
  concat: shapeAndPieces.map(
    ({ shapes, axis }): Sample => ({
      inputs: Object.fromEntries(shapes.map((shape, i) => [`x${i}`, { shape }])),
      build: (inputs) => shape.concat(Object.values(inputs), axis),
    }),
  ),
  split: shapeAndPieces.chain(({ shapes, axis, pieces }) =>
    fc.shuffledSubarray([...pieces.keys()], { minLength: 1 }).map((used): Sample => {
      const total = pieces.reduce((sum, extent) => sum + extent)
      return {
        inputs: { x: { shape: withExtent(shapes[0]!, axis, total) } },
        build: ({ x }) => {
          const parts = shape.split(x!, axis, pieces)
          return used.map((i) => parts[i]!)
        },
      }
    }),
  ),
  gather: shapes(1, 3).chain((extents) =>
    fc.array(fc.nat({ max: extents[0]! - 1 }), { minLength: 1, maxLength: 6 }).map(
      (rows): Sample => ({
        inputs: { x: { shape: extents } },
        build: ({ x }) => shape.gather(x!, x!.graph.integers(rows)),
      }),
    ),
  ),
})

test('a row picked thousands of times collects every gradient, also on several threads', async () => {
  const [rows, picks, columns] = [3, 20_000, 64]
  const graph = new Graph()
  const [x, weights] = [graph.input('x', [rows, columns]), graph.input('weights', [picks, columns])]
  const indices = graph.integers(Array.from({ length: picks }, (_, i) => i % rows))
  const [gradient] = gradients(sumAll(mul(shape.gather(x, indices), weights)), [x]) as [Value]
  const computed = await runOnnx({ gradient }, { weights: new Float64Array(picks * columns).fill(1) }, 4)
  const expected = [6667, 6667, 6666].flatMap((count) => Array<number>(columns).fill(count))
  expect([...computed.gradient!]).toEqual(expected)
})

test('what does not fit is refused', () => {
  const graph = new Graph()
  const [x, y] = [graph.input('x', [2, 3]), graph.input('y', [3, 3])]
  expect(() => shape.slice(x, 1, 2, 4)).toThrow(refusal('SHAPE_MISMATCH'))
  expect(() => shape.slice(x, 1, 2, 2)).toThrow(refusal('SHAPE_MISMATCH'))
  expect(() => shape.slice(x, 2, 0, 1)).toThrow(refusal('SHAPE_MISMATCH'))
  expect(() => shape.concat([x, y], 1)).toThrow(refusal('SHAPE_MISMATCH'))
  expect(() => shape.split(x, 1, [1, 1])).toThrow(refusal('SHAPE_MISMATCH'))
})
