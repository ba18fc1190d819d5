import { ScreeningError } from '#core/errors.ts'
import { operator, sizeOf, type Value } from '../graph.ts'
import { broadcastShape, reduceSum, reshape, sumTo, transposeLast } from './arithmetic.ts'

/** Matrix product over the last two axes, leading axes broadcast: [..., m, k] x [..., k, n]. @throws SHAPE_MISMATCH */
export function matmul(a: Value, b: Value): Value {
  const [m, k] = [a.shape.at(-2), a.shape.at(-1)]
  const [kb, n] = [b.shape.at(-2), b.shape.at(-1)]
  if (m === undefined || n === undefined || k !== kb)
    throw new ScreeningError('SHAPE_MISMATCH', { a: a.shape, b: b.shape })
  const lead = broadcastShape(a.shape.slice(0, -2), b.shape.slice(0, -2))
  return operator('MatMul', [a, b], [...lead, m, n], {
    gradient: (g) => [sumTo(matmul(g, transposeLast(b)), a.shape), sumTo(matmul(transposeLast(a), g), b.shape)],
  })
}

/** Plain matrix product of two matrices, either one transposed first. @throws SHAPE_MISMATCH */
export function gemm(a: Value, b: Value, { transA = false, transB = false, bias }: GemmOptions = {}): Value {
  const [m, k] = transA ? [a.shape[1], a.shape[0]] : [a.shape[0], a.shape[1]]
  const [kb, n] = transB ? [b.shape[1], b.shape[0]] : [b.shape[0], b.shape[1]]
  if (
    a.shape.length !== 2 ||
    b.shape.length !== 2 ||
    k !== kb ||
    (bias && (bias.shape.length !== 1 || bias.shape[0] !== n))
  ) {
    throw new ScreeningError('SHAPE_MISMATCH', { a: a.shape, b: b.shape, bias: bias?.shape ?? 'none' })
  }
  return operator('Gemm', bias ? [a, b, bias] : [a, b], [m!, n!], {
    attributes: { transA: { int: transA ? 1 : 0 }, transB: { int: transB ? 1 : 0 } },
    gradient: (g) => [
      transA ? gemm(b, g, { transA: transB, transB: true }) : gemm(g, b, { transB: !transB }),
      transB ? gemm(g, a, { transA: true, transB: transA }) : gemm(a, g, { transA: !transA }),
      bias && reduceSum(g, [0]),
    ],
  })
}

interface GemmOptions {
  readonly transA?: boolean
  readonly transB?: boolean
  /** One number per column, shape [n]. */
  readonly bias?: Value
}

/**
 * A fully connected layer over the last axis, in PyTorch's layout.
 * @param x [..., in]
 * @param weight [out, in]
 * @param bias [out]
 * @returns [..., out]
 */
export function linear(x: Value, weight: Value, bias?: Value): Value {
  const lead = x.shape.slice(0, -1)
  const rows = reshape(x, [sizeOf(lead), x.shape.at(-1) ?? 1])
  return reshape(gemm(rows, weight, { transB: true, ...(bias && { bias }) }), [...lead, weight.shape[0]!])
}
