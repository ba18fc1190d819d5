import sharp from 'sharp'
import type { RasterImage } from '#core/image.ts'
import { type Random, seededRandom } from '#core/random.ts'
import { boxMean } from '#imaging/box-mean.ts'
import { decodeImage } from '#imaging/decode.ts'

/** Pictures of nothing that any examination would show. All synthetic. */
export interface Synthetic {
  readonly kind: string
  readonly make: (random: Random) => Promise<RasterImage>
}

export const SYNTHETIC: readonly Synthetic[] = [
  { kind: 'one level', make: async (r) => constant(r) },
  {
    kind: 'one level with sensor noise',
    make: async (r) => {
      const at = r.between(0, 1)
      return drawn(r, () => at + 0.003 * r.normal())
    },
  },
  { kind: 'gradient', make: async (r) => gradient(r) },
  { kind: 'black with text', make: (r) => blackWithText(r) },
  {
    kind: 'white noise',
    make: async (r) => {
      const s = r.between(0.05, 0.3)
      return drawn(r, () => 0.5 + s * r.normal())
    },
  },
  { kind: 'blurred noise', make: async (r) => filtered(r, r.integer(12) + 2, 0) },
  {
    kind: 'salt and pepper',
    make: async (r) => {
      const p = r.between(0.02, 0.5)
      return drawn(r, () => (r.uniform() < p ? r.integer(2) : 0.5))
    },
  },
  { kind: 'speckle, grains round', make: async (r) => speckle(r, 1 + r.integer(2), 0) },
  {
    kind: 'speckle, grains drawn out sideways',
    make: async (r) => speckle(r, 1, 1 + r.integer(2)),
  },
  { kind: 'checkerboard', make: async (r) => checkerboard(r) },
  { kind: 'page of text', make: (r) => page(r) },
  { kind: 'screen of a program', make: (r) => screen(r) },
]

/** Uniform speckle with attenuation and round cysts, as a test object shows: simulated. Not counted among the wrong ones. */
export function phantom(random: Random): RasterImage {
  const { width, height } = sizeOf(random)
  const image = speckle(random, 1, 1, { width, height })
  const cysts = Array.from({ length: 6 }, () => ({
    x: random.between(0.1, 0.9) * width,
    y: random.between(0.1, 0.9) * height,
    r: random.between(0.03, 0.09) * width,
  }))
  return {
    ...image,
    data: image.data.map((v, i) => {
      const [x, y] = [i % width, Math.floor(i / width)]
      const inside = cysts.some((c) => Math.hypot(x - c.x, y - c.y) < c.r)
      return Math.round(v * (inside ? 0.1 : 1) * (1 - (0.5 * y) / height))
    }),
  }
}

export function synthetic({ kind, make }: Synthetic, number: number, part: string): Promise<RasterImage> {
  return make(seededRandom(3, kind, part, number))
}

function sizeOf(random: Random) {
  return { width: 260 + random.integer(600), height: 240 + random.integer(500) }
}

function drawn(random: Random, level: (x: number, y: number) => number, size = sizeOf(random)): RasterImage {
  const data = new Uint8Array(size.width * size.height)
  for (let i = 0; i < data.length; i++) {
    const value = Math.round(255 * level(i % size.width, Math.floor(i / size.width)))
    data[i] = Math.max(0, Math.min(255, value))
  }
  return { ...size, channels: 1, bitDepth: 8, data }
}

function constant(random: Random): RasterImage {
  const level = random.uniform()
  return drawn(random, () => level)
}

function gradient(random: Random): RasterImage {
  const size = sizeOf(random)
  const [dx, dy, from] = [random.normal(), random.normal(), random.between(0, 0.5)]
  const radial = random.uniform() < 0.3
  return drawn(
    random,
    (x, y) => {
      const [u, v] = [x / size.width - 0.5, y / size.height - 0.5]
      return from + (radial ? 1 - Math.hypot(u, v) : 0.5 + 0.4 * (dx * u + dy * v))
    },
    size,
  )
}

function normalPlane(random: Random, size: { width: number; height: number }): Float32Array {
  return Float32Array.from({ length: size.width * size.height }, () => random.normal())
}

