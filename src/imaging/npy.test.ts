import { spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { readNpy } from './npy.ts'

/** A file laid out as NEP 1 says. */
function npy(header: string, numbers: Uint8Array | number[], version = 1): Uint8Array {
  const text = new TextEncoder().encode(header)
  const length = version === 1 ? [text.length & 255, text.length >> 8] : [text.length & 255, text.length >> 8, 0, 0]
  return Uint8Array.from([0x93, ...new TextEncoder().encode('NUMPY'), version, 0, ...length, ...text, ...numbers])
}
const header = (descr: string, shape: string, fortran = 'False') =>
  `{'descr': '${descr}', 'fortran_order': ${fortran}, 'shape': ${shape}, }\n`

describe('files laid out by hand', () => {
  test.each([1, 2, 3])('version %i, little-endian 16-bit', (version) => {
    const { shape, data } = readNpy(npy(header('<u2', '(3,)'), [1, 0, 0, 1, 255, 255], version))
    expect(shape).toEqual([3])
    expect([...data]).toEqual([1, 256, 65535])
  })
  test('big-endian float32', () => {
    expect([...readNpy(npy(header('>f4', '(2,)'), [0x3f, 0x80, 0, 0, 0xc0, 0, 0, 0])).data]).toEqual([1, -2])
  })
  test('Fortran order becomes row-major', () => {
    const { shape, data } = readNpy(npy(header('|u1', '(2, 3)', 'True'), [1, 4, 2, 5, 3, 6]))
    expect(shape).toEqual([2, 3])
    expect([...data]).toEqual([1, 2, 3, 4, 5, 6])
  })
  test('a single number has an empty shape', () => {
    expect(readNpy(npy(header('|i1', '()'), [255]))).toEqual({ shape: [], data: Float64Array.of(-1) })
  })
  test('an array that starts at an odd byte of its buffer', () => {
    const bytes = npy(header('<f8', '(1,)'), [0, 0, 0, 0, 0, 0, 0xf8, 0x3f])
    const shifted = new Uint8Array(bytes.length + 1)
    shifted.set(bytes, 1)
    expect([...readNpy(shifted.subarray(1)).data]).toEqual([1.5])
  })

  test.each<[string, Uint8Array, string]>([
    ['another file', new TextEncoder().encode('not an array at all'), 'no .npy file'],
    ['an empty file', new Uint8Array(), 'no .npy file'],
    ['a cut-off header', npy(header('<u2', '(3,)'), []).subarray(0, 40), 'ends within its header'],
    ['too few numbers', npy(header('<u2', '(3,)'), [1, 0]), 'declares 6 bytes'],
    ['too many numbers', npy(header('<u2', '(1,)'), [1, 0, 0, 0]), 'declares 2 bytes'],
    ['a shape beyond any file', npy(header('<f8', '(4000000, 4000000)'), [0]), 'the file has 1'],
    ['a version to come', npy(header('<u2', '(0,)'), [], 4), 'version 4'],
    ['text', npy(header('<U3', '(1,)'), [0]), 'type <U3'],
    ['Python objects', npy(header('|O', '(1,)'), [0]), 'type |O'],
    ['64-bit integers', npy(header('<i8', '(1,)'), [0, 0, 0, 0, 0, 0, 0, 0]), 'type <i8'],
    ['records', npy("{'descr': [('a', '<u2')], 'fortran_order': False, 'shape': (1,), }", [0, 0]), 'several fields'],
  ])('%s is refused', (_, bytes, reason) => {
    expect(() => readNpy(bytes, 'recording.npy')).toThrow(reason)
  })
})

const SCRIPT = `
import sys, numpy as np
from numpy.lib import format
for order in 'CF':
    for endian in '<>':
        for name in ['u1', 'i1', 'u2', 'i2', 'u4', 'i4', 'f4', 'f8']:
            values = (np.arange(24) * 5 - (0 if name[0] == 'u' else 60)).astype(endian + name).reshape(2, 3, 4)
            for version in [(1, 0), (2, 0), (3, 0)]:
                with open(f'{sys.argv[1]}/{order}-{ord(endian)}-{name}-{version[0]}.npy', 'wb') as file:
                    format.write_array(file, np.asarray(values, order=order), version=version)
`
const hasNumpy = spawnSync('python3', ['-c', 'import numpy']).status === 0

describe.skipIf(!hasNumpy)('files that NumPy wrote (left out where there is no Python with NumPy)', () => {
  const folder = mkdtempSync(join(tmpdir(), 'zaoshai-npy-'))
  beforeAll(() => {
    expect(spawnSync('python3', ['-c', SCRIPT, folder]).stderr.toString()).toBe('')
  })
  afterAll(() => rmSync(folder, { recursive: true, force: true }))

  test.each(['u1', 'i1', 'u2', 'i2', 'u4', 'i4', 'f4', 'f8'])(
    '%s, both orders, both byte orders, all versions',
    (name) => {
      const expected = Array.from({ length: 24 }, (_, i) => i * 5 - (name.startsWith('u') ? 0 : 60))
      for (const order of ['C', 'F']) {
        for (const endian of ['<', '>']) {
          for (const version of [1, 2, 3]) {
            const file = `${order}-${endian.charCodeAt(0)}-${name}-${version}.npy`
            const { shape, data } = readNpy(readFileSync(join(folder, file)))
            expect({ shape, data: [...data] }, file).toEqual({ shape: [2, 3, 4], data: expected })
          }
        }
      }
    },
  )
})
