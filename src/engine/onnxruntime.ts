import type * as OnnxRuntime from 'onnxruntime-node'
import { dtypeOf, type Tensor } from './tensor.ts'

/**
 * ONNX Runtime, loaded with its telemetry off: version 1.30 otherwise writes a usage database and a device id under the
 * home folder. Its log is off too: failures come back as errors, and the log would print them a second time. Import the
 * runtime through this function only.
 */
export async function onnxRuntime(): Promise<typeof OnnxRuntime> {
  process.env.ORT_DISABLE_TELEMETRY = '1'
  const runtime = await import('onnxruntime-node')
  runtime.env.logLevel = 'fatal'
  return runtime
}

/**
 * A tensor as a run takes it. Half precision goes in as its 16-bit patterns: the binding of 1.30 does not know
 * Float16Array and would read an empty tensor, while the Tensor class turns the patterns into a Float16Array.
 */
export async function onnxTensor(tensor: Tensor): Promise<OnnxRuntime.Tensor> {
  const { Tensor: OnnxTensor } = await onnxRuntime()
  const { data, shape } = tensor
  if (!(data instanceof Float16Array)) return new OnnxTensor(dtypeOf(tensor), data as Float32Array, shape)
  const patterns = new Uint16Array(data.buffer, data.byteOffset, data.length)
  const feed: Pick<OnnxRuntime.Tensor, 'type' | 'dims' | 'data' | 'location'> = {
    type: 'float16',
    dims: shape,
    data: patterns,
    location: 'cpu',
  }
  return feed as OnnxRuntime.Tensor
}
