import { ScreeningError } from '#core/errors.ts'
import type { Graph, Value } from '#engine/graph.ts'
import type { Weights } from './weights.ts'

/** Gives a model's layers their parameters as graph values, by name. */
export type ParameterSource = (name: string) => Value

/**
 * Parameters for a graph: those that train become graph inputs of the same name, all others are constants.
 * @throws WEIGHTS_INCOMPLETE when a layer asks for a tensor that the weights lack.
 */
export function parameterSource(
  graph: Graph,
  weights: Weights,
  trains: (name: string) => boolean = () => false,
): ParameterSource {
  const known = new Map<string, Value>()
  return (name) => {
    const value = known.get(name)
    if (value) return value
    const tensor = weights.get(name)
    if (!tensor) throw new ScreeningError('WEIGHTS_INCOMPLETE', { tensor: name })
    const created = trains(name) ? graph.input(name, tensor.shape) : graph.constant(tensor.data, tensor.shape, name)
    known.set(name, created)
    return created
  }
}

/** The parameters whose names begin with `prefix.`, named without it. */
export function scoped(parameters: ParameterSource, prefix: string): ParameterSource {
  return (name) => parameters(`${prefix}.${name}`)
}
