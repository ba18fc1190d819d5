import { ScreeningError } from '#core/errors.ts'
import { type Graph, operator, type Value } from '../graph.ts'
import { expand, normaliseAxes, reduceMax, reduceMean, reshape, transposeLast } from './arithmetic.ts'
import { matmul } from './products.ts'

/** Largest of each 2x2 block of a channels-last image: [N, H, W, C] -> [N, H/2, W/2, C]; H and W even. */
export function maxPool2x2(x: Value): Value {
  return pool2x2(x, reduceMax)
}

/** Mean of each 2x2 block of a channels-last image: [N, H, W, C] -> [N, H/2, W/2, C]; H and W even. */
export function meanPool2x2(x: Value): Value {
  return pool2x2(x, reduceMean)
}

/** Repeats every element `times` times along `axis`; on both image axes this is nearest-neighbour upsampling. */
export function repeat(x: Value, axis: number, times: number): Value {
  const [at] = normaliseAxes([axis], x.shape) as [number]
  const before = x.shape.slice(0, at + 1)
  const after = x.shape.slice(at + 1)
  const wide = expand(reshape(x, [...before, 1, ...after]), [...before, times, ...after])
  return reshape(wide, x.shape.with(at, x.shape[at]! * times))
}

/** Nearest-neighbour upsampling by a whole factor, channels last: [N, H, W, C] -> [N, fH, fW, C]. */
export function upsampleNearest(x: Value, factor: number): Value {
  return repeat(repeat(x, 1, factor), 2, factor)
}

/** Bilinear resize, channels first, half-pixel centres, edges clamped: [N, C, H, W] -> [N, C, height, width]. */
export function resizeBilinear(x: Value, height: number, width: number): Value {
  const [n, c, h, w] = x.shape
  if (x.shape.length !== 4) throw new ScreeningError('SHAPE_MISMATCH', { shape: x.shape, expected: '4 axes' })
  const sizes = x.graph.integers([n!, c!, height, width])
  const absent = x.graph.constant(new Float32Array(0), [0])
  return operator('Resize', [x, absent, absent, sizes], [n!, c!, height, width], {
    attributes: { mode: { string: 'linear' }, coordinate_transformation_mode: { string: 'half_pixel' } },
    gradient: (g) => {
      const rows = interpolation(x.graph, h!, height)
      const columns = interpolation(x.graph, w!, width)
      return [matmul(matmul(transposeLast(rows), g), columns)]
    },
  })
}

/** The matrix [to, from] by which a bilinear resize multiplies one axis. */
function interpolation(graph: Graph, from: number, to: number): Value {
  const matrix = new Float32Array(to * from)
  for (let i = 0; i < to; i++) {
    const at = Math.min(Math.max(((i + 0.5) * from) / to - 0.5, 0), from - 1)
    const low = Math.floor(at)
    const high = Math.min(low + 1, from - 1)
    matrix[i * from + low]! += 1 - (at - low)
    matrix[i * from + high]! += at - low
  }
  return graph.constant(matrix, [to, from])
}

function pool2x2(x: Value, reduce: (x: Value, axes: readonly number[]) => Value): Value {
  const [n, h, w, c] = x.shape as [number, number, number, number]
  if (x.shape.length !== 4 || h % 2 !== 0 || w % 2 !== 0) {
    throw new ScreeningError('SHAPE_MISMATCH', { shape: x.shape, expected: '[N, even, even, C]' })
  }
  const rows = reduce(reshape(x, [(n * h) / 2, 2, w * c]), [1])
  return reshape(reduce(reshape(rows, [(n * h * w) / 4, 2, c]), [1]), [n, h / 2, w / 2, c])
}
