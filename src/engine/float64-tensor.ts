/** Tensors of the float64 reference, read and filled index by index. */
import { ScreeningError } from '#core/errors.ts'
import { type Shape, sizeOf } from './graph.ts'

/** A tensor of real numbers: int64 and bool are held as numbers too, and float16 is not rounded. */
export interface Tensor64 {
  readonly shape: Shape
  readonly data: Float64Array
}

export type Index = readonly number[]

/** A tensor whose every element is computed from its index. */
export function fill(shape: Shape, element: (index: Index) => number): Tensor64 {
  const data = new Float64Array(sizeOf(shape))
  for (const [offset, index] of indices(shape).entries()) data[offset] = element(index)
  return { shape, data }
}

/** All indices of a shape in row-major order. */
export function indices(shape: Shape): Index[] {
  return shape.reduce<Index[]>(
    (leading, extent) => leading.flatMap((index) => Array.from({ length: extent }, (_, i) => [...index, i])),
    [[]],
  )
}

export function read({ shape, data }: Tensor64, index: Index): number {
  return data[offsetOf(shape, index)]!
}

export function offsetOf(shape: Shape, index: Index): number {
  if (index.length !== shape.length || index.some((i, axis) => i < 0 || i >= shape[axis]!)) {
    throw new ScreeningError('INTERNAL', { reason: 'index outside the tensor', index, shape })
  }
  return index.reduce((offset, i, axis) => offset * shape[axis]! + i, 0)
}

/** The element that broadcasting puts at `index` of a larger shape. */
export function readBroadcast(x: Tensor64, index: Index): number {
  const trailing = index.slice(index.length - x.shape.length)
  return read(
    x,
    trailing.map((i, axis) => (x.shape[axis] === 1 ? 0 : i)),
  )
}

export function broadcast(shapes: readonly Shape[]): Shape {
  const rank = Math.max(...shapes.map((shape) => shape.length))
  return Array.from({ length: rank }, (_, axis) => {
    const extents = shapes.map((shape) => shape[axis - rank + shape.length] ?? 1).filter((extent) => extent !== 1)
    if (new Set(extents).size > 1) throw new ScreeningError('SHAPE_MISMATCH', { extents })
    return extents[0] ?? 1
  })
}
