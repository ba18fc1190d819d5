import proto, { type onnx } from 'onnx-proto'
import { ScreeningError } from '#core/errors.ts'
import { type Attribute, ancestors, type DType, graphOf, type Shape, type TensorData, type Value } from './graph.ts'

// A CommonJS package: its namespace comes with the default import, its types with a named one.
const { ModelProto, TensorProto, AttributeProto } = proto.onnx

/** ONNX operator set that the graphs are written in. */
const OPSET = 20

/**
 * Writes the part of a graph that the named outputs depend on as an ONNX model.
 * @param outputs what a run returns, by name.
 * @returns the bytes of a ModelProto.
 * @throws GRAPH_NAME_TAKEN when two tensors of the model, an output and an input for instance, have one name.
 */
export function toOnnx(outputs: Readonly<Record<string, Value>>): Uint8Array {
  const values = Object.values(outputs)
  const nodes = ancestors(values)
  const graph = graphOf(values)
  const used = new Set<Value>([...values, ...nodes.flatMap((node) => [...node.inputs, ...node.outputs])])
  requireDistinct([...Object.keys(outputs), ...Array.from(used, ({ name }) => name)])
  const model = ModelProto.create({
    irVersion: 9,
    producerName: 'zaoshai',
    opsetImport: [{ domain: '', version: OPSET }],
    graph: {
      name: 'graph',
      node: [
        ...nodes.map((node) => ({
          opType: node.opType,
          input: node.inputs.map((input) => input.name),
          output: node.outputs.map((output) => output.name),
          attribute: Object.entries(node.attributes).map(([name, attribute]) => attributeProto(name, attribute)),
        })),
        ...Object.entries(outputs).map(([name, value]) => ({
          opType: 'Identity',
          input: [value.name],
          output: [name],
        })),
      ],
      input: [...graph.inputs.values()].filter((value) => used.has(value)).map((value) => valueInfo(value.name, value)),
      output: Object.entries(outputs).map(([name, value]) => valueInfo(name, value)),
      initializer: [...graph.constants.values()]
        .filter(({ value }) => used.has(value))
        .map(({ value, data }) => tensorProto(value, data)),
    },
  })
  return ModelProto.encode(model).finish()
}

function requireDistinct(names: readonly string[]): void {
  const seen = new Set<string>()
  for (const name of names) {
    if (seen.has(name)) throw new ScreeningError('GRAPH_NAME_TAKEN', { name })
    seen.add(name)
  }
}

const TYPE = {
  float32: TensorProto.DataType.FLOAT,
  float16: TensorProto.DataType.FLOAT16,
  int64: TensorProto.DataType.INT64,
  bool: TensorProto.DataType.BOOL,
} as const satisfies Record<DType, number>

function attributeProto(name: string, attribute: Attribute): onnx.IAttributeProto {
  const { AttributeType } = AttributeProto
  if ('int' in attribute) return { name, type: AttributeType.INT, i: attribute.int }
  if ('float' in attribute) return { name, type: AttributeType.FLOAT, f: attribute.float }
  if ('ints' in attribute) return { name, type: AttributeType.INTS, ints: [...attribute.ints] }
  return { name, type: AttributeType.STRING, s: new TextEncoder().encode(attribute.string) }
}

function valueInfo(name: string, value: { readonly shape: Shape; readonly dtype: DType }): onnx.IValueInfoProto {
  const dim = value.shape.map((extent) => ({ dimValue: extent }))
  return { name, type: { tensorType: { elemType: TYPE[value.dtype], shape: { dim } } } }
}

function tensorProto(value: Value, data: TensorData): onnx.ITensorProto {
  const rawData = new Uint8Array(data.buffer, data.byteOffset, data.byteLength)
  return { name: value.name, dims: [...value.shape], dataType: TYPE[value.dtype], rawData }
}
