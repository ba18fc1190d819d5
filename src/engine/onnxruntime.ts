import type * as OnnxRuntime from 'onnxruntime-node'

/**
 * ONNX Runtime, loaded with its telemetry off: version 1.30 otherwise writes a usage database and a device id under the
 * home folder. Import the runtime through this function only.
 */
export async function onnxRuntime(): Promise<typeof OnnxRuntime> {
  process.env.ORT_DISABLE_TELEMETRY = '1'
  return import('onnxruntime-node')
}
