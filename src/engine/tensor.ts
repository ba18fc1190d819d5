import type { DType, Shape } from './graph.ts'

/** Numbers with a shape, as they go into and come out of a session; row-major. */
export interface Tensor {
  readonly data: Float32Array | Float16Array | BigInt64Array | Uint8Array
  readonly shape: Shape
}

export type Tensors = Readonly<Record<string, Tensor>>

export function float32(data: Float32Array, shape: Shape): Tensor {
  return { data, shape }
}

/** The element type of a tensor; Uint8Array holds bool. */
export function dtypeOf({ data }: Tensor): DType {
  if (data instanceof Float32Array) return 'float32'
  if (data instanceof BigInt64Array) return 'int64'
  if (data instanceof Uint8Array) return 'bool'
  return 'float16'
}
