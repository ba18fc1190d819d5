import { spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { deflateSync } from 'node:zlib'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { readMat } from './mat.ts'

interface Layout {
  readonly littleEndian: boolean
  readonly compressed?: boolean
  readonly version?: number
}

/** Numbers of 1, 2, 4 or 8 bytes (floats where 8) in the byte order of the file. */
function numbers(values: readonly number[], bytes: 1 | 2 | 4 | 8, littleEndian: boolean): Uint8Array {
  const view = new DataView(new ArrayBuffer(values.length * bytes))
  for (const [i, value] of values.entries()) {
    if (bytes === 1) view.setUint8(i, value)
    else if (bytes === 2) view.setUint16(2 * i, value, littleEndian)
    else if (bytes === 4) view.setUint32(4 * i, value, littleEndian)
    else view.setFloat64(8 * i, value, littleEndian)
  }
  return new Uint8Array(view.buffer)
}

const joined = (...parts: readonly Uint8Array[]) => Uint8Array.from(parts.flatMap((part) => [...part]))

/** An element as figure 1-3 of the format shows it: tag of 8 bytes, data filled up to a multiple of 8. */
function element(type: number, data: Uint8Array, { littleEndian }: Layout): Uint8Array {
  const filled = new Uint8Array(Math.ceil(data.length / 8) * 8)
  filled.set(data)
  return joined(numbers([type, data.length], 4, littleEndian), filled)
}

/** The small form of an element, for up to 4 bytes. */
function smallElement(type: number, data: Uint8Array, { littleEndian }: Layout): Uint8Array {
  const filled = new Uint8Array(4)
  filled.set(data)
  return joined(numbers([(data.length << 16) | type], 4, littleEndian), filled)
}

interface Variable {
  readonly name: string
  readonly arrayClass?: number
  readonly flags?: number
  readonly shape: readonly number[]
  readonly body: (layout: Layout) => Uint8Array
}

function matrix({ name, arrayClass = 6, flags = 0, shape, body }: Variable, layout: Layout): Uint8Array {
  const { littleEndian, compressed } = layout
  const text = new TextEncoder().encode(name)
  const content = joined(
    element(6, numbers([(flags << 8) | arrayClass, 0], 4, littleEndian), layout),
    element(5, numbers(shape, 4, littleEndian), layout),
    (text.length <= 4 ? smallElement : element)(1, text, layout),
    body(layout),
  )
  const whole = element(14, content, layout)
  if (!compressed) return whole
  const packed = deflateSync(whole)
  return joined(numbers([15, packed.length], 4, littleEndian), packed)
}

function mat(variables: readonly Variable[], layout: Layout): Uint8Array {
  const { littleEndian, version = 0x0100 } = layout
  const text = new TextEncoder().encode('MATLAB 5.0 MAT-file, laid out by hand'.padEnd(124))
  const order = numbers([version, 0x4d49], 2, littleEndian)
  return joined(text, order, ...variables.map((variable) => matrix(variable, layout)))
}

/** [[1, 2, 3], [4, 5, 6]]: MATLAB goes down the columns. */
const IMAGE: Variable = {
  name: 'img4D',
  shape: [2, 3],
  body: (layout) => element(9, numbers([1, 4, 2, 5, 3, 6], 8, layout.littleEndian), layout),
}
const OTHER: Variable = {
  ...IMAGE,
  name: 'age',
  shape: [1, 1],
  body: (layout) => smallElement(2, Uint8Array.of(9), layout),
}

describe.each<Layout>([
  { littleEndian: true, compressed: false },
  { littleEndian: true, compressed: true },
  { littleEndian: false, compressed: false },
  { littleEndian: false, compressed: true },
])('laid out by hand, %j', (layout) => {
  test('a matrix comes out row-major, found by its name', () => {
    expect(readMat(mat([OTHER, IMAGE], layout), 'img4D')).toEqual({
      shape: [2, 3],
      data: Float64Array.of(1, 2, 3, 4, 5, 6),
    })
  })
  test('doubles that MATLAB stored as 16-bit integers', () => {
    const stored = { ...IMAGE, body: () => element(4, numbers([1, 4, 2, 5, 3, 60000], 2, layout.littleEndian), layout) }
    expect([...readMat(mat([stored], layout), 'img4D').data]).toEqual([1, 2, 3, 4, 5, 60000])
  })
  test('a number in the small form', () => {
    expect(readMat(mat([OTHER], layout), 'age')).toEqual({ shape: [1, 1], data: Float64Array.of(9) })
  })
})

const LITTLE: Layout = { littleEndian: true }
test.each<[string, Uint8Array, string]>([
  ['another file', new Uint8Array(200), 'no MATLAB file of level 5'],
  ['a short file', new Uint8Array(20), 'no MATLAB file of level 5'],
  ['version 7.3', mat([], { littleEndian: true, version: 0x0200 }), 'HDF5'],
  ['a file without the variable', mat([OTHER], LITTLE), 'no variable img4D among its 1'],
  ['complex numbers', mat([{ ...IMAGE, flags: 0x08 }], LITTLE), 'complex'],
  ['text', mat([{ ...IMAGE, arrayClass: 4 }], LITTLE), 'class 4'],
  ['64-bit integers', mat([{ ...IMAGE, arrayClass: 14 }], LITTLE), 'class 14'],
  ['a shape that does not fit', mat([{ ...IMAGE, shape: [2, 4] }], LITTLE), '48 bytes of numbers for the shape 2x4'],
  ['a cut-off file', mat([IMAGE], LITTLE).subarray(0, 200), 'ends before its numbers'],
  ['a damaged stream', mat([IMAGE], { littleEndian: true, compressed: true }).fill(7, 150, 160), 'reason='],
])('%s is refused', (_, bytes, reason) => {
  expect(() => readMat(bytes, 'img4D', 'recording.mat')).toThrow(reason)
})

const SCRIPT = `
import sys, numpy as np, scipy.io
for name in ['u1', 'i1', 'u2', 'i2', 'u4', 'i4', 'f4', 'f8']:
    image = (np.arange(120) - (0 if name[0] == 'u' else 60)).astype(name).reshape(2, 3, 4, 5)
    for compressed in [False, True]:
        variables = {'text': 'cup A', 'record': {'a': 1.0}, 'cells': np.array([1, 'b'], dtype=object), 'img4D': image}
        scipy.io.savemat(f'{sys.argv[1]}/{name}-{compressed}.mat', variables, do_compression=compressed)
`
const hasScipy = spawnSync('python3', ['-c', 'import scipy.io']).status === 0

describe.skipIf(!hasScipy)('files that SciPy wrote (left out where there is no Python with SciPy)', () => {
  const folder = mkdtempSync(join(tmpdir(), 'zaoshai-mat-'))
  beforeAll(() => {
    expect(spawnSync('python3', ['-c', SCRIPT, folder]).stderr.toString()).toBe('')
  })
  afterAll(() => rmSync(folder, { recursive: true, force: true }))

  test.each(['u1', 'i1', 'u2', 'i2', 'u4', 'i4', 'f4', 'f8'])('%s of four dimensions, packed or not', (name) => {
    const expected = Array.from({ length: 120 }, (_, i) => i - (name.startsWith('u') ? 0 : 60))
    for (const packed of ['False', 'True']) {
      const { shape, data } = readMat(readFileSync(join(folder, `${name}-${packed}.mat`)), 'img4D')
      expect({ shape, data: [...data] }).toEqual({ shape: [2, 3, 4, 5], data: expected })
    }
  })
})
