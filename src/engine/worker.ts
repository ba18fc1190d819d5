/** The worker's side of a session: it owns ONNX Runtime and, in training, the parameters. */
import { parentPort } from 'node:worker_threads'
import type { InferenceSession, Tensor as OnnxTensor } from 'onnxruntime-node'
import { ScreeningError } from '#core/errors.ts'
import { adamWStep, averageStep, clipScale, globalNorm, type ParameterState, parameterState } from './adamw.ts'
import { type Shape, sizeOf } from './graph.ts'
import { accumulate, microBatches } from './micro-batch.ts'
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
      if (request.trainer) trainer = await Training.open(request.trainer)
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
    throw new ScreeningError('DEVICE_UNAVAILABLE', { device, reason: reasonOf(error) }, { cause: error })
  }
}

async function run(feeds: Tensors): Promise<Record<string, Tensor>> {
  const outputs = await session.run(await onnxTensors(feeds))
  return Object.fromEntries(
    Object.entries(outputs).map(([name, { data, dims }]) => [name, { data: data as Float32Array, shape: dims }]),
  )
}

async function onnxTensors(tensors: Tensors): Promise<Record<string, OnnxTensor>> {
  const converted: Record<string, OnnxTensor> = {}
  for (const [name, tensor] of Object.entries(tensors)) {
    converted[name] = await onnxTensor(tensor)
  }
  return converted
}

type OutputBuffers = Readonly<Record<string, OnnxTensor>>

/** Memory that runs write their outputs to, instead of each run taking new memory. */
async function outputBuffers(): Promise<OutputBuffers> {
  const buffers = [...shapesOf(session.outputMetadata)].map(([name, shape]): [string, Tensor] => {
    return [name, { data: new Float32Array(sizeOf(shape)), shape }]
  })
  return onnxTensors(Object.fromEntries(buffers))
}

function shapesOf(metadata: InferenceSession['inputMetadata']): Map<string, Shape> {
  return new Map(metadata.map((value) => [value.name, value.isTensor ? value.shape.map(Number) : []]))
}

/** The parameters of a training run and the step that changes them. */
class Training {
  private readonly settings: TrainerSettings
  private readonly inputs = shapesOf(session.inputMetadata)
  /** Every output of the graph, summed over the pieces of a batch. */
  private readonly sums: OutputBuffers
  /** The outputs of one piece after the first. */
  private readonly further: OutputBuffers
  private parameters: Map<string, ParameterState>
  private steps = 0

  static async open(settings: TrainerSettings): Promise<Training> {
    return new Training(settings, await outputBuffers(), await outputBuffers())
  }

  private constructor(settings: TrainerSettings, sums: OutputBuffers, further: OutputBuffers) {
    this.settings = settings
    this.sums = sums
    this.further = further
    this.parameters = new Map(settings.parameters.map(({ name, value }) => [name, parameterState(value)]))
  }

  async step(feeds: Tensors, rateFactor: number): Promise<Record<string, Tensor>> {
    await this.backward(feeds)
    const gradients = this.settings.parameters.map(({ name }) => this.outputOf(`gradient/${name}`))
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
    const others = session.outputMetadata.filter(({ name }) => !name.startsWith('gradient/'))
    const copies = others.map(({ name }) => [name, { data: this.outputOf(name).slice(), shape: this.sums[name]!.dims }])
    return { ...Object.fromEntries(copies), gradientNorm: { data: Float32Array.of(norm), shape: [] } }
  }

  /** Leaves the outputs for the whole batch in `sums`. */
  private async backward(feeds: Tensors): Promise<void> {
    const values = await onnxTensors(this.values())
    for (const [i, piece] of microBatches(feeds, this.inputs).entries()) {
      const given = { ...values, ...(await onnxTensors(piece)) }
      await session.run(given, i === 0 ? this.sums : this.further)
      if (i === 0) continue
      for (const [name, { data }] of Object.entries(this.further)) accumulate(this.outputOf(name), data as Float32Array)
    }
  }

  private outputOf(name: string): Float32Array {
    const output = this.sums[name]?.data
    if (!(output instanceof Float32Array)) throw new ScreeningError('INTERNAL', { output: name })
    return output
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

function engineFailure(error: unknown): ScreeningError {
  return new ScreeningError('ENGINE_FAILED', { reason: reasonOf(error) })
}

function reasonOf(error: unknown): string {
  return (error instanceof Error ? error.message : String(error)).trim()
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
