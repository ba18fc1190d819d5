import { dirname, join } from 'node:path'
import { cacheFolder, loadBaseWeights, loadOracleFiles, type OracleFiles, type Progress } from '#sam/weights.ts'

export type { Progress as WeightsProgress } from '#sam/weights.ts'

/** What `zaoshai weights` is asked for. */
export interface GetWeightsOptions {
  /** Also the two published ONNX files, which the tests of the model compare with. */
  readonly oracle?: boolean
  readonly onProgress?: (progress: Progress) => void
  /** Stops a download; nothing half-written is left. */
  readonly signal?: AbortSignal
}

/** The base weights that this machine now has. */
export interface GotWeights {
  /** SHA-256 of the file. */
  readonly id: string
  /** Path of the file: in the cache folder, or where `ZAOSHAI_BASE_WEIGHTS` points. */
  readonly file: string
  readonly tensors: number
  /** Numbers in all tensors together. */
  readonly parameters: number
  readonly oracle?: OracleFiles
}

/** Makes sure that the base weights are there and intact, fetching them where they are not. Errors as `loadBaseWeights`. */
export async function getWeights({ oracle = false, ...options }: GetWeightsOptions = {}): Promise<GotWeights> {
  const weights = await loadBaseWeights(options)
  const named = process.env.ZAOSHAI_BASE_WEIGHTS
  return {
    id: weights.id,
    file: join(named ? dirname(named) : cacheFolder(), weights.file),
    tensors: weights.size,
    parameters: weights.values().reduce((count, { data }) => count + data.length, 0),
    ...(oracle && { oracle: await loadOracleFiles(options) }),
  }
}
