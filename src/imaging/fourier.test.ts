import { expect, test } from 'vitest'
import { seededRandom } from '#core/random.ts'
import { complexPlane, fourierTransform } from './fourier.ts'

test('the transform is the sum that defines it', () => {
  const [width, height] = [8, 4]
  const random = seededRandom(1)
  const plane = complexPlane(width, height)
  for (let i = 0; i < width * height; i++) [plane.re[i], plane.im[i]] = [random.normal(), random.normal()]
  const [re, im] = [plane.re.slice(), plane.im.slice()]
  fourierTransform(plane)
  for (let v = 0; v < height; v++) {
    for (let u = 0; u < width; u++) {
      let [sumRe, sumIm] = [0, 0]
      for (let y = 0, i = 0; y < height; y++) {
        for (let x = 0; x < width; x++, i++) {
          const phase = -2 * Math.PI * ((u * x) / width + (v * y) / height)
          sumRe += re[i]! * Math.cos(phase) - im[i]! * Math.sin(phase)
          sumIm += re[i]! * Math.sin(phase) + im[i]! * Math.cos(phase)
        }
      }
      expect(plane.re[v * width + u]).toBeCloseTo(sumRe, 12)
      expect(plane.im[v * width + u]).toBeCloseTo(sumIm, 12)
    }
  }
})
