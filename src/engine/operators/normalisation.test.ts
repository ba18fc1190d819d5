import fc from 'fast-check'
import { extents, proveOperators, type Sample, shapes } from '../operator-proof.ts'
import * as normalisation from './normalisation.ts'

/** Large against the variance that one channel has (none), so that no slope is far steeper than the others. */
const EPSILON = 0.01

proveOperators(normalisation, {
  layerNorm: shapes(1).map(
    (shape): Sample => ({
      inputs: { x: { shape }, scale: { shape: [shape.at(-1)!] }, bias: { shape: [shape.at(-1)!] } },
      build: ({ x, scale, bias }) => normalisation.layerNorm(x!, scale!, bias!, EPSILON),
    }),
  ),
  layerNormChannelsFirst: fc.tuple(extents(1, 2), extents(1, 4), extents(1, 3), extents(1, 3)).map(
    ([n, c, h, w]): Sample => ({
      inputs: { x: { shape: [n, c, h, w] }, scale: { shape: [c] }, bias: { shape: [c] } },
      build: ({ x, scale, bias }) => normalisation.layerNormChannelsFirst(x!, scale!, bias!, EPSILON),
    }),
  ),
})
