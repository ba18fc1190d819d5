/**
 * Elementwise arithmetic with NumPy broadcasting, reductions, and the changes of shape that their gradients need.
 * The three stand in one file because each one's gradient is written in the others.
 */
import { ScreeningError } from '#core/errors.ts'
import { type DType, graphOf, operator, type Shape, sizeOf, type Value } from '../graph.ts'

type Operand = Value | number

export function add(a: Operand, b: Operand): Value {
  return binary('Add', a, b, (g, x, y) => [sumTo(g, x.shape), sumTo(g, y.shape)])
}

export function sub(a: Operand, b: Operand): Value {
  return binary('Sub', a, b, (g, x, y) => [sumTo(g, x.shape), sumTo(neg(g), y.shape)])
}

export function mul(a: Operand, b: Operand): Value {
  return binary('Mul', a, b, (g, x, y) => [sumTo(mul(g, y), x.shape), sumTo(mul(g, x), y.shape)])
}

export function div(a: Operand, b: Operand): Value {
  return binary('Div', a, b, (g, x, y, z) => {
    const gx = div(g, y)
    return [sumTo(gx, x.shape), sumTo(neg(mul(gx, z)), y.shape)]
  })
}

export function neg(x: Value): Value {
  return operator('Neg', [x], x.shape, { gradient: (g) => [neg(g)] })
}

export function exp(x: Value): Value {
  return operator('Exp', [x], x.shape, { gradient: (g, y) => [mul(g, y)] })
}

/** Natural logarithm; x > 0. */
export function log(x: Value): Value {
  return operator('Log', [x], x.shape, { gradient: (g) => [div(g, x)] })
}

export function sqrt(x: Value): Value {
  return operator('Sqrt', [x], x.shape, { gradient: (g, y) => [div(mul(g, 0.5), y)] })
}

export function sin(x: Value): Value {
  return operator('Sin', [x], x.shape, { gradient: (g) => [mul(g, cos(x))] })
}

export function cos(x: Value): Value {
  return operator('Cos', [x], x.shape, { gradient: (g) => [neg(mul(g, sin(x)))] })
}

export function square(x: Value): Value {
  return mul(x, x)
}

/** Sum over `axes` (negative axes count from the end). */
export function reduceSum(x: Value, axes: readonly number[], keepDims = false): Value {
  return reduce('ReduceSum', x, axes, keepDims, (g) => expand(g, x.shape))
}

/** Mean over `axes`. */
export function reduceMean(x: Value, axes: readonly number[], keepDims = false): Value {
  const count = sizeOf(normaliseAxes(axes, x.shape).map((axis) => x.shape[axis]!))
  return reduce('ReduceMean', x, axes, keepDims, (g) => expand(div(g, count), x.shape))
}

/** Largest value over `axes`; where several are equally large they share the gradient. */
export function reduceMax(x: Value, axes: readonly number[], keepDims = false): Value {
  const kept = keptShape(x.shape, axes)
  return reduce('ReduceMax', x, axes, keepDims, (g, y) => {
    const isMax = cast(equal(x, expand(reshape(y, kept), x.shape)), 'float32')
    return mul(isMax, div(g, reduceSum(isMax, axes, true)))
  })
}

/** Sum of all elements, shape []. */
export function sumAll(x: Value): Value {
  return reduceSum(reshape(x, [sizeOf(x.shape)]), [0])
}

/** Mean of all elements, shape []. */
export function meanAll(x: Value): Value {
  return reduceMean(reshape(x, [sizeOf(x.shape)]), [0])
}

/** @param shape the new shape; same number of elements. @throws SHAPE_MISMATCH */
export function reshape(x: Value, shape: Shape): Value {
  if (sizeOf(shape) !== sizeOf(x.shape)) throw new ScreeningError('SHAPE_MISMATCH', { from: x.shape, to: shape })
  if (sameShape(shape, x.shape)) return x
  return operator('Reshape', [x, x.graph.integers(shape)], shape, { gradient: (g) => [reshape(g, x.shape)] })
}

/** Repeats `x` to `shape` by NumPy's broadcasting rule. @throws SHAPE_MISMATCH */
export function expand(x: Value, shape: Shape): Value {
  if (sameShape(shape, x.shape)) return x
  if (!sameShape(broadcastShape(x.shape, shape), shape)) {
    throw new ScreeningError('SHAPE_MISMATCH', { from: x.shape, to: shape })
  }
  return operator('Expand', [x, x.graph.integers(shape)], shape, { gradient: (g) => [sumTo(g, x.shape)] })
}

