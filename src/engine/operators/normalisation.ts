import { ScreeningError } from '#core/errors.ts'
import type { Value } from '../graph.ts'
import { mul, reduceMean, reduceSum, sub, transpose } from './arithmetic.ts'

/**
 * Layer normalisation over the last axis (Ba et al. 2016).
 * @param x [..., C]
 * @param scale [C]
 * @param bias [C]
 */
export function layerNorm(x: Value, scale: Value, bias: Value, epsilon: number): Value {
  const lead = x.shape.slice(0, -1)
  const perRow = { shape: [...lead, 1], dtype: x.dtype }
  const [output, mean, inverseDeviation] = x.graph.node({
    opType: 'LayerNormalization',
    inputs: [x, scale, bias],
    outputs: [{ shape: x.shape, dtype: x.dtype }, perRow, perRow],
    attributes: { axis: { int: -1 }, epsilon: { float: epsilon } },
    gradient: ([g, ...statistics]) => {
      // Only a gradient of this gradient reaches the mean and the deviation.
      if (!g || statistics.some((gradient) => gradient)) {
        throw new ScreeningError('GRADIENT_UNDEFINED', { operator: 'LayerNormalization', order: 2 })
      }
      const normalised = mul(sub(x, mean!), inverseDeviation!)
      const scaled = mul(g, scale)
      const projection = mul(normalised, reduceMean(mul(scaled, normalised), [-1], true))
      const centred = sub(sub(scaled, reduceMean(scaled, [-1], true)), projection)
      const rows = lead.map((_, axis) => axis)
      return [mul(centred, inverseDeviation!), reduceSum(mul(g, normalised), rows), reduceSum(g, rows)]
    },
  })
  return output!
}

/** Layer normalisation over axis 1 of a channels-first image [N, C, H, W]; scale and bias [C]. */
export function layerNormChannelsFirst(x: Value, scale: Value, bias: Value, epsilon: number): Value {
  return transpose(layerNorm(transpose(x, [0, 2, 3, 1]), scale, bias, epsilon), [0, 3, 1, 2])
}
