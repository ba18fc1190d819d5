import { GreyImage } from '#core/image.ts'
import type { Mask } from '#core/mask.ts'
import { seededRandom } from '#core/random.ts'
import type { PixelSides } from '#core/units.ts'
import { drawn } from './test-region.ts'

/** A mass in speckle as a test wants it; lengths in the unit of the sides, greys 0..1. */
export interface Scene {
  readonly semiMajor: number
  readonly semiMinor: number
  readonly side: PixelSides
  /** Standard deviation of the Gaussian that the edge is blurred by; 0 leaves it sharp. */
  readonly blur: number
  /** Of the speckle, grains of three by three pixels. */
  readonly speckle: number
  readonly inside: number
  readonly outside: number
  /** Of a band as wide as the mass below it; as the tissue outside where it is left out. */
  readonly below?: number
  readonly seed: number
}

export const SCENE: Scene = {
  ...{ semiMajor: 30, semiMinor: 30, side: { x: 1, y: 1 }, blur: 0, speckle: 0.06, inside: 0.2, outside: 0.5, seed: 1 },
}

/** The mass, level and in the middle, and its picture, twice as far in every direction. */
export function sceneOf(scene: Scene): { readonly image: GreyImage; readonly region: Mask } {
  const { semiMajor, semiMinor, side, blur, inside, outside, below = outside } = scene
  const region = drawn((x, y) => (x / semiMajor) ** 2 + (y / semiMinor) ** 2 <= 1, 2.5 * semiMajor, side)
  const { width, height } = region
  const noise = grains(width, height, scene)
  const data = Float32Array.from({ length: width * height }, (_, i) => {
    const x = ((i % width) - (width - 1) / 2) * side.x
    const y = (Math.floor(i / width) - (height - 1) / 2) * side.y
    // distance to the edge along the way from the middle
    const radius = Math.hypot(x / semiMajor, y / semiMinor)
    const away = (radius - 1) * Math.sqrt(semiMajor * semiMinor)
    const share = blur === 0 ? (radius <= 1 ? 0 : 1) : 0.5 * (1 + errorFunction(away / (blur * Math.SQRT2)))
    const around = Math.abs(x) <= semiMajor && y > semiMinor ? below : outside
    return inside + share * (around - inside) + noise[i]!
  })
  return { image: GreyImage.from(data, region), region }
}

/** Normal noise, each pixel the mean of nine, brought back to the deviation asked for. */
function grains(width: number, height: number, { speckle, seed }: Scene): Float64Array {
  const random = seededRandom(seed)
  const raw = Float64Array.from({ length: (width + 2) * (height + 2) }, () => random.normal())
  return Float64Array.from({ length: width * height }, (_, i) => {
    let sum = 0
    for (let dy = 0; dy < 3; dy++) {
      for (let dx = 0; dx < 3; dx++) sum += raw[(Math.floor(i / width) + dy) * (width + 2) + (i % width) + dx]!
    }
    return (speckle * sum) / 3
  })
}

/** Abramowitz and Stegun 7.1.26, within 1.5e-7. */
function errorFunction(x: number): number {
  const t = 1 / (1 + 0.3275911 * Math.abs(x))
  const poly = t * (0.254829592 + t * (-0.284496736 + t * (1.421413741 + t * (-1.453152027 + t * 1.061405429))))
  return Math.sign(x) * (1 - poly * Math.exp(-x * x))
}
