/// <reference lib="esnext.float16" />
import { ScreeningError } from '#core/errors.ts'

/** A named array of numbers. `data` is row-major; its length is the product of `shape` (an empty shape is one number). */
export interface NamedTensor {
  readonly shape: readonly number[]
  readonly data: Float32Array
}

/** What a safetensors file holds. Tensors are in the order in which their bytes lie in the file. */
export interface Safetensors {
  readonly tensors: Map<string, NamedTensor>
  readonly metadata: Record<string, string>
}

/** How numbers are stored: 32-bit or 16-bit IEEE 754 binary, little-endian. */
export type StoredType = 'F32' | 'F16'

interface Entry {
  readonly name: string
  readonly dtype: StoredType
  readonly shape: readonly number[]
  readonly begin: number
  readonly end: number
}

const BYTES = { F32: 4, F16: 2 } as const satisfies Record<StoredType, number>
const LENGTH_BYTES = 8
const HEADER_LIMIT = 100_000_000

/**
 * Reads a safetensors file of F32 and F16 tensors. F32 tensors are views on `bytes` (nothing is copied where the
 * alignment allows it), so `bytes` must not be written to afterwards; F16 tensors are widened.
 * @param file named in errors, base name only.
 * @throws WEIGHTS_CORRUPT when the header is not valid, a tensor's bytes and shape differ, tensors overlap or leave
 *   holes, or the file is cut off or too long.
 * Source: https://github.com/huggingface/safetensors, "Format".
 */
export function readSafetensors(bytes: Uint8Array, file = 'safetensors'): Safetensors {
  const { header, dataStart } = readHeader(bytes, file)
  const { __metadata__: rawMetadata, ...rawEntries } = header
  const metadata = readMetadata(rawMetadata ?? {}, file)
  const entries = Object.entries(rawEntries).map(([name, entry]) => readEntry(name, entry, file))
  entries.sort((a, b) => a.begin - b.begin || a.end - b.end)

  let position = 0
  for (const { name, begin, end } of entries) {
    if (begin !== position) throw corrupt(file, 'tensors overlap or leave a hole', { tensor: name })
    position = end
  }
  if (dataStart + position !== bytes.length) {
    throw corrupt(file, 'length differs from the header', { expected: dataStart + position, found: bytes.length })
  }
  const tensors = new Map(entries.map((entry) => [entry.name, readTensor(bytes, dataStart, entry)]))
  return { tensors, metadata }
}

/**
 * Writes tensors as a safetensors file. The same tensors and metadata always give the same bytes: names are sorted by
 * code unit, and the header is padded with spaces so that the data starts at a multiple of 8.
 * F16 rounds to the nearest even and keeps subnormal numbers.
 * @throws SHAPE_MISMATCH when a tensor's data and shape differ.
 * @throws WEIGHTS_OVERFLOW when F16 cannot hold a finite number (beyond 65,504 after rounding).
 */
export function writeSafetensors(
  tensors: ReadonlyMap<string, NamedTensor>,
  metadata: Readonly<Record<string, string>> = {},
  { dtype = 'F32' }: { readonly dtype?: StoredType } = {},
): Uint8Array {
  const sorted = [...tensors].sort(([a], [b]) => (a < b ? -1 : 1))
  const header: [string, unknown][] = []
  if (Object.keys(metadata).length > 0) header.push(['__metadata__', sortedRecord(metadata)])
  let position = 0
  for (const [name, { shape, data }] of sorted) {
    if (product(shape) !== data.length) throw new ScreeningError('SHAPE_MISMATCH', { name, shape, length: data.length })
    const end = position + data.length * BYTES[dtype]
    header.push([name, { dtype, shape, data_offsets: [position, end] }])
    position = end
  }
  // Entries are joined by hand because an object would move integer-like names to the front.
  const text = `{${header.map(([name, entry]) => `${JSON.stringify(name)}:${JSON.stringify(entry)}`).join(',')}}`
  const json = new TextEncoder().encode(text)
  const dataStart = LENGTH_BYTES + Math.ceil(json.length / 8) * 8
  const bytes = new Uint8Array(dataStart + position).fill(0x20, LENGTH_BYTES + json.length, dataStart)
  new DataView(bytes.buffer).setBigUint64(0, BigInt(dataStart - LENGTH_BYTES), true)
  bytes.set(json, LENGTH_BYTES)
  position = dataStart
  for (const [name, { data }] of sorted) {
    if (dtype === 'F32') new Float32Array(bytes.buffer, position, data.length).set(data)
    else writeHalves(new Float16Array(bytes.buffer, position, data.length), data, name)
    position += data.length * BYTES[dtype]
  }
  return bytes
}

