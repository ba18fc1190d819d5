import { ScreeningError } from '#core/errors.ts'

/** An array of numbers of any rank as a file holds it. `data` is row-major whatever the order in the file. */
export interface NumberArray {
  readonly shape: readonly number[]
  readonly data: Float64Array
}

/** What numbers are stored as; all of them fit a float64 exactly. */
export type NumberType = 'i1' | 'u1' | 'i2' | 'u2' | 'i4' | 'u4' | 'f4' | 'f8'

export const NUMBER_BYTES = {
  i1: 1,
  u1: 1,
  i2: 2,
  u2: 2,
  i4: 4,
  u4: 4,
  f4: 4,
  f8: 8,
} as const satisfies Record<NumberType, number>

const READERS = {
  i1: (view, at) => view.getInt8(at),
  u1: (view, at) => view.getUint8(at),
  i2: (view, at, little) => view.getInt16(at, little),
  u2: (view, at, little) => view.getUint16(at, little),
  i4: (view, at, little) => view.getInt32(at, little),
  u4: (view, at, little) => view.getUint32(at, little),
  f4: (view, at, little) => view.getFloat32(at, little),
  f8: (view, at, little) => view.getFloat64(at, little),
} as const satisfies Record<NumberType, (view: DataView, at: number, little: boolean) => number>

/** `bytes` as numbers, in the order of the file. Bytes that fill no whole number are left. */
export function readNumbers(bytes: Uint8Array, type: NumberType, littleEndian: boolean): Float64Array {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const [read, step] = [READERS[type], NUMBER_BYTES[type]]
  const out = new Float64Array(Math.floor(bytes.length / step))
  for (let i = 0; i < out.length; i++) out[i] = read(view, i * step, littleEndian)
  return out
}

/** From column-major (the first index varies fastest: Fortran, MATLAB) to row-major (the last one does). */
export function rowMajor(columnMajor: Float64Array, shape: readonly number[]): Float64Array {
  const out = new Float64Array(columnMajor.length)
  const strides = stridesOf(shape)
  const index = new Array<number>(shape.length).fill(0)
  let at = 0
  for (let i = 0; i < columnMajor.length; i++) {
    out[at] = columnMajor[i]!
    for (let axis = 0; axis < shape.length; axis++) {
      at += strides[axis]!
      if (++index[axis]! < shape[axis]!) break
      at -= strides[axis]! * shape[axis]!
      index[axis] = 0
    }
  }
  return out
}

/** How far apart in row-major data two neighbours along each axis lie. */
function stridesOf(shape: readonly number[]): number[] {
  const strides = new Array<number>(shape.length).fill(1)
  for (let axis = shape.length - 2; axis >= 0; axis--) strides[axis] = strides[axis + 1]! * shape[axis + 1]!
  return strides
}

/** How many numbers an array of this shape has; an empty shape is one number. */
export function countOf(shape: readonly number[]): number {
  return shape.reduce((product, length) => product * length, 1)
}

/** @param file its last path segment only. */
export function unreadableArray(file: string, reason: string, cause?: unknown): ScreeningError {
  return new ScreeningError('ARRAY_UNREADABLE', { file, reason }, { cause })
}
