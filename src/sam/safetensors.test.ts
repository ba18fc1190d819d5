import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { ScreeningError } from '#core/errors.ts'
import { type NamedTensor, readSafetensors, writeSafetensors } from './safetensors.ts'

const tensor = (shape: number[], values: number[]): NamedTensor => ({ shape, data: Float32Array.from(values) })

/** A file with the given header and data, as any other program might write it. */
function file(header: unknown, data = new Uint8Array(0)): Uint8Array {
  const json = new TextEncoder().encode(typeof header === 'string' ? header : JSON.stringify(header))
  const bytes = new Uint8Array(8 + json.length + data.length)
  new DataView(bytes.buffer).setBigUint64(0, BigInt(json.length), true)
  bytes.set(json, 8)
  bytes.set(data, 8 + json.length)
  return bytes
}

const tensors = fc
  .uniqueArray(fc.tuple(fc.string({ minLength: 1 }), fc.array(fc.float({ noNaN: true }))), {
    selector: ([name]) => name,
  })
  .map((list) => list.filter(([name]) => name !== '__metadata__').map(([n, d]) => [n, tensor([d.length], d)] as const))

describe('a written file', () => {
  test('reads back as the same tensors, shapes and metadata', () => {
    fc.assert(
      fc.property(tensors, fc.dictionary(fc.string(), fc.string()), (list, metadata) => {
        const read = readSafetensors(writeSafetensors(new Map(list), metadata))
        expect(new Map([...read.tensors])).toEqual(new Map(list))
        expect(Object.entries(read.metadata).sort()).toEqual(Object.entries(metadata).sort())
      }),
      { examples: [[[], { ['__proto__']: 'a key like any other' }]] },
    )
  })

  test('has the same bytes whatever the order of its tensors', () => {
    const a = ['a', tensor([2], [1, 2])] as const
    const b = ['b', tensor([1, 1], [3])] as const
    expect(writeSafetensors(new Map([b, a]), { y: '1', x: '2' })).toEqual(
      writeSafetensors(new Map([a, b]), { x: '2', y: '1' }),
    )
  })

  test('is, byte for byte, what the format describes', () => {
    const header = '{"x":{"dtype":"F32","shape":[1,2],"data_offsets":[0,8]}}'
    const expected = file(header.padEnd(56), Uint8Array.of(0, 0, 128, 63, 0, 0, 0, 192))
    expect(writeSafetensors(new Map([['x', tensor([1, 2], [1, -2])]]))).toEqual(expected)
  })

  test('is read without copying its numbers', () => {
    const bytes = writeSafetensors(new Map([['x', tensor([3], [1, 2, 3])]]))
    expect(readSafetensors(bytes).tensors.get('x')?.data.buffer).toBe(bytes.buffer)
  })

  test('is read from the middle of a larger buffer, even at an odd offset', () => {
    const bytes = writeSafetensors(new Map([['x', tensor([3], [1, 2, 3])]]))
    const larger = new Uint8Array(bytes.length + 3)
    larger.set(bytes, 3)
    expect(readSafetensors(larger.subarray(3)).tensors.get('x')).toEqual(tensor([3], [1, 2, 3]))
  })

  test('refuses a tensor whose data and shape differ', () => {
    expect(() => writeSafetensors(new Map([['x', tensor([2], [1])]]))).toThrow(/SHAPE_MISMATCH/)
  })
})

describe('half precision', () => {
  const halve = (values: number[]): number[] => {
    const bytes = writeSafetensors(new Map([['x', tensor([values.length], values)]]), {}, { dtype: 'F16' })
    return [...(readSafetensors(bytes).tensors.get('x')?.data ?? [])]
  }

  test('rounds to the nearest, ties to even', () => {
    const step = 2 ** -10
    expect(halve([1 + step / 2, 1 + (3 * step) / 2, 1 + step * 0.51, 1 - step / 4])).toEqual([
      1,
      1 + 2 * step,
      1 + step,
      1,
    ])
  })

  test('keeps subnormal numbers, signed zero, infinities and not-a-number', () => {
    const smallest = 2 ** -24
    const kept = [smallest, -3 * smallest, 0, -0, Infinity, -Infinity, NaN, 65504]
    expect(halve(kept)).toEqual(kept)
    expect(halve([smallest / 2, smallest * 0.51])).toEqual([0, smallest])
  })

  test('never errs by more than half a unit in the last place', () => {
    fc.assert(
      fc.property(fc.float({ min: -65504, max: 65504, noNaN: true }), (value) => {
        const exponent = Math.max(Math.floor(Math.log2(Math.abs(value) || 1)), -14)
        expect(Math.abs((halve([value])[0] ?? NaN) - value)).toBeLessThanOrEqual(2 ** (exponent - 11))
      }),
    )
  })

  test('refuses a finite number that it cannot hold', () => {
    expect(() => halve([65520])).toThrow(/WEIGHTS_OVERFLOW/)
  })
})

describe('a damaged file is refused, naming the file', () => {
  const x = { dtype: 'F32', shape: [1], data_offsets: [0, 4] }
  const four = new Uint8Array(4)
  const whole = writeSafetensors(new Map([['x', tensor([4], [1, 2, 3, 4])]]))
  const damaged: Record<string, Uint8Array> = {
    empty: new Uint8Array(0),
    'cut off in its length': whole.subarray(0, 5),
    'cut off in its header': whole.subarray(0, 30),
    'cut off in its data': whole.subarray(0, whole.length - 1),
    'followed by something': file({ x }, new Uint8Array(5)),
    'a header length beyond any file': new Uint8Array(16).fill(255),
    'a header that is not JSON': file('{"x":'),
    'a header that is a list': file('[]'),
    'a header that is not UTF-8': file('{}').fill(255, 8),
    'metadata that is not text': file({ __metadata__: { a: 1 } }),
    'metadata that is a list': file({ __metadata__: [] }),
    'an entry that is null': file({ x: null }),
    'an unknown type': file({ x: { ...x, dtype: 'BF16' } }, four),
    'a negative size': file({ x: { ...x, shape: [-1, -1] } }, four),
    'a fractional size': file({ x: { ...x, shape: [0.5, 2] } }, four),
    'a shape that is not its bytes': file({ x: { ...x, shape: [2] } }, four),
    'offsets that are not a pair': file({ x: { ...x, data_offsets: [0, 4, 4] } }, four),
    'tensors that overlap': file({ x, y: x }, four),
    'a hole between tensors': file({ x, y: { ...x, data_offsets: [8, 12] } }, new Uint8Array(12)),
  }
  test.each(Object.keys(damaged))('%s', (name) => {
    const read = () => readSafetensors(damaged[name] as Uint8Array, 'model.safetensors')
    expect(read).toThrow(ScreeningError)
    expect(read).toThrow(/WEIGHTS_CORRUPT.*file=model\.safetensors/)
  })

  test('any other byte string is read or refused, never anything else', () => {
    fc.assert(
      fc.property(fc.uint8Array(), fc.json(), (data, json) => {
        try {
          readSafetensors(file(json, data))
        } catch (error) {
          expect(error).toBeInstanceOf(ScreeningError)
        }
      }),
    )
  })
})