/** Means of (2 radius + 1)² pixels, and then of `more` pixels sideways. */
function smoothed(plane: Float32Array, size: { width: number; height: number }, radius: number, more: number) {
  const once = radius > 0 ? boxMean(plane, size, radius) : plane
  if (more === 0) return once
  return once.map((_, i) => {
    let sum = 0
    for (let d = -2 * more; d <= 2 * more; d++) sum += once[Math.min(Math.max(i + d, 0), once.length - 1)]!
    return sum / (4 * more + 1)
  })
}

function spreadOf(plane: Float32Array): number {
  return Math.sqrt(plane.reduce((sum, v) => sum + v * v, 0) / plane.length)
}

function filtered(random: Random, radius: number, more: number): RasterImage {
  const size = sizeOf(random)
  const plane = smoothed(normalPlane(random, size), size, radius, more)
  const scale = random.between(0.1, 0.25) / spreadOf(plane)
  return drawn(random, (x, y) => 0.5 + scale * plane[y * size.width + x]!, size)
}

/** Rayleigh amplitudes of a smoothed complex field, log-compressed to 50 dB. */
function speckle(random: Random, radius: number, more: number, size = sizeOf(random)): RasterImage {
  const [re, im] = [
    smoothed(normalPlane(random, size), size, radius, more),
    smoothed(normalPlane(random, size), size, radius, more),
  ]
  const scale = 1 / spreadOf(re)
  return drawn(
    random,
    (x, y) => {
      const i = y * size.width + x
      return 0.7 + (20 * Math.log10(scale * Math.hypot(re[i]!, im[i]!) + 1e-3)) / 50
    },
    size,
  )
}

function checkerboard(random: Random): RasterImage {
  const side = 4 + random.integer(60)
  const [low, high] = [random.between(0, 0.4), random.between(0.6, 1)]
  return drawn(random, (x, y) => ((Math.floor(x / side) + Math.floor(y / side)) % 2 === 0 ? low : high))
}

const SYLLABLES = ['la', 'ko', 'mi', 'sur', 'ten', 'a', 'pro', 'ne', 'vi', 'dor', 'est', 'qui', 'um', 'ba', 'lo']

function words(random: Random, count: number): string {
  const word = () =>
    Array.from({ length: 1 + random.integer(4) }, () => SYLLABLES[random.integer(SYLLABLES.length)]).join('')
  return Array.from({ length: count }, word).join(' ')
}

async function rendered(svg: string): Promise<RasterImage> {
  return decodeImage(await sharp(Buffer.from(svg)).flatten({ background: 'black' }).png().toBuffer(), 'drawn')
}

function blackWithText(random: Random): Promise<RasterImage> {
  const { width, height } = sizeOf(random)
  const lines = Array.from({ length: 1 + random.integer(5) }, () =>
    text(
      random.between(0, 0.6) * width,
      random.between(0.1, 1) * height,
      10 + random.integer(16),
      'white',
      words(random, 3),
    ),
  )
  return rendered(svg(width, height, 'black', lines.join('')))
}

function page(random: Random): Promise<RasterImage> {
  const { width, height } = sizeOf(random)
  const size = 9 + random.integer(14)
  const lines: string[] = []
  for (let y = 2 * size; y < height; y += size * 1.4)
    lines.push(text(0.05 * width, y, size, '#222', words(random, Math.ceil(width / size / 3))))
  return rendered(svg(width, height, random.uniform() < 0.8 ? 'white' : '#f4ecd8', lines.join('')))
}

function screen(random: Random): Promise<RasterImage> {
  const { width, height } = sizeOf(random)
  const tone = () => `hsl(${random.integer(360)} ${random.integer(60)}% ${20 + random.integer(70)}%)`
  const boxes = Array.from({ length: 5 + random.integer(14) }, () => {
    const [x, y] = [random.uniform() * width, random.uniform() * height]
    const box = `<rect x="${x}" y="${y}" width="${random.between(20, width / 2)}" height="${random.between(10, height / 3)}" rx="4" fill="${tone()}"/>`
    return box + text(x + 6, y + 18, 13, tone(), words(random, 3))
  })
  return rendered(svg(width, height, tone(), boxes.join('')))
}

function svg(width: number, height: number, background: string, content: string): string {
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}"><rect width="100%" height="100%" fill="${background}"/>${content}</svg>`
}

function text(x: number, y: number, size: number, fill: string, content: string): string {
  return `<text x="${x}" y="${y}" font-size="${size}" font-family="sans-serif" fill="${fill}">${content}</text>`
}
