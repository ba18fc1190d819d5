import type { ErrorCode, ErrorFacts } from '#core/errors.ts'
import type { ParameterState } from './adamw.ts'
import type { Tensors } from './tensor.ts'

export const DEVICES = ['cpu', 'webgpu', 'cuda'] as const
/** Where a session computes: `webgpu` ships with ONNX Runtime, `cuda` needs its optional provider. */
export type Device = (typeof DEVICES)[number]

export interface SessionOptions {
  readonly device?: Device
  /** Threads of one operator; default: all cores. */
  readonly threads?: number
  /** Keep freed memory for the next run; default true. Off, a run takes longer and the process stays smaller. */
  readonly memoryArena?: boolean
}

/** What trains, how, and what a step returns; see `openTrainer`. */
export interface TrainerSettings {
  readonly parameters: readonly TrainedParameter[]
  /** Largest Euclidean norm of all gradients together. */
  readonly clipNorm: number
  /** Decay of the weights' moving average, 0..1. */
  readonly averageDecay: number
}

export interface TrainedParameter {
  readonly name: string
  readonly value: Float32Array
  readonly shape: readonly number[]
  readonly learningRate: number
  readonly decay: number
}

/** All that a training run must remember to go on as if it had never stopped. */
export interface TrainerState {
  readonly step: number
  readonly parameters: ReadonlyMap<string, ParameterState>
}

export type Request =
  | {
      readonly kind: 'open'
      readonly model: Uint8Array
      readonly options: SessionOptions
      readonly trainer?: TrainerSettings
    }
  | { readonly kind: 'run'; readonly feeds: Tensors }
  | { readonly kind: 'step'; readonly feeds: Tensors; readonly rateFactor: number }
  | { readonly kind: 'state' }
  | { readonly kind: 'restore'; readonly state: TrainerState }

export type Reply =
  | { readonly id: number; readonly result: unknown }
  | { readonly id: number; readonly error: { readonly code: ErrorCode; readonly facts: ErrorFacts } }
