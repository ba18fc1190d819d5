import type { Value } from '#engine/graph.ts'
import { relu, softmax } from '#engine/operators/activation.ts'
import { mul, reshape, transpose } from '#engine/operators/arithmetic.ts'
import { layerNorm } from '#engine/operators/normalisation.ts'
import { linear, matmul } from '#engine/operators/products.ts'
import { type ParameterSource, scoped } from './parameters.ts'

/** PyTorch's `Linear`: x [..., in] -> [..., out]. */
export function dense(x: Value, parameters: ParameterSource, name: string): Value {
  return linear(x, parameters(`${name}.weight`), parameters(`${name}.bias`))
}

/** A 1x1 convolution on a channels-last image: [N, H, W, in] -> [N, H, W, out]. */
export function pointwise(x: Value, parameters: ParameterSource, name: string): Value {
  const weight = parameters(`${name}.weight`)
  const [out, into] = weight.shape
  return linear(x, reshape(weight, [out!, into!]), parameters(`${name}.bias`))
}

/** PyTorch's `LayerNorm` over the last axis. */
export function norm(x: Value, parameters: ParameterSource, name: string, epsilon: number): Value {
  return layerNorm(x, parameters(`${name}.weight`), parameters(`${name}.bias`), epsilon)
}

/** `count` dense layers with ReLU between them, named `layers.0`, `layers.1`, ... */
export function perceptron(x: Value, parameters: ParameterSource, name: string, count: number): Value {
  const layer = scoped(parameters, name)
  let y = x
  for (let i = 0; i < count; i++) y = dense(i === 0 ? y : relu(y), layer, `layers.${i}`)
  return y
}

/**
 * Scaled dot-product attention with several heads.
 * @param q [B, n, C]
 * @param k [B, m, C]
 * @param v [B, m, C]
 * @returns [B, n, C]
 */
export function attention(q: Value, k: Value, v: Value, heads: number): Value {
  const [batch, n, channels] = q.shape as [number, number, number]
  const m = k.shape[1]!
  const size = channels / heads
  const scaled = mul(q, 1 / Math.sqrt(size))
  const queries = transpose(reshape(scaled, [batch, n, heads, size]), [0, 2, 1, 3])
  const keys = transpose(reshape(k, [batch, m, heads, size]), [0, 2, 3, 1])
  const values = transpose(reshape(v, [batch, m, heads, size]), [0, 2, 1, 3])
  const mixed = matmul(softmax(matmul(queries, keys)), values)
  return reshape(transpose(mixed, [0, 2, 1, 3]), [batch, n, channels])
}
