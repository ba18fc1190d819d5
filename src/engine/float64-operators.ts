/**
 * The operators of the float64 reference, each from the ONNX specification (opset 20), the slowest obvious way.
 */
import { ScreeningError } from '#core/errors.ts'
import { broadcast, fill, type Index, indices, offsetOf, read, readBroadcast, type Tensor64 } from './float64-tensor.ts'
import type { Node } from './graph.ts'

/** @throws INTERNAL for an operator without a reference. */
export function interpret(node: Node, inputs: readonly Tensor64[]): readonly Tensor64[] {
  const implementation = OPERATORS[node.opType]
  if (!implementation) throw new ScreeningError('INTERNAL', { reason: 'no reference', operator: node.opType })
  return implementation(inputs, new Attributes(node))
}

/** A node's attributes, with the defaults of the ONNX specification given where they are read. */
class Attributes {
  private readonly node: Node

  constructor(node: Node) {
    this.node = node
  }

  get outputCount(): number {
    return this.node.outputs.length
  }

  number(name: string, absent: number): number {
    const attribute = this.node.attributes[name]
    if (!attribute) return absent
    if ('int' in attribute) return attribute.int
    if ('float' in attribute) return attribute.float
    throw this.wrongType(name)
  }

  numbers(name: string, absent: readonly number[]): readonly number[] {
    const attribute = this.node.attributes[name]
    if (!attribute) return absent
    if ('ints' in attribute) return attribute.ints
    throw this.wrongType(name)
  }

  text(name: string, absent: string): string {
    const attribute = this.node.attributes[name]
    if (!attribute) return absent
    if ('string' in attribute) return attribute.string
    throw this.wrongType(name)
  }

  private wrongType(attribute: string): ScreeningError {
    return new ScreeningError('INTERNAL', { operator: this.node.opType, attribute })
  }
}

type Implementation = (inputs: readonly Tensor64[], attributes: Attributes) => readonly Tensor64[]

const OPERATORS: Readonly<Record<string, Implementation>> = {
  Add: elementwise((a, b) => a + b),
  Sub: elementwise((a, b) => a - b),
  Mul: elementwise((a, b) => a * b),
  Div: elementwise((a, b) => a / b),
  Equal: elementwise((a, b) => (a === b ? 1 : 0)),
  Greater: elementwise((a, b) => (a > b ? 1 : 0)),
  Neg: elementwise((x) => -x),
  Identity: elementwise((x) => x),
  Exp: elementwise(Math.exp),
  Log: elementwise(Math.log),
  Sqrt: elementwise(Math.sqrt),
  Sin: elementwise(Math.sin),
  Cos: elementwise(Math.cos),
  Erf: elementwise(erf),
  Relu: elementwise((x) => Math.max(x, 0)),
  Sigmoid: elementwise((x) => 1 / (1 + Math.exp(-x))),
  Softplus: elementwise((x) => Math.log1p(Math.exp(x))),
  Gelu: elementwise((x) => (x * (1 + erf(x / Math.SQRT2))) / 2),
  Cast: ([x], attributes) => [cast(x!, attributes.number('to', 0))],
  ReduceSum: reduction((numbers) => numbers.reduce((sum, number) => sum + number, 0)),
  ReduceMean: reduction((numbers) => numbers.reduce((sum, number) => sum + number, 0) / numbers.length),
  ReduceMax: reduction((numbers) => Math.max(...numbers)),
  Reshape: ([x, shape]) => [{ shape: [...shape!.data], data: x!.data }],
  Expand: ([x, shape]) => {
    const target = broadcast([x!.shape, [...shape!.data]])
    return [fill(target, (index) => readBroadcast(x!, index))]
  },
  Transpose: ([x], attributes) => [transpose(x!, attributes.numbers('perm', x!.shape.map((_, i) => i).reverse()))],
  Slice: ([x, starts, ends, axes, steps]) => [slice(x!, starts!, ends!, axes!, steps!)],
  Pad: ([x, pads]) => [pad(x!, pads!.data)],
  Concat: (inputs, attributes) => [concat(inputs, attributes.number('axis', 0))],
  Split: ([x, extents], attributes) => split(x!, extents!.data, attributes.number('axis', 0)),
  Gather: ([x, indices], attributes) => [gather(x!, indices!, attributes.number('axis', 0))],
  MatMul: ([a, b]) => [matmul(a!, b!)],
  Gemm: (inputs, attributes) => [gemm(inputs, attributes)],
  Softmax: ([x], attributes) => [softmax(x!, attributes.number('axis', -1))],
  LayerNormalization: (inputs, attributes) => layerNormalization(inputs, attributes),
  Conv: (inputs, attributes) => [conv(inputs, attributes)],
  ConvTranspose: (inputs, attributes) => [convTranspose(inputs, attributes)],
  Resize: (inputs, attributes) => [resize(inputs, attributes)],
}

