/**
 * NumPy's array files. The npm readers were tried: npyjs 1.2.0 leaves Fortran order to its caller, reads no big-endian
 * numbers and brings a network client; numpy-parser 1.2.3 reads neither Fortran order nor big-endian numbers.
 */
import {
  countOf,
  NUMBER_BYTES,
  type NumberArray,
  type NumberType,
  readNumbers,
  rowMajor,
  unreadableArray,
} from './number-array.ts'

const MAGIC = '\x93NUMPY'

/**
 * Reads one array of a .npy file, versions 1.0, 2.0 and 3.0, either byte order, C and Fortran order, of integers up to
 * 32 bits and floats of 32 and 64. Nothing is allocated before the header's shape is found to fit the file.
 * @param file named in errors, base name only.
 * @throws ARRAY_UNREADABLE when it is no .npy file, is cut off or too long, or holds another type of number.
 * Source: NumPy, numpy.lib.format; NEP 1.
 */
export function readNpy(bytes: Uint8Array, file = 'npy'): NumberArray {
  const { header, dataAt } = readHeader(bytes, file)
  const { type, littleEndian } = readType(header, file)
  const shape = readShape(header, file)
  const order = /'fortran_order'\s*:\s*(True|False)/.exec(header)?.[1]
  if (order === undefined) throw unreadableArray(file, 'the header names no order')
  const expected = countOf(shape) * NUMBER_BYTES[type]
  if (bytes.length - dataAt !== expected) {
    throw unreadableArray(
      file,
      `the header declares ${expected} bytes of numbers, the file has ${bytes.length - dataAt}`,
    )
  }
  const data = readNumbers(bytes.subarray(dataAt), type, littleEndian)
  return { shape, data: order === 'True' ? rowMajor(data, shape) : data }
}

function readHeader(bytes: Uint8Array, file: string): { header: string; dataAt: number } {
  if (bytes.length < 12 || String.fromCharCode(...bytes.subarray(0, MAGIC.length)) !== MAGIC) {
    throw unreadableArray(file, 'this is no .npy file')
  }
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const version = bytes[6]!
  if (version < 1 || version > 3) throw unreadableArray(file, `version ${version} of the format`)
  const headerAt = version === 1 ? 10 : 12
  const headerBytes = version === 1 ? view.getUint16(8, true) : view.getUint32(8, true)
  const dataAt = headerAt + headerBytes
  if (dataAt > bytes.length) throw unreadableArray(file, 'the file ends within its header')
  return {
    header: new TextDecoder(version === 3 ? 'utf-8' : 'latin1').decode(bytes.subarray(headerAt, dataAt)),
    dataAt,
  }
}

function readType(header: string, file: string): { type: NumberType; littleEndian: boolean } {
  const written = /'descr'\s*:\s*'([^']*)'/.exec(header)?.[1] ?? 'several fields'
  const [, byteOrder = '', type = ''] = /^([<>|])(.+)$/.exec(written) ?? []
  if (!isNumberType(type) || (byteOrder === '|' && NUMBER_BYTES[type] > 1)) {
    throw unreadableArray(file, `numbers of type ${written}`)
  }
  return { type, littleEndian: byteOrder !== '>' }
}

function isNumberType(type: string): type is NumberType {
  return Object.hasOwn(NUMBER_BYTES, type)
}

/** A Python tuple: `()`, `(3,)`, `(102, 128, 25, 3)`; Python 2 wrote `3L`. */
function readShape(header: string, file: string): number[] {
  const written = /'shape'\s*:\s*\(([\dL,\s]*)\)/.exec(header)?.[1]
  if (written === undefined) throw unreadableArray(file, 'the header names no shape')
  return written
    .split(',')
    .filter((length) => length.trim() !== '')
    .map((length) => Number.parseInt(length, 10))
}
