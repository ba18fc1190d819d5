import { ScreeningError } from '#core/errors.ts'
import { operator, sizeOf, type Value } from '../graph.ts'
import { broadcastShape, reduceSum, reshape, sumTo, transposeLast } from './arithmetic.ts'

/** Matrix product over the last two axes, leading axes broadcast: [..., m, k] x [..., k, n]. @throws SHAPE_MISMATCH */
export function matmul(a: Value, b: Value): Value {
  const [m, k] = [a.shape.at(-2), a.shape.at(-1)]
  const [kb, n] = [b.shape.at(-2), b.shape.at(-1)]
  if (m === undefined || n === undefined || k !== kb)
    throw new ScreeningError('SHAPE_MISMATCH', { a: a.shape, b: b.shape })
  if (a.shape.length === 2 && b.shape.length === 2) return gemm(a, b)
  const lead = broadcastShape(a.shape.slice(0, -2), b.shape.slice(0, -2))
  return operator('MatMul', [a, b], [...lead, m, n], {
    gradient: (g) => [sumTo(matmul(g, transposeLast(b)), a.shape), sumTo(matmul(transposeLast(a), g), b.shape)],
  })
}

/**
 * Plain matrix product of two matrices, either one transposed first. Where one of them is itself a product, the three
 * are multiplied in the order that costs less: the gradients of a correction of low rank W + B A are then B^T (g^T x)
 * = (g B)^T x and (g^T x) A^T = g^T (A x^T)^T, which never form the gradient of the whole W.
 * @throws SHAPE_MISMATCH
 */
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
  const reordered = reassociated({ value: a, transposed: transA }, { value: b, transposed: transB })
  if (reordered && !bias) return reordered
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

/** A matrix as a factor of a product. */
interface Factor {
  readonly value: Value
  readonly transposed: boolean
}

/** (p q) b as p (q b), and a (p q) as (a p) q, where that costs less than p q alone. */
function reassociated(a: Factor, b: Factor): Value | undefined {
  const [left, right] = [factorsOf(a), factorsOf(b)]
  if (left) {
    const [p, q] = left
    const [m, k, inner, n] = [rows(p), columns(p), columns(q), columns(b)]
    if (k * inner * n + m * k * n < m * k * inner) return multiply(p, plain(multiply(q, b)))
  }
  if (right) {
    const [p, q] = right
    const [m, inner, k, n] = [rows(a), rows(p), columns(p), columns(q)]
    if (m * inner * k + m * k * n < inner * k * n) return multiply(plain(multiply(a, p)), q)
  }
  return undefined
}

/** The two factors of a matrix that is a plain product. */
function factorsOf({ value, transposed }: Factor): readonly [Factor, Factor] | undefined {
  const { opType, inputs, attributes } = value.producer ?? {}
  const [a, b, bias] = inputs ?? []
  if (opType !== 'Gemm' || !a || !b || bias) return undefined
  const flag = (name: string) => {
    const attribute = attributes?.[name]
    return attribute !== undefined && 'int' in attribute && attribute.int === 1
  }
  const [p, q] = [flag('transA'), flag('transB')]
  return transposed
    ? [
        { value: b, transposed: !q },
        { value: a, transposed: !p },
      ]
    : [
        { value: a, transposed: p },
        { value: b, transposed: q },
      ]
}

const plain = (value: Value): Factor => ({ value, transposed: false })
const rows = ({ value, transposed }: Factor) => value.shape[transposed ? 1 : 0]!
const columns = ({ value, transposed }: Factor) => value.shape[transposed ? 0 : 1]!
const multiply = (a: Factor, b: Factor) => gemm(a.value, b.value, { transA: a.transposed, transB: b.transposed })

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
