import { readFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { z } from 'zod'
import { ScreeningError } from '#core/errors.ts'
import { type LinearStage, OUTPUTS, STAGES, stageInputs } from '#imaging/landmark-cascade.ts'
import { MAP, type NippleHead } from '#sam/nipple-head.ts'
import { type NamedTensor, readSafetensors, writeSafetensors } from '#sam/safetensors.ts'

/** The model that comes with the software; `scripts/train-landmarks.ts` writes it. */
export const LANDMARK_MODEL = fileURLToPath(new URL('../../models/thermogram-landmarks.safetensors', import.meta.url))

/** What finds the breast's box, and what finds the nipple on the features of SAM's trunk. */
export interface LandmarkModel {
  readonly stages: readonly LinearStage[]
  readonly head: NippleHead
  /** SHA-256 of the base weights whose features the head reads. */
  readonly baseSha256: string
}

/** Numbers in half precision; the four of the usual place and the bias in the metadata, as text. */
export function landmarkModelBytes(
  { stages, head, baseSha256 }: LandmarkModel,
  metadata: Readonly<Record<string, string>>,
) {
  const tensors = new Map<string, NamedTensor>()
  for (const [index, { weights, bias }] of stages.entries()) {
    tensors.set(`stage${index}.weights`, { shape: [OUTPUTS, weights.length / OUTPUTS], data: weights })
    tensors.set(`stage${index}.bias`, { shape: [OUTPUTS], data: bias })
  }
  const { weights, ...numbers } = head
  tensors.set('nipple.weights', { shape: [weights.length], data: weights })
  return writeSafetensors(tensors, { ...metadata, baseSha256, nipple: JSON.stringify(numbers) }, { dtype: 'F16' })
}

/** @throws MODEL_NOT_FOUND; MODEL_INVALID where a part is missing or of another size; WEIGHTS_CORRUPT. */
export async function readLandmarkModel(file = LANDMARK_MODEL): Promise<LandmarkModel> {
  const name = 'thermogram-landmarks.safetensors'
  const bytes = await readFile(file).catch((cause) => {
    throw new ScreeningError('MODEL_NOT_FOUND', { file: name }, { cause })
  })
  const { tensors, metadata } = readSafetensors(bytes, name)
  const stages = STAGES.map((_, index) => {
    const [weights, bias] = [tensors.get(`stage${index}.weights`)?.data, tensors.get(`stage${index}.bias`)?.data]
    if (weights?.length !== OUTPUTS * stageInputs(index) || bias?.length !== OUTPUTS) {
      throw new ScreeningError('MODEL_INVALID', { file: name, stage: index })
    }
    return { weights, bias }
  })
  const weights = tensors.get('nipple.weights')?.data
  const numbers = Numbers.safeParse(parsed(metadata.nipple))
  if (weights?.length !== MAP.channels || !numbers.success || metadata.baseSha256 === undefined) {
    throw new ScreeningError('MODEL_INVALID', { file: name })
  }
  return { stages, head: { weights, ...numbers.data }, baseSha256: metadata.baseSha256 }
}

const Numbers = z.strictObject({
  bias: z.number(),
  mean: z.strictObject({ x: z.number(), y: z.number() }),
  precision: z.tuple([z.number(), z.number(), z.number()]),
})

function parsed(text: string | undefined): unknown {
  try {
    return JSON.parse(text ?? '')
  } catch {
    return undefined
  }
}
