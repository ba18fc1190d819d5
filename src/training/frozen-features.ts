import type { GreyImage } from '#core/image.ts'
import { Graph } from '#engine/graph.ts'
import { toOnnx } from '#engine/onnx.ts'
import type { SessionOptions } from '#engine/protocol.ts'
import { openSession } from '#engine/session.ts'
import { trunkFeatures } from '#sam/image-encoder.ts'
import { normalise } from '#sam/normalise.ts'
import { parameterSource } from '#sam/parameters.ts'
import type { Weights } from '#sam/weights.ts'
import type { FeatureName } from './view-layout.ts'

export type Features = Partial<Record<FeatureName, Float32Array>>

/** The frozen part of the model in a worker. */
export interface FeatureExtractor extends AsyncDisposable {
  /** @param image standardised, size×size. */
  extract(image: GreyImage): Promise<Features>
}

export async function openExtractor(
  weights: Weights,
  size: number,
  options: SessionOptions,
): Promise<FeatureExtractor> {
  const graph = new Graph()
  const image = graph.input('image', [1, 3, size, size])
  const session = await openSession(
    toOnnx({ ...trunkFeatures(image, weights, parameterSource(graph, weights)) }),
    options,
  )
  return {
    extract: async (grey) => {
      const outputs = await session.run({ image: { data: normalise(grey), shape: [1, 3, size, size] } })
      return Object.fromEntries(Object.entries(outputs).map(([name, { data }]) => [name, data])) as Features
    },
    [Symbol.asyncDispose]: () => session.close(),
  }
}
