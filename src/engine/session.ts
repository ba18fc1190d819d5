import { SHARE_ENV, Worker } from 'node:worker_threads'
import { ScreeningError } from '#core/errors.ts'
import type { Reply, Request, SessionOptions, TrainerSettings, TrainerState } from './protocol.ts'
import type { Tensor, Tensors } from './tensor.ts'

/** A model that runs in a worker thread, so that the caller's event loop stays free. */
export interface Session extends AsyncDisposable {
  /** Names of the tensors that a run needs. */
  readonly inputNames: readonly string[]
  /** @throws ENGINE_FAILED when a feed is missing or of another shape, or when memory runs out. */
  run(feeds: Tensors): Promise<Record<string, Tensor>>
  close(): Promise<void>
}

/** A session that also holds parameters and changes them. */
export interface Trainer extends AsyncDisposable {
  /**
   * One step: gradients, clipping, AdamW, moving average.
   * @param feeds the graph's inputs besides the parameters, one row (axis 0) per example. Where they have several times
   *   the rows that the graph takes, the graph runs on one piece after the other, and every output is the pieces' sum.
   * @param rateFactor factor on every parameter's learning rate (the schedule's value).
   * @returns the graph's outputs without the gradients, and `gradientNorm` (before clipping).
   * @throws TRAINING_DIVERGED when a gradient is not finite; the parameters are then unchanged.
   * @throws SHAPE_MISMATCH when a feed is no whole number of pieces.
   */
  step(feeds: Tensors, rateFactor: number): Promise<Record<string, Tensor>>
  /** A copy of everything that the next step depends on. */
  state(): Promise<TrainerState>
  /** Goes on from a state, bit for bit. @throws SHAPE_MISMATCH when it belongs to other parameters. */
  restore(state: TrainerState): Promise<void>
  close(): Promise<void>
}

/**
 * @param model an ONNX model, as `toOnnx` writes it.
 * @throws DEVICE_UNAVAILABLE, ENGINE_FAILED
 */
export async function openSession(model: Uint8Array, options: SessionOptions = {}): Promise<Session> {
  const worker = new SessionWorker(options)
  const inputNames = await worker.open({ kind: 'open', model, options })
  return {
    inputNames,
    run: (feeds) => worker.ask({ kind: 'run', feeds }),
    close: () => worker.close(),
    [Symbol.asyncDispose]: () => worker.close(),
  }
}

/**
 * @param model a model whose inputs include every parameter by name and whose outputs include `gradient/<name>` for each.
 * @throws DEVICE_UNAVAILABLE, ENGINE_FAILED
 */
export async function openTrainer(
  model: Uint8Array,
  settings: TrainerSettings,
  options: SessionOptions = {},
): Promise<Trainer> {
  const worker = new SessionWorker(options)
  await worker.open({ kind: 'open', model, options, trainer: settings })
  return {
    step: (feeds, rateFactor) => worker.ask({ kind: 'step', feeds, rateFactor }),
    state: () => worker.ask({ kind: 'state' }),
    restore: (state) => worker.ask({ kind: 'restore', state }),
    close: () => worker.close(),
    [Symbol.asyncDispose]: () => worker.close(),
  }
}

const CLOSED = 'the session was closed'

/**
 * Whatever WebGPU did last in this process. All its sessions share one context, which two threads may not use at once:
 * they crash. So they take turns.
 */
let lastWebgpuTurn: Promise<unknown> = Promise.resolve()

function inWebgpuTurn<T>(use: () => Promise<T>): Promise<T> {
  const turn = lastWebgpuTurn.then(use)
  lastWebgpuTurn = turn.catch(() => {})
  return turn
}

/** What a worker was asked and has not answered. */
interface Call {
  readonly promise: Promise<unknown>
  readonly resolve: (result: never) => void
  readonly reject: (error: Error) => void
}

/** The caller's side of the conversation with one worker: requests out, replies matched by number. */
class SessionWorker {
  // A worker's own copy of the environment is invisible to native code: telemetry is turned off in the process's.
  private readonly worker = new Worker(new URL('./worker.ts', import.meta.url), { env: SHARE_ENV })
  private readonly waiting = new Map<number, Call>()
  private readonly inTurn: <T>(use: () => Promise<T>) => Promise<T>
  private next = 0
  private closed = false

  constructor({ device }: SessionOptions) {
    this.inTurn = device === 'webgpu' ? inWebgpuTurn : (use) => use()
    this.worker.on('message', (reply: Reply) => {
      const call = this.waiting.get(reply.id)
      this.waiting.delete(reply.id)
      if ('error' in reply) call?.reject(new ScreeningError(reply.error.code, reply.error.facts))
      else call?.resolve(reply.result as never)
    })
    this.worker.on('error', (error) => this.rejectAll(String(error)))
    this.worker.on('exit', () => {
      this.closed = true
      this.rejectAll(CLOSED)
    })
  }

  async open(request: Request & { kind: 'open' }): Promise<readonly string[]> {
    try {
      return await this.ask(request)
    } catch (error) {
      await this.close()
      throw error
    }
  }

  ask<T>(request: Request): Promise<T> {
    return this.inTurn(() => this.post<T>(request))
  }

  /** Takes no more work, and ends once what was asked is answered: a worker that is stopped amid a run takes all down. */
  async close(): Promise<void> {
    this.closed = true
    await Promise.allSettled([...this.waiting.values()].map(({ promise }) => promise))
    await this.inTurn(() => this.worker.terminate())
  }

  private post<T>(request: Request): Promise<T> {
    if (this.closed) return Promise.reject(new ScreeningError('ENGINE_FAILED', { reason: CLOSED }))
    const { promise, resolve, reject } = Promise.withResolvers<T>()
    const id = this.next++
    this.waiting.set(id, { promise, resolve, reject })
    this.worker.postMessage({ id, request })
    return promise
  }

  private rejectAll(reason: string): void {
    for (const { reject } of this.waiting.values()) reject(new ScreeningError('ENGINE_FAILED', { reason }))
    this.waiting.clear()
  }
}