function positive(axis: number, rank: number): number {
  return axis < 0 ? axis + rank : axis
}

function sum(count: number, term: (i: number) => number): number {
  let total = 0
  for (let i = 0; i < count; i++) total += term(i)
  return total
}

function elementwise(f: (...numbers: number[]) => number): Implementation {
  return (inputs) => {
    const shape = broadcast(inputs.map((input) => input.shape))
    return [fill(shape, (index) => f(...inputs.map((input) => readBroadcast(input, index))))]
  }
}

/** The error function by its series without cancellation, 2/sqrt(pi) e^(-x^2) sum 2^n x^(2n+1) / (2n+1)!! */
function erf(x: number): number {
  if (Math.abs(x) > 6) return Math.sign(x)
  let term = x
  let total = x
  for (let n = 1; n < 200; n++) {
    term *= (2 * x * x) / (2 * n + 1)
    total += term
  }
  return (2 / Math.sqrt(Math.PI)) * Math.exp(-x * x) * total
}

function cast(x: Tensor64, onnxType: number): Tensor64 {
  const [float, int64, bool, float16] = [1, 7, 9, 10]
  return fill(x.shape, (index) => {
    const number = read(x, index)
    if (onnxType === float || onnxType === float16) return number
    if (onnxType === int64) return Math.trunc(number)
    if (onnxType === bool) return number === 0 ? 0 : 1
    throw new ScreeningError('INTERNAL', { reason: 'cast to an unknown type', onnxType })
  })
}

/** Without axes, ONNX reduces over all of them. */
function reduction(reduce: (numbers: readonly number[]) => number): Implementation {
  return ([x, axes], attributes) => {
    const { shape } = x!
    const given = [...(axes?.data ?? [])].map((axis) => positive(axis, shape.length))
    const reduced = given.length > 0 ? given : [...shape.keys()]
    const kept = fill(
      shape.map((extent, axis) => (reduced.includes(axis) ? 1 : extent)),
      (index) => {
        const group = indices(shape).filter((other) =>
          other.every((i, axis) => reduced.includes(axis) || i === index[axis]),
        )
        return reduce(group.map((other) => read(x!, other)))
      },
    )
    if (attributes.number('keepdims', 1) === 1) return [kept]
    return [{ ...kept, shape: shape.filter((_, axis) => !reduced.includes(axis)) }]
  }
}

function transpose(x: Tensor64, perm: readonly number[]): Tensor64 {
  return fill(
    perm.map((axis) => x.shape[axis]!),
    (index) =>
      read(
        x,
        [...perm.keys()].map((axis) => index[perm.indexOf(axis)]!),
      ),
  )
}

function slice(x: Tensor64, starts: Tensor64, ends: Tensor64, axes: Tensor64, steps: Tensor64): Tensor64 {
  const cuts = x.shape.map((extent, axis) => {
    const given = [...axes.data].findIndex((a) => positive(a, x.shape.length) === axis)
    if (given < 0) return { start: 0, end: extent, step: 1 }
    return { start: starts.data[given]!, end: Math.min(ends.data[given]!, extent), step: steps.data[given]! }
  })
  return fill(
    cuts.map(({ start, end, step }) => Math.ceil((end - start) / step)),
    (index) =>
      read(
        x,
        index.map((i, axis) => cuts[axis]!.start + i * cuts[axis]!.step),
      ),
  )
}

function pad(x: Tensor64, pads: Float64Array): Tensor64 {
  const rank = x.shape.length
  const shape = x.shape.map((extent, axis) => pads[axis]! + extent + pads[rank + axis]!)
  return fill(shape, (index) => {
    const source = index.map((i, axis) => i - pads[axis]!)
    return source.every((i, axis) => i >= 0 && i < x.shape[axis]!) ? read(x, source) : 0
  })
}

