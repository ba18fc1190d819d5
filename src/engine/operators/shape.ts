import { ScreeningError } from '#core/errors.ts'
import { graphOf, operator, sizeOf, type Value } from '../graph.ts'
import { cast, equal, normaliseAxes, reshape, transposeLast } from './arithmetic.ts'
import { matmul } from './products.ts'

/** Elements `start..end-1` along one axis, every `step`-th. The gradient is defined for step 1. */
export function slice(x: Value, axis: number, start: number, end: number, step = 1): Value {
  const [at] = normaliseAxes([axis], x.shape) as [number]
  const extent = x.shape[at]!
  if (start < 0 || end > extent || start >= end)
    throw new ScreeningError('SHAPE_MISMATCH', { shape: x.shape, start, end })
  const shape = x.shape.with(at, Math.ceil((end - start) / step))
  const integers = [[start], [end], [at], [step]].map((numbers) => x.graph.integers(numbers))
  return operator('Slice', [x, ...integers], shape, {
    gradient: (g) => {
      if (step !== 1) throw new ScreeningError('GRADIENT_UNDEFINED', { operator: 'Slice', step })
      return [pad(g, at, start, extent - end)]
    },
  })
}

/** Zeros before and after along one axis. */
export function pad(x: Value, axis: number, before: number, after: number): Value {
  if (before === 0 && after === 0) return x
  const [at] = normaliseAxes([axis], x.shape) as [number]
  const extent = x.shape[at]!
  const pads = x.shape.map((_, i) => (i === at ? before : 0)).concat(x.shape.map((_, i) => (i === at ? after : 0)))
  return operator('Pad', [x, x.graph.integers(pads)], x.shape.with(at, before + extent + after), {
    gradient: (g) => [slice(g, at, before, before + extent)],
  })
}

/** Joins values that differ along `axis` only. @throws SHAPE_MISMATCH */
export function concat(values: readonly Value[], axis: number): Value {
  const first = values[0]
  if (!first) throw new ScreeningError('INTERNAL', { reason: 'concat of nothing' })
  const [at] = normaliseAxes([axis], first.shape) as [number]
  for (const { shape } of values) {
    if (shape.length !== first.shape.length || shape.some((extent, i) => i !== at && extent !== first.shape[i])) {
      throw new ScreeningError('SHAPE_MISMATCH', { a: first.shape, b: shape, axis: at })
    }
  }
  const extents = values.map(({ shape }) => shape[at]!)
  const total = extents.reduce((sum, extent) => sum + extent, 0)
  return operator('Concat', values, first.shape.with(at, total), {
    attributes: { axis: { int: at } },
    gradient: (g) => split(g, at, extents),
  })
}

/** Cuts a value along `axis` into pieces of the given extents. @throws SHAPE_MISMATCH */
export function split(x: Value, axis: number, extents: readonly number[]): readonly Value[] {
  const [at] = normaliseAxes([axis], x.shape) as [number]
  if (extents.reduce((sum, extent) => sum + extent, 0) !== x.shape[at]) {
    throw new ScreeningError('SHAPE_MISMATCH', { shape: x.shape, axis: at, extents })
  }
  const shapes = extents.map((extent) => x.shape.with(at, extent))
  return x.graph.node({
    opType: 'Split',
    inputs: [x, x.graph.integers(extents)],
    outputs: shapes.map((shape) => ({ shape, dtype: x.dtype })),
    attributes: { axis: { int: at } },
    gradient: (gs) => [
      concat(
        shapes.map((shape, i) => gs[i] ?? zeros(x, shape)),
        at,
      ),
    ],
  })
}

/**
 * Rows of `x` (axis 0) picked by int64 indices, each from 0 to the number of rows - 1. A row picked twice collects both
 * gradients, by a product with a one-hot matrix [picks, rows]: the additions of ScatterND race with each other on
 * several threads and lose some, and a training run would not repeat.
 */
export function gather(x: Value, indices: Value): Value {
  const [rows = 1, ...rest] = x.shape
  return operator('Gather', [x, indices], [...indices.shape, ...rest], {
    attributes: { axis: { int: 0 } },
    gradient: (g) => {
      const picks = sizeOf(indices.shape)
      const isRow = equal(reshape(indices, [picks, 1]), x.graph.integers([...Array(rows).keys()]))
      const sums = matmul(transposeLast(cast(isRow, g.dtype)), reshape(g, [picks, sizeOf(rest)]))
      return [reshape(sums, x.shape)]
    },
  })
}

function zeros(like: Value, shape: readonly number[]): Value {
  const graph = graphOf([like])
  return operator('Expand', [graph.scalar(0), graph.integers(shape)], shape)
}
