/** The worker's side of a session: it owns ONNX Runtime and, in training, the parameters. */
import { parentPort } from 'node:worker_threads'
import type { InferenceSession, Tensor as OnnxTensor } from 'onnxruntime-node'
import { ScreeningError } from '#core/errors.ts'
import { adamWStep, averageStep, clipScale, globalNorm, type ParameterState, parameterState } from './adamw.ts'
import { onnxRuntime, onnxTensor } from './onnxruntime.ts'
import type { Reply, Request, SessionOptions, TrainedParameter, TrainerSettings, TrainerState } from './protocol.ts'
import type { Tensor, Tensors } from './tensor.ts'

const port = parentPort
if (!port) throw new ScreeningError('INTERNAL', { reason: 'the session worker runs as a worker thread only' })

let session: InferenceSession
let trainer: Training

port.on('message', async ({ id, request }: { id: number; request: Request }) => {
  try {
    const result = await answer(request)
    port.postMessage({ id, result } satisfies Reply, transferable(result))
  } catch (error) {
    const { code, facts } = error instanceof ScreeningError ? error : engineFailure(error)
    port.postMessage({ id, error: { code, facts } } satisfies Reply)
  }
})

async function answer(request: Request): Promise<unknown> {
  switch (request.kind) {
    case 'open':
      session = await openSession(request.model, request.options)
      if (request.trainer) trainer = new Training(request.trainer)
      return session.inputNames
    case 'run':
      return run(request.feeds)
    case 'step':
      return trainer.step(request.feeds, request.rateFactor)
    case 'state':
      return trainer.state()
    case 'restore':
      return trainer.restore(request.state)
  }
}

async function openSession(model: Uint8Array, { device = 'cpu', threads, memoryArena = true }: SessionOptions) {
  const { InferenceSession, listSupportedBackends } = await onnxRuntime()
  const present = listSupportedBackends().map(({ name }) => name)
  if (!present.includes(device)) throw new ScreeningError('DEVICE_UNAVAILABLE', { device, present })
  try {
    return await InferenceSession.create(model, {
      executionProviders: [device],
      enableCpuMemArena: memoryArena,
      // Failures come back as coded errors; the runtime's own log would print them twice.
      logSeverityLevel: 4,
      // Idle threads that spin slow down whatever else computes on the same cores.
      extra: { session: { intra_op: { allow_spinning: '0' } } },
      ...(threads !== undefined && { intraOpNumThreads: threads }),
    })
  } catch (error) {
    if (device === 'cpu') throw error
    throw new ScreeningError('DEVICE_UNAVAILABLE', { device, reason: String(error) }, { cause: error })
  }
}

async function run(feeds: Tensors): Promise<Record<string, Tensor>> {
  const inputs: Record<string, OnnxTensor> = {}
  for (const [name, tensor] of Object.entries(feeds)) {
    inputs[name] = await onnxTensor(tensor)
  }
  const outputs = await session.run(inputs)
  return Object.fromEntries(
    Object.entries(outputs).map(([name, { data, dims }]) => [name, { data: data as Float32Array, shape: dims }]),
  )
}

/** The parameters of a training run and the step that changes them. */
class Training {
  private readonly settings: TrainerSettings
  private parameters: Map<string, ParameterState>
  private steps = 0

  constructor(settings: TrainerSettings) {
    this.settings = settings
    this.parameters = new Map(settings.parameters.map(({ name, value }) => [name, parameterState(value)]))
  }

  async step(feeds: Tensors, rateFactor: number): Promise<Record<string, Tensor>> {
    const outputs = await run({ ...feeds, ...this.values() })
    const gradients = this.settings.parameters.map(({ name }) => takeGradient(outputs, name))
    const norm = globalNorm(gradients)
    if (!Number.isFinite(norm)) throw new ScreeningError('TRAINING_DIVERGED', { step: this.steps })
    this.steps++
    const gradientScale = clipScale(norm, this.settings.clipNorm)
    this.settings.parameters.forEach((parameter, i) => {
      const state = this.parameterOf(parameter)
      const learningRate = parameter.learningRate * rateFactor
      adamWStep(state, gradients[i]!, { step: this.steps, learningRate, decay: parameter.decay, gradientScale })
      averageStep(state, this.settings.averageDecay, this.steps)
    })
    return { ...outputs, gradientNorm: { data: Float32Array.of(norm), shape: [] } }
  }

  state(): TrainerState {
    const copied = [...this.parameters].map(([name, { value, mean, square, average }]) => {
      return [
        name,
        { value: value.slice(), mean: mean.slice(), square: square.slice(), average: average.slice() },
      ] as const
    })
    return { step: this.steps, parameters: new Map(copied) }
  }

  restore({ step, parameters }: TrainerState): void {
    for (const { name, value } of this.settings.parameters) {
      const length = parameters.get(name)?.value.length ?? 'absent'
      if (length !== value.length)
        throw new ScreeningError('SHAPE_MISMATCH', { parameter: name, length, expected: value.length })
    }
    this.steps = step
    this.parameters = new Map(parameters)
  }

  private values(): Tensors {
    return Object.fromEntries(
      this.settings.parameters.map((parameter) => {
        return [parameter.name, { data: this.parameterOf(parameter).value, shape: parameter.shape }]
      }),
    )
  }

  private parameterOf({ name }: TrainedParameter): ParameterState {
    const state = this.parameters.get(name)
    if (!state) throw new ScreeningError('INTERNAL', { parameter: name })
    return state
  }
}

function takeGradient(outputs: Record<string, Tensor>, parameter: string): Float32Array {
  const name = `gradient/${parameter}`
  const gradient = outputs[name]?.data
  if (!(gradient instanceof Float32Array)) throw new ScreeningError('INTERNAL', { output: name })
  delete outputs[name]
  return gradient
}

function engineFailure(error: unknown): ScreeningError {
  return new ScreeningError('ENGINE_FAILED', { reason: error instanceof Error ? error.message : String(error) })
}

/** Buffers of a result that can move to the caller instead of being copied. */
function transferable(result: unknown): ArrayBuffer[] {
  if (typeof result !== 'object' || result === null) return []
  const buffers = Object.values(result).flatMap((item: unknown) => {
    const buffer = ArrayBuffer.isView((item as Tensor).data) ? (item as Tensor).data.buffer : undefined
    return buffer instanceof ArrayBuffer ? [buffer] : []
  })
  return [...new Set(buffers)]
}
