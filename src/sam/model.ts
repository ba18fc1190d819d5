import { hash } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { basename } from 'node:path'
import { fileURLToPath } from 'node:url'
import { z } from 'zod'
import { Absent } from '#core/absent.ts'
import { ScreeningError } from '#core/errors.ts'
import { Modality } from '#core/modality.ts'
import { Preprocessing } from '#core/preprocessing.ts'
import { Energy } from '#core/study.ts'
import { mergeFactors } from './lora.ts'
import { readSafetensors, writeSafetensors } from './safetensors.ts'
import { type BaseWeights, loadBaseWeights, type StoreOptions, type Weights } from './weights.ts'

/** What a model does with images of one modality. Modalities that it was not validated on are not listed. */
export const ModalitySettings = z.strictObject({
  preprocessing: Preprocessing,
  /** A pixel belongs to a lesion when its probability reaches this, 0..1. */
  maskThreshold: z.number().gt(0).lt(1),
  /** An image shows a lesion when its presence reaches this, 0..1; absent where presence could not be learned. */
  presenceThreshold: z.union([z.number().min(0).max(1), Absent]),
  /** Where every training image was an exposure of contrast mammography: which. Other mammograms were not validated. */
  energies: z.array(Energy).min(1).optional(),
})
export type ModalitySettings = z.infer<typeof ModalitySettings>

/** What a model file says of itself. */
export const ModelMetadata = z.strictObject({
  format: z.literal(1),
  /** Name for people, as on the report. */
  name: z.string().min(1),
  /** SHA-256 of the base weights that the file's tensors replace part of. */
  baseSha256: z.string().length(64),
  modalities: z.partialRecord(Modality, ModalitySettings),
  /** Data sets and their licences, seed, version, configuration: whatever tells where the model comes from. */
  provenance: z.record(z.string(), z.json()),
  /** Figures on validation images, as `zaoshai evaluate` gives them. */
  figures: z.record(z.string(), z.json()),
})
export type ModelMetadata = z.infer<typeof ModelMetadata>

/** A fine-tuned SAM 2, ready to predict. */
export interface Model {
  readonly metadata: ModelMetadata
  /** SHA-256 of the model file, lower-case hexadecimal; together with the metadata's name it is on every report. */
  readonly sha256: string
  /** Base weights with the file's tensors in place of theirs, and the tensors that fine-tuning added. */
  readonly weights: Weights
  /** Those of them that are not the base weights'. */
  readonly changed: Weights
}

/** The model that comes with this software. */
export const DEFAULT_MODEL = fileURLToPath(new URL('../../models/zaoshai-default.safetensors', import.meta.url))

/**
 * Opens a fine-tuned model and the base weights that it stands on.
 * @throws MODEL_NOT_FOUND, MODEL_INVALID, MODEL_BASE_MISMATCH, and what `loadBaseWeights` throws.
 */
export async function openModel(file: string = DEFAULT_MODEL, options: StoreOptions = {}): Promise<Model> {
  const [bytes, base] = await Promise.all([readModel(file), loadBaseWeights(options)])
  return parseModel(bytes, base, basename(file))
}

/** @throws WEIGHTS_CORRUPT, MODEL_INVALID, MODEL_BASE_MISMATCH */
export function parseModel(bytes: Uint8Array, base: BaseWeights, file: string): Model {
  const { tensors, metadata: written } = readSafetensors(bytes, file)
  const metadata = parseMetadata(written.zaoshai, file)
  if (metadata.baseSha256 !== base.id) {
    throw new ScreeningError('MODEL_BASE_MISMATCH', { file, needs: metadata.baseSha256, found: base.id })
  }
  const changed = mergeFactors(tensors, base)
  return { metadata, sha256: hash('sha256', bytes), changed, weights: new Map([...base, ...changed]) }
}

/** The bytes of a model file: only what training changed, in half precision. */
export function writeModel(changed: Weights, metadata: ModelMetadata): Uint8Array {
  return writeSafetensors(changed, { zaoshai: JSON.stringify(ModelMetadata.parse(metadata)) }, { dtype: 'F16' })
}

function parseMetadata(text: string | undefined, file: string): ModelMetadata {
  try {
    return ModelMetadata.parse(JSON.parse(text ?? 'null'))
  } catch (cause) {
    throw new ScreeningError('MODEL_INVALID', { file }, { cause })
  }
}

async function readModel(file: string): Promise<Uint8Array> {
  try {
    return await readFile(file)
  } catch (cause) {
    throw new ScreeningError('MODEL_NOT_FOUND', { file: basename(file) }, { cause })
  }
}
