import { ScreeningError } from '#core/errors.ts'

export type DType = 'float32' | 'float16' | 'int64' | 'bool'
export type Shape = readonly number[]

/** Row-major samples of a constant: one element per entry of the shape's product. */
export type TensorData = Float32Array | Float16Array | BigInt64Array | Uint8Array

/** A node attribute, tagged with the ONNX attribute type that it is written as. */
export type Attribute =
  | { readonly int: number }
  | { readonly float: number }
  | { readonly ints: readonly number[] }
  | { readonly string: string }

/** A tensor in a graph: its shape is known when it is made, its numbers when the graph runs. */
export interface Value {
  readonly graph: Graph
  /** Order of creation; a node's inputs always have lower numbers than its outputs. */
  readonly id: number
  readonly name: string
  readonly shape: Shape
  readonly dtype: DType
  /** The node that computes this value; absent for graph inputs and constants. */
  readonly producer?: Node
}

/**
 * From the gradients of a scalar with respect to a node's outputs (absent where an output does not reach it) to the
 * gradients with respect to its inputs (absent where an input is not differentiable).
 */
export type GradientRule = (outputGradients: readonly (Value | undefined)[]) => readonly (Value | undefined)[]

/** One ONNX operator application. */
export interface Node {
  readonly opType: string
  readonly inputs: readonly Value[]
  readonly outputs: readonly Value[]
  readonly attributes: Readonly<Record<string, Attribute>>
  readonly gradient: GradientRule | undefined
}

export interface NodeSpec {
  readonly opType: string
  readonly inputs: readonly Value[]
  readonly outputs: readonly { readonly shape: Shape; readonly dtype: DType }[]
  readonly attributes?: Readonly<Record<string, Attribute>>
  readonly gradient?: GradientRule
}

/** A computation being written down. Operators (`matmul(a, b)`, ...) append nodes to the graph of their arguments. */
export class Graph {
  readonly inputs = new Map<string, Value>()
  readonly constants = new Map<string, { readonly value: Value; readonly data: TensorData }>()
  private readonly scalars = new Map<number, Value>()
  private nextId = 0

  /** A tensor that is fed at every run. @throws GRAPH_NAME_TAKEN */
  input(name: string, shape: Shape, dtype: DType = 'float32'): Value {
    if (this.inputs.has(name) || this.constants.has(name)) throw new ScreeningError('GRAPH_NAME_TAKEN', { name })
    const value = this.value(name, shape, dtype)
    this.inputs.set(name, value)
    return value
  }

  /** A tensor whose numbers are part of the graph. @throws SHAPE_MISMATCH when data and shape differ in size. */
  constant(data: TensorData, shape: Shape, name = `constant_${this.nextId}`): Value {
    if (data.length !== sizeOf(shape)) throw new ScreeningError('SHAPE_MISMATCH', { name, shape, samples: data.length })
    if (this.inputs.has(name) || this.constants.has(name)) throw new ScreeningError('GRAPH_NAME_TAKEN', { name })
    const value = this.value(name, shape, dtypeOf(data))
    this.constants.set(name, { value, data })
    return value
  }

  /** A float32 constant of shape []; equal scalars are shared. */
  scalar(number: number): Value {
    const known = this.scalars.get(number)
    if (known) return known
    const value = this.constant(Float32Array.of(number), [])
    this.scalars.set(number, value)
    return value
  }

  /** An int64 constant vector, as ONNX wants shapes, axes and the like. */
  integers(numbers: readonly number[]): Value {
    return this.constant(BigInt64Array.from(numbers, BigInt), [numbers.length])
  }

  /** Appends a node and returns its outputs. Operators call this; models call operators. */
  node(spec: NodeSpec): readonly Value[] {
    const outputs: Value[] = []
    const node: Node = { attributes: {}, gradient: undefined, ...spec, outputs }
    for (const { shape, dtype } of spec.outputs) {
      outputs.push({ ...this.value(`v${this.nextId}`, shape, dtype), producer: node })
    }
    return outputs
  }

  private value(name: string, shape: Shape, dtype: DType): Value {
    return { graph: this, id: this.nextId++, name, shape, dtype }
  }
}

/** Appends a node with one output. */
export function operator(
  opType: string,
  inputs: readonly Value[],
  shape: Shape,
  options: {
    readonly attributes?: Readonly<Record<string, Attribute>>
    readonly dtype?: DType
    readonly gradient?: (gradient: Value, output: Value) => readonly (Value | undefined)[]
  } = {},
): Value {
  const { attributes = {}, dtype = inputs[0]?.dtype ?? 'float32', gradient } = options
  const rule: GradientRule | undefined = gradient && (([g]) => (g ? gradient(g, output) : []))
  const outputs = graphOf(inputs).node({
    opType,
    inputs,
    outputs: [{ shape, dtype }],
    attributes,
    ...(rule && { gradient: rule }),
  })
  const output = outputs[0]!
  return output
}

/** The nodes that the given values depend on, each after the nodes that it reads. */
export function ancestors(values: readonly Value[]): Node[] {
  const seen = new Set<Node>()
  const ordered: Node[] = []
  const pending: { node: Node; expanded: boolean }[] = []
  const push = (value: Value) => {
    if (value.producer && !seen.has(value.producer)) pending.push({ node: value.producer, expanded: false })
  }
  for (const value of values) {
    push(value)
    while (pending.length > 0) {
      const top = pending.at(-1)!
      if (top.expanded || seen.has(top.node)) {
        pending.pop()
        if (!seen.has(top.node)) ordered.push(top.node)
        seen.add(top.node)
      } else {
        top.expanded = true
        top.node.inputs.forEach(push)
      }
    }
  }
  return ordered
}

export function graphOf(values: readonly Value[]): Graph {
  const first = values[0]
  if (!first) throw new ScreeningError('INTERNAL', { reason: 'an operator without arguments has no graph' })
  if (values.some((value) => value.graph !== first.graph)) {
    throw new ScreeningError('INTERNAL', { reason: 'arguments of one operator come from two graphs' })
  }
  return first.graph
}

/** Number of elements of a tensor of this shape. */
export function sizeOf(shape: Shape): number {
  return shape.reduce((product, extent) => product * extent, 1)
}

function dtypeOf(data: TensorData): DType {
  if (data instanceof Float32Array) return 'float32'
  if (data instanceof BigInt64Array) return 'int64'
  if (data instanceof Uint8Array) return 'bool'
  return 'float16'
}
