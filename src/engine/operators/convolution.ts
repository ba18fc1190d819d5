import { ScreeningError } from '#core/errors.ts'
import { operator, type Shape, type Value } from '../graph.ts'
import { reduceSum, sameShape, transpose } from './arithmetic.ts'
import { slice } from './shape.ts'

export interface ConvolutionOptions {
  readonly stride?: number
  /** Zeros on each border. */
  readonly padding?: number
  /** One number per output channel, shape [O]. */
  readonly bias?: Value
}

/**
 * 2-D convolution (cross-correlation, as in PyTorch).
 * @param x [N, C, H, W]
 * @param weight [O, C, kh, kw]
 * @returns [N, O, H', W'] with H' = floor((H + 2 padding - kh) / stride) + 1
 * @throws SHAPE_MISMATCH
 */
export function conv2d(x: Value, weight: Value, { stride = 1, padding = 0, bias }: ConvolutionOptions = {}): Value {
  return correlate(x, weight, { stride, padding, dilation: 1, ...(bias && { bias }) })
}

/**
 * 2-D transposed convolution, the adjoint of `conv2d`.
 * @param x [N, C, H, W]
 * @param weight [C, O, kh, kw]
 * @param outputPadding rows and columns, fewer than `stride`, added at the far border, to reach a size that it skips.
 * @returns [N, O, H', W'] with H' = (H - 1) stride - 2 padding + kh + outputPadding
 * @throws SHAPE_MISMATCH
 */
export function convTranspose2d(
  x: Value,
  weight: Value,
  {
    stride = 1,
    padding = 0,
    bias,
    outputPadding = [0, 0],
  }: ConvolutionOptions & { readonly outputPadding?: readonly [number, number] } = {},
): Value {
  const [n, c, h, w] = imageShape(x)
  const [cw, o, kh, kw] = imageShape(weight)
  const extent = (size: number, kernel: number, extra: number) => (size - 1) * stride - 2 * padding + kernel + extra
  const shape = [n, o, extent(h, kh, outputPadding[0]), extent(w, kw, outputPadding[1])]
  requireFit({ x, weight, bias, shape, fits: c === cw && outputPadding.every((extra) => extra < stride) })
  return operator('ConvTranspose', bias ? [x, weight, bias] : [x, weight], shape, {
    attributes: {
      strides: { ints: [stride, stride] },
      pads: { ints: [padding, padding, padding, padding] },
      output_padding: { ints: outputPadding },
      kernel_shape: { ints: [kh, kw] },
    },
    gradient: (g) => [
      conv2d(g, weight, { stride, padding }),
      kernelGradient(g, x, { stride, padding, kernel: [kh, kw] }),
      bias && reduceSum(g, [0, 2, 3]),
    ],
  })
}

function correlate(
  x: Value,
  weight: Value,
  { stride, padding, dilation, bias }: { stride: number; padding: number; dilation: number; bias?: Value },
): Value {
  const [n, c, h, w] = imageShape(x)
  const [o, cw, kh, kw] = imageShape(weight)
  const extent = (size: number, kernel: number) =>
    Math.floor((size + 2 * padding - dilation * (kernel - 1) - 1) / stride) + 1
  const rest = (size: number, kernel: number) => (size + 2 * padding - kernel) % stride
  const shape = [n, o, extent(h, kh), extent(w, kw)]
  requireFit({ x, weight, bias, shape, fits: c === cw })
  return operator('Conv', bias ? [x, weight, bias] : [x, weight], shape, {
    attributes: {
      strides: { ints: [stride, stride] },
      pads: { ints: [padding, padding, padding, padding] },
      dilations: { ints: [dilation, dilation] },
      kernel_shape: { ints: [kh, kw] },
    },
    gradient: (g) => {
      if (dilation !== 1) throw new ScreeningError('GRADIENT_UNDEFINED', { operator: 'Conv', dilation })
      return [
        convTranspose2d(g, weight, { stride, padding, outputPadding: [rest(h, kh), rest(w, kw)] }),
        kernelGradient(x, g, { stride, padding, kernel: [kh, kw] }),
        bias && reduceSum(g, [0, 2, 3]),
      ]
    },
  })
}

/**
 * The gradient of a convolution's kernel: the large image correlated with the small one, which acts as a kernel
 * dilated by the stride, with batch and channels changing places.
 * @param large [N, A, H, W]
 * @param small [N, B, h, w]
 * @returns [B, A, kh, kw]
 */
function kernelGradient(
  large: Value,
  small: Value,
  { stride, padding, kernel: [kh, kw] }: { stride: number; padding: number; kernel: readonly [number, number] },
): Value {
  const swap = (value: Value) => transpose(value, [1, 0, 2, 3])
  const full = correlate(swap(large), swap(small), { stride: 1, padding, dilation: stride })
  return swap(slice(slice(full, 2, 0, kh), 3, 0, kw))
}

/** @throws SHAPE_MISMATCH when the arguments of a convolution with this output do not go together. */
function requireFit(convolution: {
  readonly x: Value
  readonly weight: Value
  readonly bias: Value | undefined
  readonly shape: Shape
  readonly fits: boolean
}): void {
  const { x, weight, bias, shape, fits } = convolution
  if (fits && shape.every((extent) => extent > 0) && (!bias || sameShape(bias.shape, [shape[1]!]))) return
  const facts = { x: x.shape, weight: weight.shape, bias: bias?.shape ?? 'none', output: shape }
  throw new ScreeningError('SHAPE_MISMATCH', facts)
}

function imageShape(x: Value): [number, number, number, number] {
  if (x.shape.length !== 4) throw new ScreeningError('SHAPE_MISMATCH', { shape: x.shape, expected: '4 axes' })
  return [...x.shape] as [number, number, number, number]
}