function concat(inputs: readonly Tensor64[], axisAttribute: number): Tensor64 {
  const first = inputs[0]!.shape
  const axis = positive(axisAttribute, first.length)
  const total = inputs.reduce((extent, { shape }) => extent + shape[axis]!, 0)
  return fill(first.with(axis, total), (index) => {
    let i = index[axis]!
    for (const input of inputs) {
      if (i < input.shape[axis]!) return read(input, index.with(axis, i))
      i -= input.shape[axis]!
    }
    throw new ScreeningError('INTERNAL', { reason: 'index past the last piece', index })
  })
}

function split(x: Tensor64, extents: Float64Array, axisAttribute: number): Tensor64[] {
  const axis = positive(axisAttribute, x.shape.length)
  let start = 0
  return [...extents].map((extent) => {
    const from = start
    start += extent
    return fill(x.shape.with(axis, extent), (index) => read(x, index.with(axis, from + index[axis]!)))
  })
}

function gather(x: Tensor64, picked: Tensor64, axisAttribute: number): Tensor64 {
  const axis = positive(axisAttribute, x.shape.length)
  const rank = picked.shape.length
  return fill([...x.shape.slice(0, axis), ...picked.shape, ...x.shape.slice(axis + 1)], (index) => {
    const row = read(picked, index.slice(axis, axis + rank))
    return read(x, [...index.slice(0, axis), positive(row, x.shape[axis]!), ...index.slice(axis + rank)])
  })
}

function matmul(a: Tensor64, b: Tensor64): Tensor64 {
  const [m, depth, n] = [a.shape.at(-2)!, a.shape.at(-1)!, b.shape.at(-1)!]
  const lead = broadcast([a.shape.slice(0, -2), b.shape.slice(0, -2)])
  return fill([...lead, m, n], (index) => {
    const [row, column] = [index.at(-2)!, index.at(-1)!]
    return sum(depth, (k) => {
      return readMatrix(a, index.slice(0, -2), row, k) * readMatrix(b, index.slice(0, -2), k, column)
    })
  })
}

function readMatrix(x: Tensor64, lead: Index, row: number, column: number): number {
  const own = lead.slice(lead.length - (x.shape.length - 2)).map((i, axis) => (x.shape[axis] === 1 ? 0 : i))
  return read(x, [...own, row, column])
}

function gemm([a, b, bias]: readonly Tensor64[], attributes: Attributes): Tensor64 {
  const left = attributes.number('transA', 0) ? transpose(a!, [1, 0]) : a!
  const right = attributes.number('transB', 0) ? transpose(b!, [1, 0]) : b!
  const product = matmul(left, right)
  const [alpha, beta] = [attributes.number('alpha', 1), attributes.number('beta', 1)]
  return fill(product.shape, (index) => {
    return alpha * read(product, index) + (bias ? beta * readBroadcast(bias, index) : 0)
  })
}

function softmax(x: Tensor64, axisAttribute: number): Tensor64 {
  const axis = positive(axisAttribute, x.shape.length)
  return fill(x.shape, (index) => {
    return Math.exp(read(x, index)) / sum(x.shape[axis]!, (i) => Math.exp(read(x, index.with(axis, i))))
  })
}

/** Over the last axis; the optional outputs are the mean and 1 / sqrt(variance + epsilon). */
function layerNormalization([x, scale, bias]: readonly Tensor64[], attributes: Attributes): Tensor64[] {
  const { shape } = x!
  if (positive(attributes.number('axis', -1), shape.length) !== shape.length - 1) {
    throw new ScreeningError('INTERNAL', { reason: 'the reference normalises the last axis only' })
  }
  const channels = shape.at(-1)!
  const lead = [...shape.slice(0, -1), 1]
  const epsilon = attributes.number('epsilon', 1e-5)
  const mean = fill(lead, (row) => sum(channels, (c) => read(x!, row.with(-1, c))) / channels)
  const inverse = fill(lead, (row) => {
    const variance = sum(channels, (c) => (read(x!, row.with(-1, c)) - read(mean, row)) ** 2) / channels
    return 1 / Math.sqrt(variance + epsilon)
  })
  const output = fill(shape, (index) => {
    const [row, channel] = [index.with(-1, 0), [index.at(-1)!]]
    return (read(x!, index) - read(mean, row)) * read(inverse, row) * read(scale!, channel) + read(bias!, channel)
  })
  return [output, mean, inverse].slice(0, attributes.outputCount)
}

