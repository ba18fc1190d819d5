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
import { TestView } from '#core/test-view.ts'
import { mergeFactors } from './lora.ts'
import { readSafetensors, writeSafetensors } from './safetensors.ts'
import { type BaseWeights, loadBaseWeights, type StoreOptions, type Weights } from './weights.ts'

/**
 * sigmoid(intercept + slope · logit(soft Dice)): the Dice that is to be expected of a mask from what the model's own
 * probabilities say of it. Rises with it. Beyond `range`, the soft Dice on which it was fitted, it is held.
 */
export const ConfidenceMap = z.strictObject({
  intercept: z.number(),
  slope: z.number().nonnegative(),
  range: z.tuple([z.number(), z.number()]),
})
export type ConfidenceMap = z.infer<typeof ConfidenceMap>

/** What a model does with images of one modality. Modalities that it was not validated on are not listed. */
export const ModalitySettings = z.strictObject({
  preprocessing: Preprocessing,
  /** A pixel belongs to a lesion when its probability reaches this, 0..1. */
  maskThreshold: z.number().gt(0).lt(1),
  /** An image shows a lesion when its presence reaches this, 0..1; absent where presence could not be learned. */
  presenceThreshold: z.union([z.number().min(0).max(1), Absent]),
  /** In which views the model sees an image, its answers averaged; default: as it is. */
  testViews: z.array(TestView).min(1).optional(),
  /** Where every training image was an exposure of contrast mammography: which. Other mammograms were not validated. */
  energies: z.array(Energy).min(1).optional(),
  /** For the whole mask of an image, and for each of its regions; without it there is no expected Dice. */
  confidence: z.strictObject({ mask: ConfidenceMap, region: ConfidenceMap }).optional(),
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

/** Opens several models on one copy of the base weights. @throws as {@link openModel} */
export async function openModels(files: readonly string[], options: StoreOptions = {}): Promise<Model[]> {
  const [base, ...read] = await Promise.all([loadBaseWeights(options), ...files.map(readModel)])
  return read.map((bytes, i) => parseModel(bytes, base, basename(files[i]!)))
}

/** A model file by itself, without the base weights that it stands on. */
export interface ModelFile {
  readonly metadata: ModelMetadata
  /** SHA-256 of the file, lower-case hexadecimal. */
  readonly sha256: string
  /** Length of the file, bytes. */
  readonly bytes: number
  /** What fine-tuning changed or added, as the file holds it. */
  readonly tensors: Weights
}

/** Reads what a model file says of itself. @throws MODEL_NOT_FOUND, WEIGHTS_CORRUPT, MODEL_INVALID */
export async function readModelFile(file: string = DEFAULT_MODEL): Promise<ModelFile> {
  return parseModelFile(await readModel(file), basename(file))
}

/** What the bytes of a model file say. @throws WEIGHTS_CORRUPT, MODEL_INVALID */
export function parseModelFile(bytes: Uint8Array, file: string): ModelFile {
  const { tensors, metadata } = readSafetensors(bytes, file)
  return {
    metadata: parseMetadata(metadata.zaoshai, file),
    sha256: hash('sha256', bytes),
    bytes: bytes.length,
    tensors,
  }
}

/** @throws WEIGHTS_CORRUPT, MODEL_INVALID, MODEL_BASE_MISMATCH */
export function parseModel(bytes: Uint8Array, base: BaseWeights, file: string): Model {
  const { metadata, sha256, tensors } = parseModelFile(bytes, file)
  if (metadata.baseSha256 !== base.id) {
    throw new ScreeningError('MODEL_BASE_MISMATCH', { file, needs: metadata.baseSha256, found: base.id })
  }
  const changed = mergeFactors(tensors, base)
  return { metadata, sha256, changed, weights: new Map([...base, ...changed]) }
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
