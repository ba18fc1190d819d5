/** Real and imaginary parts of H×W complex numbers, row by row. */
export interface ComplexPlane {
  readonly width: number
  readonly height: number
  readonly re: Float64Array
  readonly im: Float64Array
}

export function complexPlane(width: number, height: number): ComplexPlane {
  return { width, height, re: new Float64Array(width * height), im: new Float64Array(width * height) }
}

/**
 * Discrete Fourier transform of a plane in place, rows and then columns: sum of f exp(-2πi(ux/W + vy/H)), unscaled.
 * Both sides must be powers of two. Source: Cooley and Tukey, Math. Comput. 19, 1965 (radix 2, in place).
 */
export function fourierTransform({ width, height, re, im }: ComplexPlane): void {
  for (let y = 0; y < height; y++) transformLine(re, im, y * width, 1, width)
  for (let x = 0; x < width; x++) transformLine(re, im, x, width, height)
}

function transformLine(re: Float64Array, im: Float64Array, start: number, stride: number, n: number): void {
  reverseBits(re, im, start, stride, n)
  for (let half = 1; half < n; half *= 2) {
    for (let k = 0; k < half; k++) {
      const [cos, sin] = [Math.cos((-Math.PI * k) / half), Math.sin((-Math.PI * k) / half)]
      for (let i = k; i < n; i += 2 * half) {
        const [a, b] = [start + i * stride, start + (i + half) * stride]
        const oddRe = re[b]! * cos - im[b]! * sin
        const oddIm = re[b]! * sin + im[b]! * cos
        re[b] = re[a]! - oddRe
        im[b] = im[a]! - oddIm
        re[a]! += oddRe
        im[a]! += oddIm
      }
    }
  }
}

function reverseBits(re: Float64Array, im: Float64Array, start: number, stride: number, n: number): void {
  for (let i = 1, j = 0; i < n; i++) {
    let bit = n >> 1
    for (; (j & bit) !== 0; bit >>= 1) j ^= bit
    j ^= bit
    if (i >= j) continue
    const [a, b] = [start + i * stride, start + j * stride]
    const [heldRe, heldIm] = [re[a]!, im[a]!]
    re[a] = re[b]!
    im[a] = im[b]!
    re[b] = heldRe
    im[b] = heldIm
  }
}