/** Moves axes: axis i of the result is axis `order[i]` of `x`. @throws SHAPE_MISMATCH */
export function transpose(x: Value, order: readonly number[]): Value {
  if (String(order.toSorted((a, b) => a - b)) !== String([...x.shape.keys()])) {
    throw new ScreeningError('SHAPE_MISMATCH', { shape: x.shape, order })
  }
  const shape = order.map((axis) => x.shape[axis]!)
  const inverse = order.map((_, axis) => order.indexOf(axis))
  const attributes = { perm: { ints: order } }
  return operator('Transpose', [x], shape, { attributes, gradient: (g) => [transpose(g, inverse)] })
}

/** Swaps the last two axes. */
export function transposeLast(x: Value): Value {
  const rank = x.shape.length
  return transpose(x, [...Array(rank - 2).keys(), rank - 1, rank - 2])
}

const ONNX_DTYPE = { float32: 1, int64: 7, bool: 9, float16: 10 } as const satisfies Record<DType, number>

/** Changes the element type. The gradient passes between float types only. */
export function cast(x: Value, dtype: DType): Value {
  if (x.dtype === dtype) return x
  const differentiable = x.dtype === 'float16' || x.dtype === 'float32'
  return operator('Cast', [x], x.shape, {
    dtype,
    attributes: { to: { int: ONNX_DTYPE[dtype] } },
    gradient: (g) => [differentiable ? cast(g, x.dtype) : undefined],
  })
}

/** The same numbers, taken as given: no gradient passes. */
export function detach(x: Value): Value {
  return operator('Identity', [x], x.shape, { gradient: () => [undefined] })
}

/** 1 where equal, as bool. Not differentiable. */
export function equal(a: Value, b: Value): Value {
  return operator('Equal', [a, b], broadcastShape(a.shape, b.shape), { dtype: 'bool' })
}

/** Undoes a broadcast: sums `x` over the axes along which a tensor of `shape` was repeated. */
export function sumTo(x: Value, shape: Shape): Value {
  if (sameShape(x.shape, shape)) return x
  const lead = x.shape.length - shape.length
  const repeated = x.shape.flatMap((extent, axis) =>
    axis < lead || (shape[axis - lead] === 1 && extent !== 1) ? [axis] : [],
  )
  return reshape(repeated.length > 0 ? reduceSum(x, repeated, true) : x, shape)
}

/** NumPy's broadcasting rule. @throws SHAPE_MISMATCH */
export function broadcastShape(a: Shape, b: Shape): Shape {
  const rank = Math.max(a.length, b.length)
  return Array.from({ length: rank }, (_, i) => {
    const [x, y] = [a[i - rank + a.length] ?? 1, b[i - rank + b.length] ?? 1]
    if (x !== y && x !== 1 && y !== 1) throw new ScreeningError('SHAPE_MISMATCH', { a, b })
    return x === 1 ? y : x
  })
}

export function normaliseAxes(axes: readonly number[], shape: Shape): number[] {
  return axes.map((axis) => {
    const normal = axis < 0 ? axis + shape.length : axis
    if (normal < 0 || normal >= shape.length) throw new ScreeningError('SHAPE_MISMATCH', { axis, shape })
    return normal
  })
}

export function sameShape(a: Shape, b: Shape): boolean {
  return a.length === b.length && a.every((extent, axis) => extent === b[axis])
}

function binary(
  opType: string,
  a: Operand,
  b: Operand,
  gradient: (g: Value, x: Value, y: Value, z: Value) => readonly Value[],
): Value {
  const graph = graphOf([a, b].filter((operand) => typeof operand !== 'number'))
  const [x, y] = [a, b].map((operand) => (typeof operand === 'number' ? graph.scalar(operand) : operand)) as [
    Value,
    Value,
  ]
  return operator(opType, [x, y], broadcastShape(x.shape, y.shape), { gradient: (g, z) => gradient(g, x, y, z) })
}

function reduce(
  opType: string,
  x: Value,
  axes: readonly number[],
  keepDims: boolean,
  gradient: (keptGradient: Value, output: Value) => Value,
): Value {
  // Without axes ONNX would reduce over all of them.
  if (axes.length === 0) return x
  const normal = normaliseAxes(axes, x.shape)
  const kept = keptShape(x.shape, axes)
  const shape = keepDims ? kept : x.shape.filter((_, axis) => !normal.includes(axis))
  return operator(opType, [x, x.graph.integers(normal)], shape, {
    attributes: { keepdims: { int: keepDims ? 1 : 0 } },
    gradient: (g, y) => [gradient(reshape(g, kept), y)],
  })
}

function keptShape(shape: Shape, axes: readonly number[]): Shape {
  const normal = normaliseAxes(axes, shape)
  return shape.map((extent, axis) => (normal.includes(axis) ? 1 : extent))
}
