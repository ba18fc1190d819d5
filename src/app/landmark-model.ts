import { readFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { ScreeningError } from '#core/errors.ts'
import { type LinearStage, OUTPUTS, STAGES, stageInputs } from '#imaging/landmark-cascade.ts'
import { type NamedTensor, readSafetensors, writeSafetensors } from '#sam/safetensors.ts'

/** The model that comes with the software; `scripts/train-landmarks.ts` writes it. */
export const LANDMARK_MODEL = fileURLToPath(new URL('../../models/thermogram-landmarks.safetensors', import.meta.url))

/** Numbers in half precision. */
export function landmarkModelBytes(stages: readonly LinearStage[], metadata: Readonly<Record<string, string>>) {
  const tensors = new Map<string, NamedTensor>()
  for (const [index, { weights, bias }] of stages.entries()) {
    tensors.set(`stage${index}.weights`, { shape: [OUTPUTS, weights.length / OUTPUTS], data: weights })
    tensors.set(`stage${index}.bias`, { shape: [OUTPUTS], data: bias })
  }
  return writeSafetensors(tensors, metadata, { dtype: 'F16' })
}

/** @throws MODEL_NOT_FOUND; MODEL_INVALID where a stage is missing or of another size; WEIGHTS_CORRUPT. */
export async function readLandmarkModel(file = LANDMARK_MODEL): Promise<LinearStage[]> {
  const name = 'thermogram-landmarks.safetensors'
  const bytes = await readFile(file).catch((cause) => {
    throw new ScreeningError('MODEL_NOT_FOUND', { file: name }, { cause })
  })
  const { tensors } = readSafetensors(bytes, name)
  return STAGES.map((_, index) => {
    const [weights, bias] = [tensors.get(`stage${index}.weights`)?.data, tensors.get(`stage${index}.bias`)?.data]
    if (weights?.length !== OUTPUTS * stageInputs(index) || bias?.length !== OUTPUTS) {
      throw new ScreeningError('MODEL_INVALID', { file: name, stage: index })
    }
    return { weights, bias }
  })
}
