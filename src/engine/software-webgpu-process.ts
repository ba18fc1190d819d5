/** The process's side of `software-webgpu.ts`: sessions and trainers on WebGPU, opened as the software opens them. */
import { setImmediate } from 'node:timers/promises'
import { ScreeningError } from '#core/errors.ts'
import { Graph } from './graph.ts'
import { toOnnx } from './onnx.ts'
import { onnxRuntime } from './onnxruntime.ts'
import type { TrainerSettings, TrainerState } from './protocol.ts'
import { openSession, openTrainer } from './session.ts'
import type { Answer } from './software-webgpu.ts'
import type { Tensor, Tensors } from './tensor.ts'

interface Run {
  readonly model: Uint8Array
  readonly feeds: Tensors
}

interface Training {
  readonly model: Uint8Array
  readonly settings: TrainerSettings
  readonly batches: readonly Tensors[]
}

const calls = {
  /** @throws DEVICE_UNAVAILABLE */
  async probe(_: object): Promise<void> {
    await using _session = await openSession(toOnnx({ same: new Graph().input('x', [1]) }), { device: 'webgpu' })
  },

  /** Opens a session on WebGPU, runs it once and closes it. */
  async run({ model, feeds }: Run): Promise<Record<string, Tensor>> {
    await using session = await openSession(model, { device: 'webgpu' })
    return await session.run(Object.fromEntries(session.inputNames.map((name) => [name, feeds[name]!])))
  },

  /** Opens a trainer on WebGPU and takes one step with each batch. */
  async train({ model, settings, batches }: Training): Promise<TrainerState> {
    await using trainer = await openTrainer(model, settings, { device: 'webgpu' })
    for (const batch of batches) await trainer.step(batch, 1)
    return await trainer.state()
  },

  /** Whether WebGPU computes every node of a model and leaves none to the CPU. */
  async computesAll({ model }: Pick<Run, 'model'>): Promise<boolean> {
    const { InferenceSession } = await onnxRuntime()
    try {
      const session = await InferenceSession.create(model, {
        executionProviders: ['webgpu'],
        logSeverityLevel: 4,
        extra: { session: { disable_cpu_ep_fallback: '1' } },
      })
      await session.release()
      return true
    } catch (error) {
      if (/fallback to CPU EP has been explicitly disabled/.test(String(error))) return false
      throw error
    }
  },

  /** Ends the process while a run is under way. */
  async quit({ model, feeds }: Run): Promise<never> {
    const session = await openSession(model, { device: 'webgpu' })
    session.run(feeds).catch(() => {})
    await setImmediate()
    process.exit(0)
  },
}

export type Calls = typeof calls
export type Call<Name extends keyof Calls> = Parameters<Calls[Name]>[0]

process.on('message', async ({ id, name, argument }: { id: number; name: keyof Calls; argument: never }) => {
  const reply = await answer(id, () => calls[name](argument))
  if (process.connected) process.send?.(reply)
})

async function answer(id: number, call: () => Promise<unknown>): Promise<Answer> {
  try {
    return { id, result: await call() }
  } catch (error) {
    const { code, facts } =
      error instanceof ScreeningError ? error : new ScreeningError('INTERNAL', { reason: String(error) })
    return { id, error: { code, facts } }
  }
}
