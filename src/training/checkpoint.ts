import { readFile } from 'node:fs/promises'
import path from 'node:path'
import { z } from 'zod'
import { ScreeningError } from '#core/errors.ts'
import type { TrainerState } from '#engine/protocol.ts'
import { type NamedTensor, readSafetensors, writeSafetensors } from '#sam/safetensors.ts'
import type { Weights } from '#sam/weights.ts'
import { writeRunFile } from './run-folder.ts'

/** All that a run must remember to go on as if it had never stopped; chance derives from seed and epoch. */
export interface Checkpoint {
  /** `runHash` of the run's configuration. */
  readonly run: string
  /** Epochs done. */
  readonly epochs: number
  /** The best score so far and the epoch that reached it. */
  readonly best: { readonly score: number; readonly epoch: number }
  readonly trainer: TrainerState
}

const Metadata = z.object({
  run: z.string(),
  epochs: z.coerce.number().int(),
  step: z.coerce.number().int(),
  bestScore: z.coerce.number(),
  bestEpoch: z.coerce.number().int(),
})

const PARTS = ['value', 'mean', 'square', 'average'] as const

/** Writes a checkpoint as safetensors (F32), whole or not at all. @throws RUN_FOLDER_UNWRITABLE */
export async function writeCheckpoint(file: string, { run, epochs, best, trainer }: Checkpoint): Promise<void> {
  const tensors = new Map<string, NamedTensor>()
  for (const [name, state] of trainer.parameters) {
    for (const part of PARTS) tensors.set(`${part}/${name}`, { shape: [state[part].length], data: state[part] })
  }
  const metadata = { run, epochs, step: trainer.step, bestScore: best.score, bestEpoch: best.epoch }
  const texts = Object.fromEntries(Object.entries(metadata).map(([name, value]) => [name, String(value)]))
  await writeRunFile(file, writeSafetensors(tensors, texts))
}

/**
 * @param run `runHash` of the configuration that the checkpoint must belong to.
 * @throws CHECKPOINT_INVALID when the file is absent, damaged or of another run.
 */
export async function readCheckpoint(file: string, run: string): Promise<Checkpoint> {
  const invalid = refusal(file)
  const bytes = await readFile(file).catch((cause) => {
    throw invalid('cannot be read', cause)
  })
  const { tensors, metadata } = attempt(() => {
    const read = readSafetensors(bytes)
    return { tensors: read.tensors, metadata: Metadata.parse(read.metadata) }
  }, invalid)
  if (metadata.run !== run) throw invalid('belongs to another run')
  const parameters: Map<string, Record<(typeof PARTS)[number], Float32Array>> = new Map()
  const names = [...tensors.keys()].filter((name) => name.startsWith('value/')).map((name) => name.slice(6))
  for (const name of names) {
    const part = (which: (typeof PARTS)[number]) => {
      const tensor = tensors.get(`${which}/${name}`)
      if (tensor === undefined) throw invalid(`no ${which} of ${name}`)
      return tensor.data.slice()
    }
    const [value, mean, square, average] = [part('value'), part('mean'), part('square'), part('average')]
    parameters.set(name, { value, mean, square, average })
  }
  const { epochs, step, bestScore, bestEpoch } = metadata
  return { run, epochs, best: { score: bestScore, epoch: bestEpoch }, trainer: { step, parameters } }
}

/** Writes plain parameters (the best epoch's) as safetensors (F32), whole or not at all. @throws RUN_FOLDER_UNWRITABLE */
export async function writeWeights(file: string, weights: Weights, run: string): Promise<void> {
  await writeRunFile(file, writeSafetensors(weights, { run }))
}

/** @throws CHECKPOINT_INVALID when the file is absent, damaged or of another run. */
export async function readWeights(file: string, run: string): Promise<Weights> {
  const invalid = refusal(file)
  const bytes = await readFile(file).catch((cause) => {
    throw invalid('cannot be read', cause)
  })
  const { tensors, metadata } = attempt(() => readSafetensors(bytes), invalid)
  if (metadata.run !== run) throw invalid('belongs to another run')
  return tensors
}

function refusal(file: string) {
  return (problem: string, cause?: unknown) =>
    new ScreeningError('CHECKPOINT_INVALID', { file: path.basename(file), problem }, { cause })
}

function attempt<T>(read: () => T, invalid: ReturnType<typeof refusal>): T {
  try {
    return read()
  } catch (cause) {
    throw invalid('is damaged', cause)
  }
}
