import fc from 'fast-check'
import { expect, test } from 'vitest'
import { gradients } from '../gradient.ts'
import { type DType, Graph, type Shape, sizeOf, type Value } from '../graph.ts'
import {
  axes,
  broadcastable,
  broadcastPairs,
  type Domain,
  proveOperators,
  refusal,
  runOnnx,
  type Sample,
  shapes,
} from '../operator-proof.ts'
import * as arithmetic from './arithmetic.ts'

type Operand = Value | number

function unary(operator: (x: Value) => Value, domain: Domain = 'any'): fc.Arbitrary<Sample> {
  return shapes().map((shape) => ({ inputs: { x: { shape, domain } }, build: ({ x }) => operator(x!) }))
}

/** Two values that broadcast, a value with itself, and a value with a plain number on either side. */
function binary(operator: (a: Operand, b: Operand) => Value, domain: 'any' | 'offZero' = 'any'): fc.Arbitrary<Sample> {
  const two = broadcastPairs().map(([a, b]): Sample => {
    return { inputs: { a: { shape: a }, b: { shape: b, domain } }, build: ({ a, b }) => operator(a!, b!) }
  })
  const one = fc.record({ shape: shapes(), form: fc.constantFrom('itself', 'left', 'right') })
  return fc.oneof(
    { arbitrary: two, weight: 3 },
    one.map(({ shape, form }): Sample => {
      const forms = {
        itself: (x: Value) => operator(x, x),
        left: (x: Value) => operator(0.75, x),
        right: (x: Value) => operator(x, -1.5),
      }
      return { inputs: { x: { shape, domain } }, build: ({ x }) => forms[form](x!) }
    }),
  )
}

function reduction(
  operator: (x: Value, axes: readonly number[], keepDims?: boolean) => Value,
  domain: 'any' | 'distinct' = 'any',
): fc.Arbitrary<Sample> {
  return shapes().chain((shape) => {
    const rank = shape.length
    const anyAxes = fc.uniqueArray(axes(Math.max(rank, 1)), {
      maxLength: rank,
      selector: (axis) => (axis + rank) % rank,
    })
    return fc.record({ reduced: rank === 0 ? fc.constant([]) : anyAxes, keepDims: fc.boolean() }).map(
      ({ reduced, keepDims }): Sample => ({
        inputs: { x: { shape, domain } },
        build: ({ x }) => operator(x!, reduced, keepDims),
      }),
    )
  })
}

/** Splits and joins the axes of a shape: the same elements under another shape. */
const reshaping = fc
  .record({ shape: shapes(), cuts: fc.shuffledSubarray([0, 1, 2, 3]) })
  .map(({ shape, cuts }): Sample => {
    const target = cuts.length === 0 ? [sizeOf(shape)] : [...shape.slice(cuts[0]), 1, ...shape.slice(0, cuts[0])]
    return { inputs: { x: { shape } }, build: ({ x }) => arithmetic.reshape(x!, target) }
  })

const permutation = (shape: Shape) => fc.shuffledSubarray([...shape.keys()], { minLength: shape.length })

const DOMAINS = { float32: 'any', float16: 'any', int64: 'few', bool: 'flag' } as const satisfies Record<DType, Domain>
const dtypes = fc.constantFrom<DType>('float32', 'float16', 'int64', 'bool')
const isFloat = (dtype: DType) => dtype === 'float32' || dtype === 'float16'

/** Half precision holds the drawn numbers and the loss's weights exactly, so the reference need not round. */
const castings = fc.record({ shape: shapes(), from: dtypes, to: dtypes }).map(({ shape, from, to }): Sample => {
  return {
    inputs: { x: { shape, dtype: from, domain: DOMAINS[from] } },
    build: ({ x }) => arithmetic.cast(arithmetic.cast(x!, to), 'float32'),
    differentiable: isFloat(from) && isFloat(to),
  }
})

