import { operator, type Value } from '../graph.ts'
import { add, cast, exp, mul, neg, reduceSum, square, sub } from './arithmetic.ts'

export function relu(x: Value): Value {
  return operator('Relu', [x], x.shape, { gradient: (g, y) => [mul(g, positive(y))] })
}

export function sigmoid(x: Value): Value {
  return operator('Sigmoid', [x], x.shape, { gradient: (g, y) => [mul(g, mul(y, sub(1, y)))] })
}

/** log(1 + e^x), the stable form of a logistic loss. */
export function softplus(x: Value): Value {
  return operator('Softplus', [x], x.shape, { gradient: (g) => [mul(g, sigmoid(x))] })
}

/** The exact GELU, x times the standard normal's distribution function (Hendrycks and Gimpel 2016). */
export function gelu(x: Value): Value {
  return operator('Gelu', [x], x.shape, {
    gradient: (g) => {
      const cdf = mul(add(erf(mul(x, Math.SQRT1_2)), 1), 0.5)
      const density = mul(exp(mul(square(x), -0.5)), 1 / Math.sqrt(2 * Math.PI))
      return [mul(g, add(cdf, mul(x, density)))]
    },
  })
}

export function erf(x: Value): Value {
  return operator('Erf', [x], x.shape, {
    gradient: (g) => [mul(g, mul(exp(neg(square(x))), 2 / Math.sqrt(Math.PI)))],
  })
}

/** Softmax over the last axis. */
export function softmax(x: Value): Value {
  return operator('Softmax', [x], x.shape, {
    attributes: { axis: { int: -1 } },
    gradient: (g, y) => {
      const weighted = mul(g, y)
      return [sub(weighted, mul(y, reduceSum(weighted, [-1], true)))]
    },
  })
}

/** 1 where x > 0, else 0, as float32. */
function positive(x: Value): Value {
  return cast(operator('Greater', [x, x.graph.scalar(0)], x.shape, { dtype: 'bool' }), 'float32')
}