function conv([x, weight, bias]: readonly Tensor64[], attributes: Attributes): Tensor64 {
  const [n, channels, h, w] = x!.shape as [number, number, number, number]
  const [o, , kh, kw] = weight!.shape as [number, number, number, number]
  const [sy, sx] = attributes.numbers('strides', [1, 1]) as [number, number]
  const [dy, dx] = attributes.numbers('dilations', [1, 1]) as [number, number]
  const [top, left, bottom, right] = attributes.numbers('pads', [0, 0, 0, 0]) as [number, number, number, number]
  const rows = Math.floor((h + top + bottom - dy * (kh - 1) - 1) / sy) + 1
  const columns = Math.floor((w + left + right - dx * (kw - 1) - 1) / sx) + 1
  return fill([n, o, rows, columns], ([image, output, row, column]) => {
    const start = bias ? read(bias, [output!]) : 0
    return indices([channels, kh, kw]).reduce((total, [c, i, j]) => {
      const [y, xAt] = [row! * sy + i! * dy - top, column! * sx + j! * dx - left]
      if (y < 0 || y >= h || xAt < 0 || xAt >= w) return total
      return total + read(x!, [image!, c!, y, xAt]) * read(weight!, [output!, c!, i!, j!])
    }, start)
  })
}

/** Every input sample adds the kernel, times itself, to the output at stride times its place. */
function convTranspose([x, weight, bias]: readonly Tensor64[], attributes: Attributes): Tensor64 {
  const [n, channels, h, w] = x!.shape as [number, number, number, number]
  const [, o, kh, kw] = weight!.shape as [number, number, number, number]
  const [sy, sx] = attributes.numbers('strides', [1, 1]) as [number, number]
  const [top, left, bottom, right] = attributes.numbers('pads', [0, 0, 0, 0]) as [number, number, number, number]
  const [extraRows, extraColumns] = attributes.numbers('output_padding', [0, 0]) as [number, number]
  const shape = [n, o, sy * (h - 1) + extraRows + kh - top - bottom, sx * (w - 1) + extraColumns + kw - left - right]
  const { data } = fill(shape, ([, output]) => (bias ? read(bias, [output!]) : 0))
  for (const [image, c, row, column, output, i, j] of indices([n, channels, h, w, o, kh, kw])) {
    const [y, xAt] = [row! * sy + i! - top, column! * sx + j! - left]
    if (y < 0 || y >= shape[2]! || xAt < 0 || xAt >= shape[3]!) continue
    const product = read(x!, [image!, c!, row!, column!]) * read(weight!, [c!, output!, i!, j!])
    const offset = offsetOf(shape, [image!, output!, y, xAt])
    data[offset] = data[offset]! + product
  }
  return { shape, data }
}

/** Linear mode, half-pixel centres, no antialiasing; samples outside take the nearest edge. */
function resize([x, , , sizes]: readonly Tensor64[], attributes: Attributes): Tensor64 {
  const asked = [attributes.text('mode', 'nearest'), attributes.text('coordinate_transformation_mode', 'half_pixel')]
  if (String(asked) !== 'linear,half_pixel') throw new ScreeningError('INTERNAL', { reason: 'unknown resize', asked })
  const { shape } = x!
  const neighbours = (axis: number, i: number) => {
    const at = ((i + 0.5) * shape[axis]!) / sizes!.data[axis]! - 0.5
    const low = Math.floor(at)
    const clamp = (place: number) => Math.min(Math.max(place, 0), shape[axis]! - 1)
    return [
      { place: clamp(low), share: low + 1 - at },
      { place: clamp(low + 1), share: at - low },
    ]
  }
  return fill([...sizes!.data], (index) => {
    const [image, channel, row, column] = index as [number, number, number, number]
    let total = 0
    for (const y of neighbours(2, row)) {
      for (const xAt of neighbours(3, column)) {
        total += y.share * xAt.share * read(x!, [image, channel, y.place, xAt.place])
      }
    }
    return total
  })
}
