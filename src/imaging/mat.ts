/**
 * MATLAB's level 5 files. The one npm reader that is kept, mat-for-js 1.1.0, is under the GPL, which this software's
 * licence does not admit; libmatio's bindings need a compiler.
 */
import { inflateSync } from 'node:zlib'
import { ScreeningError } from '#core/errors.ts'
import {
  countOf,
  NUMBER_BYTES,
  type NumberArray,
  type NumberType,
  readNumbers,
  rowMajor,
  unreadableArray,
} from './number-array.ts'

/** Far above any recording (8 MB as float64); a file that unpacks to more is refused on the way. */
const MAX_UNPACKED_BYTES = 2 ** 28

const HEADER_BYTES = 128
const MATRIX = 14
const COMPRESSED = 15
const COMPLEX = 0x08
/** mxDOUBLE_CLASS to mxUINT32_CLASS; cells, structures, text, sparse and 64-bit arrays lie outside. */
const NUMERIC_CLASSES = { first: 6, last: 13 }

/** Data types of elements that hold numbers: miINT8 to miDOUBLE. */
const TYPES: Readonly<Record<number, NumberType>> = {
  1: 'i1',
  2: 'u1',
  3: 'i2',
  4: 'u2',
  5: 'i4',
  6: 'u4',
  7: 'f4',
  9: 'f8',
}

/** One element: its data type, its bytes, and where the next begins. */
interface Element {
  readonly type: number
  readonly body: Uint8Array
  readonly next: number
}

interface Matrix {
  readonly name: string
  readonly flags: number
  readonly shape: readonly number[]
  /** The element with the numbers, and what comes after it. */
  readonly rest: Uint8Array
}

/**
 * Reads one numeric variable of a MATLAB level 5 file (`save -v6` and `-v7`), compressed or not, either byte order.
 * MATLAB keeps the first index fastest and may store numbers in a smaller type than the array's; what comes out is
 * row-major float64.
 * @param variable for example `img4D`.
 * @param file named in errors, base name only.
 * @throws ARRAY_UNREADABLE when it is no level 5 file (7.3 is HDF5), is damaged, lacks the variable,
 *   or the variable is complex or no numeric array of at most 32-bit integers or floats.
 * Source: MathWorks, MAT-File Format (R2019b), chapter 1.
 */
export function readMat(bytes: Uint8Array, variable: string, file = 'mat'): NumberArray {
  const littleEndian = readByteOrder(bytes, file)
  let others = 0
  try {
    for (const body of matrices(bytes, littleEndian)) {
      const matrix = readMatrix(body, littleEndian)
      if (matrix.name === variable) return readArray(matrix, littleEndian)
      others++
    }
  } catch (error) {
    throw unreadableArray(file, reasonOf(error), error)
  }
  throw unreadableArray(file, `there is no variable ${variable} among its ${others}`)
}

/** Of a part of the file; the file's name is added where the whole is read. */
function damaged(reason: string): ScreeningError {
  return new ScreeningError('ARRAY_UNREADABLE', { reason })
}

function reasonOf(error: unknown): string {
  if (error instanceof ScreeningError) return String(error.facts.reason)
  return error instanceof Error ? error.message : String(error)
}

/** The letters MI as a 16-bit number in the byte order of the file. */
function readByteOrder(bytes: Uint8Array, file: string): boolean {
  const mark = String.fromCharCode(...bytes.subarray(HEADER_BYTES - 2, HEADER_BYTES))
  if (bytes.length < HEADER_BYTES || (mark !== 'IM' && mark !== 'MI')) {
    throw unreadableArray(file, 'this is no MATLAB file of level 5')
  }
  const littleEndian = mark === 'IM'
  const version = readNumbers(bytes.subarray(124, 126), 'u2', littleEndian)[0]!
  if (version === 0x0200) throw unreadableArray(file, 'MATLAB 7.3 files are HDF5; save it again with -v7')
  if (version !== 0x0100) throw unreadableArray(file, `version ${version} of the format`)
  return littleEndian
}

/** The body of every matrix, unpacked where it is compressed. */
function* matrices(bytes: Uint8Array, littleEndian: boolean): Generator<Uint8Array> {
  for (let at = HEADER_BYTES; at < bytes.length; ) {
    const element = readElement(bytes, at, littleEndian)
    if (element.type === MATRIX) yield element.body
    if (element.type === COMPRESSED) {
      const unpacked = inflateSync(element.body, { maxOutputLength: MAX_UNPACKED_BYTES })
      const inner = readElement(unpacked, 0, littleEndian)
      if (inner.type === MATRIX) yield inner.body
    }
    at = element.next
  }
}

/** A tag of 8 bytes and the data, filled up to 8 bytes unless compressed; or, for up to 4 bytes, both within 8. */
function readElement(bytes: Uint8Array, at: number, littleEndian: boolean): Element {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const word = view.getUint32(at, littleEndian)
  const small = word >>> 16
  if (small > 0) return { type: word & 0xffff, body: slice(bytes, at + 4, Math.min(small, 4)), next: at + 8 }
  const length = view.getUint32(at + 4, littleEndian)
  const padded = word === COMPRESSED ? length : Math.ceil(length / 8) * 8
  return { type: word, body: slice(bytes, at + 8, length), next: at + 8 + padded }
}

function slice(bytes: Uint8Array, from: number, length: number): Uint8Array {
  if (from + length > bytes.length) throw damaged('the file ends before its numbers')
  return bytes.subarray(from, from + length)
}

/** Array flags, dimensions and name come before the numbers. */
function readMatrix(body: Uint8Array, littleEndian: boolean): Matrix {
  const flags = readElement(body, 0, littleEndian)
  const dimensions = readElement(body, flags.next, littleEndian)
  const name = readElement(body, dimensions.next, littleEndian)
  return {
    name: new TextDecoder('latin1').decode(name.body),
    flags: readNumbers(flags.body, 'u4', littleEndian)[0] ?? 0,
    shape: [...readNumbers(dimensions.body, 'i4', littleEndian)],
    rest: body.subarray(name.next),
  }
}

function readArray({ name, flags, shape, rest }: Matrix, littleEndian: boolean): NumberArray {
  const arrayClass = flags & 0xff
  if (arrayClass < NUMERIC_CLASSES.first || arrayClass > NUMERIC_CLASSES.last) {
    throw damaged(`${name} is an array of class ${arrayClass}, not of numbers of at most 32 bits or floats`)
  }
  if (((flags >>> 8) & COMPLEX) !== 0) throw damaged(`${name} holds complex numbers`)
  const { type: code, body } = readElement(rest, 0, littleEndian)
  const type = TYPES[code]
  if (type === undefined) throw damaged(`${name} has numbers of type ${code}`)
  if (shape.some((length) => length < 0) || countOf(shape) * NUMBER_BYTES[type] !== body.length) {
    throw damaged(`${name} has ${body.length} bytes of numbers for the shape ${shape.join('x')}`)
  }
  return { shape, data: rowMajor(readNumbers(body, type, littleEndian), shape) }
}
