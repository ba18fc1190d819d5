import type { Size } from '#core/image.ts'
import { type ComplexPlane, complexPlane, fourierTransform } from './fourier.ts'

/** Cycles per pixel at which a frequency weighs 0.6: beyond, the phase is noise's. */
const PASS_BAND = 0.1

/**
 * Shift of a plane against the reference in whole pixels, at most a quarter of the image: plane(x + shift) =
 * reference(x). The reference is given by its spectrum ({@link spectrumOf}). Source: Kuglin and Hines, Proc. IEEE Conf. Cybernetics and Society 1975; low frequencies weigh more.
 */
export function wholePixelShift(reference: ComplexPlane, plane: Float32Array, size: Size): { x: number; y: number } {
  const correlation = crossPower(reference, spectrumOf(plane, size))
  fourierTransform(correlation)
  const { width, height, re } = correlation
  const [reachX, reachY] = [Math.floor(size.width / 4), Math.floor(size.height / 4)]
  let best = { x: 0, y: 0, value: Number.NEGATIVE_INFINITY }
  for (let y = -reachY; y <= reachY; y++) {
    for (let x = -reachX; x <= reachX; x++) {
      const value = re[((y + height) % height) * width + ((x + width) % width)]!
      if (value > best.value) best = { x, y, value }
    }
  }
  return { x: best.x, y: best.y }
}

/** Of a plane of mean near 0, H×W; faded to 0 at the border by Hann's window, so that the border is no edge, and filled with 0 to powers of two. */
export function spectrumOf(plane: Float32Array, { width, height }: Size): ComplexPlane {
  const spectrum = complexPlane(powerOfTwo(width), powerOfTwo(height))
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      spectrum.re[y * spectrum.width + x] = plane[y * width + x]! * hann(x, width) * hann(y, height)
    }
  }
  fourierTransform(spectrum)
  return spectrum
}

function powerOfTwo(length: number): number {
  return 2 ** Math.ceil(Math.log2(length))
}

function hann(i: number, length: number): number {
  return Math.sin((Math.PI * (i + 0.5)) / length) ** 2
}

/** Of each frequency the difference in phase, weighted; its conjugate, so that a forward transform turns it back. */
function crossPower(a: ComplexPlane, b: ComplexPlane): ComplexPlane {
  const { width, height } = a
  const out = complexPlane(width, height)
  for (let v = 0, i = 0; v < height; v++) {
    for (let u = 0; u < width; u++, i++) {
      const re = b.re[i]! * a.re[i]! + b.im[i]! * a.im[i]!
      const im = b.im[i]! * a.re[i]! - b.re[i]! * a.im[i]!
      const magnitude = Math.hypot(re, im)
      if (magnitude === 0) continue
      const weight = passed(u, width) * passed(v, height)
      out.re[i] = (re * weight) / magnitude
      out.im[i] = (-im * weight) / magnitude
    }
  }
  return out
}

function passed(index: number, length: number): number {
  const frequency = (index <= length / 2 ? index : index - length) / length
  return Math.exp(-((frequency / PASS_BAND) ** 2) / 2)
}
