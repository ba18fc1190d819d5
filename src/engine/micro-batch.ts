/** A batch computed in pieces: gradients of a sum are sums of gradients, so the step is the same and needs less memory. */
import { ScreeningError } from '#core/errors.ts'
import { type Shape, sizeOf } from './graph.ts'
import type { Tensor, Tensors } from './tensor.ts'

/**
 * Cuts the feeds of a batch into pieces of as many rows (axis 0) as a graph takes. Nothing is copied.
 * @param inputs the shapes of the graph's inputs.
 * @throws SHAPE_MISMATCH where a feed is not a whole number of pieces, or not the same number as the others.
 */
export function microBatches(feeds: Tensors, inputs: ReadonlyMap<string, Shape>): Tensors[] {
  const counts = Object.entries(feeds).map(([name, { shape }]) => {
    const expected = inputs.get(name) ?? shape
    const count = shape.length === 0 ? 1 : shape[0]! / expected[0]!
    const whole = Number.isInteger(count) && String(shape.slice(1)) === String(expected.slice(1))
    if (!whole) throw new ScreeningError('SHAPE_MISMATCH', { feed: name, shape, expected })
    return count
  })
  const [count = 1] = counts
  if (counts.some((other) => other !== count)) throw new ScreeningError('SHAPE_MISMATCH', { pieces: counts })
  if (count === 1) return [feeds]
  return Array.from({ length: count }, (_, i) =>
    Object.fromEntries(Object.entries(feeds).map(([name, tensor]) => [name, piece(tensor, i, count)])),
  )
}

function piece({ data, shape }: Tensor, i: number, count: number): Tensor {
  const length = sizeOf(shape) / count
  return { data: data.subarray(i * length, (i + 1) * length), shape: shape.with(0, shape[0]! / count) }
}

/** Adds `numbers` to `sum`, in place. */
export function accumulate(sum: Float32Array, numbers: Float32Array): void {
  for (let i = 0; i < sum.length; i++) sum[i]! += numbers[i]!
}
