import { ScreeningError } from '#core/errors.ts'
import { ancestors, type Value } from './graph.ts'
import { add } from './operators/arithmetic.ts'

/**
 * Reverse-mode differentiation: appends to the graph the gradient of `loss` with respect to each of `wrt`.
 * @param loss a scalar (shape []).
 * @param wrt values that the loss depends on; each gradient has the shape of its value.
 * @throws GRADIENT_UNDEFINED when the loss does not depend on a value, or passes an operator without a gradient.
 */
export function gradients(loss: Value, wrt: readonly Value[]): Value[] {
  if (loss.shape.length !== 0) throw new ScreeningError('SHAPE_MISMATCH', { loss: loss.shape, expected: 'scalar' })
  const nodes = ancestors([loss])
  const active = new Set<Value>(wrt)
  for (const node of nodes) {
    if (node.inputs.some((input) => active.has(input))) for (const output of node.outputs) active.add(output)
  }

  const gradientOf = new Map<Value, Value>([[loss, loss.graph.scalar(1)]])
  for (const node of nodes.toReversed()) {
    const outputGradients = node.outputs.map((output) => gradientOf.get(output))
    if (outputGradients.every((gradient) => gradient === undefined)) continue
    if (!node.inputs.some((input) => active.has(input))) continue
    if (!node.gradient) throw new ScreeningError('GRADIENT_UNDEFINED', { operator: node.opType })
    const inputGradients = node.gradient(outputGradients)
    node.inputs.forEach((input, i) => {
      const gradient = inputGradients[i]
      if (!gradient || !active.has(input)) return
      const sum = gradientOf.get(input)
      gradientOf.set(input, sum ? add(sum, gradient) : gradient)
    })
  }

  return wrt.map((value) => {
    const gradient = gradientOf.get(value)
    if (!gradient) throw new ScreeningError('GRADIENT_UNDEFINED', { value: value.name })
    return gradient
  })
}
