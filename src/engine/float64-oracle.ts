/**
 * The float64 reference that the engine's tests compare ONNX Runtime with. It interprets a graph node by node, each
 * operator written from the ONNX specification (opset 20) in the slowest obvious way, index by index, and shares
 * nothing with the operators' own code. Tests only: a model would take days.
 */
import { ScreeningError } from '#core/errors.ts'
import { interpret } from './float64-operators.ts'
import type { Tensor64 } from './float64-tensor.ts'
import { ancestors, sizeOf, type Value } from './graph.ts'

export type Numbers = readonly number[] | Float64Array

/**
 * @param outputs the values to compute, by name.
 * @param feeds the graph's inputs that they depend on, by name, row-major.
 * @returns the outputs' elements, row-major.
 */
export function evaluate64(
  outputs: Readonly<Record<string, Value>>,
  feeds: Readonly<Record<string, Numbers>>,
): Record<string, Float64Array> {
  const known = new Map<Value, Tensor64>()
  const read = (value: Value): Tensor64 => {
    const tensor = known.get(value) ?? leaf(value, feeds)
    known.set(value, tensor)
    return tensor
  }
  for (const node of ancestors(Object.values(outputs))) {
    const results = interpret(node, node.inputs.map(read))
    node.outputs.forEach((output, i) => {
      const result = results[i]
      if (String(result?.shape) !== String(output.shape)) {
        throw new ScreeningError('SHAPE_MISMATCH', {
          operator: node.opType,
          declared: output.shape,
          computed: result?.shape ?? 'none',
        })
      }
      known.set(output, result!)
    })
  }
  return Object.fromEntries(Object.entries(outputs).map(([name, value]) => [name, read(value).data]))
}

/**
 * The gradient of a scalar by central differences, (f(x + h) - f(x - h)) / 2h, for every element of one input. With
 * h = 1e-5 both its errors, h^2 f'''/6 and 1e-16 f/h, are near 1e-10: far below float32's.
 */
export function centralDifferences(
  scalar: Value,
  feeds: Readonly<Record<string, Numbers>>,
  input: string,
  step = 1e-5,
): Float64Array {
  const numbers = Float64Array.from(feeds[input]!)
  const at = (element: number, number: number) => {
    const { scalar: result } = evaluate64({ scalar }, { ...feeds, [input]: numbers.with(element, number) })
    return result![0]!
  }
  return numbers.map((number, i) => (at(i, number + step) - at(i, number - step)) / (2 * step))
}

function leaf(value: Value, feeds: Readonly<Record<string, Numbers>>): Tensor64 {
  const constant = value.graph.constants.get(value.name)
  const numbers = constant ? Array.from(constant.data, Number) : feeds[value.name]
  if (numbers?.length !== sizeOf(value.shape)) {
    throw new ScreeningError('SHAPE_MISMATCH', {
      input: value.name,
      shape: value.shape,
      samples: numbers?.length ?? 'none',
    })
  }
  return { shape: value.shape, data: Float64Array.from(numbers) }
}