proveOperators(
  arithmetic,
  {
    add: binary(arithmetic.add),
    sub: binary(arithmetic.sub),
    mul: binary(arithmetic.mul),
    div: binary(arithmetic.div, 'offZero'),
    neg: unary(arithmetic.neg),
    exp: unary(arithmetic.exp),
    log: unary(arithmetic.log, 'positive'),
    sqrt: unary(arithmetic.sqrt, 'positive'),
    sin: unary(arithmetic.sin),
    cos: unary(arithmetic.cos),
    square: unary(arithmetic.square),
    reduceSum: reduction(arithmetic.reduceSum),
    reduceMean: reduction(arithmetic.reduceMean),
    reduceMax: reduction(arithmetic.reduceMax, 'distinct'),
    sumAll: unary(arithmetic.sumAll),
    meanAll: unary(arithmetic.meanAll),
    reshape: reshaping,
    expand: shapes().chain((shape) =>
      broadcastable(shape).map((from) => ({
        inputs: { x: { shape: from } },
        build: ({ x }) => arithmetic.expand(x!, shape),
      })),
    ),
    transpose: shapes().chain((shape) =>
      permutation(shape).map((order) => ({
        inputs: { x: { shape } },
        build: ({ x }) => arithmetic.transpose(x!, order),
      })),
    ),
    transposeLast: shapes(2).map((shape) => ({
      inputs: { x: { shape } },
      build: ({ x }) => arithmetic.transposeLast(x!),
    })),
    detach: shapes().map((shape) => ({
      inputs: { x: { shape } },
      build: ({ x }) => arithmetic.detach(x!),
      differentiable: false,
    })),
    cast: castings,
    equal: broadcastPairs().map(([a, b]) => ({
      inputs: { a: { shape: a, domain: 'few' }, b: { shape: b, domain: 'few' } },
      build: ({ a, b }) => arithmetic.equal(a!, b!),
      differentiable: false,
    })),
    sumTo: shapes().chain((shape) =>
      broadcastable(shape).map((to) => ({ inputs: { x: { shape } }, build: ({ x }) => arithmetic.sumTo(x!, to) })),
    ),
  },
  ['broadcastShape', 'normaliseAxes', 'sameShape'],
)

test('what is detached counts as given: the gradient of x times itself detached is x', async () => {
  const x = new Graph().input('x', [3])
  const [gradient] = gradients(arithmetic.sumAll(arithmetic.mul(x, arithmetic.detach(x))), [x])
  const { dx } = await runOnnx({ dx: gradient! }, { x: [1, -2, 3] })
  expect([...dx!]).toEqual([1, -2, 3])
})

test('elements that are equally large share the gradient of their maximum', async () => {
  const x = new Graph().input('x', [2, 3])
  const weights = x.graph.constant(Float32Array.of(6, 1), [2])
  const loss = arithmetic.sumAll(arithmetic.mul(arithmetic.reduceMax(x, [1]), weights))
  const { gradient } = await runOnnx({ gradient: gradients(loss, [x])[0]! }, { x: [4, 4, 4, 1, 3, 2] })
  expect([...gradient!]).toEqual([2, 2, 2, 0, 1, 0])
})

test('shapes that do not fit are refused', () => {
  const graph = new Graph()
  const [x, y] = [graph.input('x', [2, 3]), graph.input('y', [2])]
  expect(() => arithmetic.add(x, y)).toThrow(refusal('SHAPE_MISMATCH'))
  expect(() => arithmetic.reduceSum(x, [2])).toThrow(refusal('SHAPE_MISMATCH'))
  expect(() => arithmetic.reshape(x, [5])).toThrow(refusal('SHAPE_MISMATCH'))
  expect(() => arithmetic.expand(x, [3])).toThrow(refusal('SHAPE_MISMATCH'))
  expect(() => arithmetic.transpose(x, [0, 2])).toThrow(refusal('SHAPE_MISMATCH'))
})

test('values of two graphs do not meet in one operator', () => {
  const [x, y] = [new Graph().input('x', [2]), new Graph().input('y', [2])]
  expect(() => arithmetic.add(x, y)).toThrow(refusal('INTERNAL'))
})