function writeHalves(out: Float16Array, data: Float32Array, name: string): void {
  out.set(data)
  for (let i = 0; i < data.length; i++) {
    if (Math.abs(out[i] as number) === Infinity && Number.isFinite(data[i])) {
      throw new ScreeningError('WEIGHTS_OVERFLOW', { tensor: name, value: data[i] as number })
    }
  }
}

function readHeader(bytes: Uint8Array, file: string): { header: Record<string, unknown>; dataStart: number } {
  if (bytes.length < LENGTH_BYTES) throw corrupt(file, 'too short', { found: bytes.length })
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const length = Number(view.getBigUint64(0, true))
  if (length > HEADER_LIMIT || LENGTH_BYTES + length > bytes.length) {
    throw corrupt(file, 'header is longer than the file', { header: length, found: bytes.length })
  }
  const dataStart = LENGTH_BYTES + length
  let header: unknown
  try {
    header = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes.subarray(LENGTH_BYTES, dataStart)))
  } catch {
    throw corrupt(file, 'header is not JSON')
  }
  if (!isRecord(header)) throw corrupt(file, 'header is not an object')
  return { header, dataStart }
}

function readMetadata(metadata: unknown, file: string): Record<string, string> {
  if (!isRecord(metadata)) throw corrupt(file, 'metadata is not an object')
  const entries = Object.entries(metadata).map(([key, value]) => {
    if (typeof value !== 'string') throw corrupt(file, 'metadata is not text', { key })
    return [key, value] as const
  })
  return Object.fromEntries(entries)
}

function readEntry(name: string, entry: unknown, file: string): Entry {
  if (!isRecord(entry)) throw corrupt(file, 'entry is not an object', { tensor: name })
  const { dtype, shape, data_offsets: offsets } = entry
  if (dtype !== 'F32' && dtype !== 'F16') throw corrupt(file, 'type is neither F32 nor F16', { tensor: name })
  if (!isCounts(shape)) throw corrupt(file, 'shape is not a list of sizes', { tensor: name })
  if (!isCounts(offsets)) throw corrupt(file, 'offsets are not numbers', { tensor: name })
  const [begin, end] = offsets
  if (begin === undefined || end === undefined || offsets.length !== 2) {
    throw corrupt(file, 'offsets are not a pair', { tensor: name })
  }
  if (end - begin !== product(shape) * BYTES[dtype]) {
    throw corrupt(file, 'shape and bytes differ', { tensor: name, shape, bytes: end - begin })
  }
  return { name, dtype, shape, begin, end }
}

function readTensor(bytes: Uint8Array, dataStart: number, { dtype, shape, begin, end }: Entry): NamedTensor {
  const size = BYTES[dtype]
  const length = (end - begin) / size
  let { buffer, byteOffset } = bytes
  byteOffset += dataStart + begin
  if (byteOffset % size !== 0) {
    buffer = bytes.slice(dataStart + begin, dataStart + end).buffer
    byteOffset = 0
  }
  if (dtype === 'F32') return { shape, data: new Float32Array(buffer, byteOffset, length) }
  return { shape, data: Float32Array.from(new Float16Array(buffer, byteOffset, length)) }
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function isCounts(value: unknown): value is number[] {
  return Array.isArray(value) && value.every((size) => Number.isSafeInteger(size) && size >= 0)
}

function product(shape: readonly number[]): number {
  return shape.reduce((count, size) => count * size, 1)
}

function sortedRecord(record: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(Object.entries(record).sort(([a], [b]) => (a < b ? -1 : 1)))
}

function corrupt(file: string, problem: string, facts: Record<string, string | number | readonly number[]> = {}) {
  return new ScreeningError('WEIGHTS_CORRUPT', { file, problem, ...facts })
}
