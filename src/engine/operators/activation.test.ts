import type fc from 'fast-check'
import type { Value } from '../graph.ts'
import { proveOperators, type Sample, shapes } from '../operator-proof.ts'
import * as activation from './activation.ts'

function unary(operator: (x: Value) => Value, domain: 'any' | 'offZero' = 'any', lowRank = 0): fc.Arbitrary<Sample> {
  return shapes(lowRank).map((shape) => ({ inputs: { x: { shape, domain } }, build: ({ x }) => operator(x!) }))
}

proveOperators(activation, {
  relu: unary(activation.relu, 'offZero'),
  sigmoid: unary(activation.sigmoid),
  softplus: unary(activation.softplus),
  gelu: unary(activation.gelu),
  erf: unary(activation.erf),
  softmax: unary(activation.softmax, 'any', 1),
})
