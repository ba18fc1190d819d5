import sharp, { type Sharp } from 'sharp'
import type { RasterImage } from '#core/image.ts'
import { type Random, seededRandom } from '#core/random.ts'
import { decodeImage } from '#imaging/decode.ts'

/** The same picture as another machine, setting or export would have given it; it stays what it is. */
export interface Variant {
  readonly name: string
  readonly make: (raster: RasterImage) => Promise<RasterImage>
}

/** Those that a valid picture must survive. */
export const VARIANTS: readonly Variant[] = [
  { name: 'as it is', make: async (raster) => raster },
  level('gain 0.8', (v) => 0.8 * v),
  level('gain 1.25', (v) => 1.25 * v),
  level('gamma 0.7', (v) => v ** 0.7),
  level('gamma 1.4', (v) => v ** 1.4),
  { name: 'JPEG of quality 30', make: (raster) => recoded(pipeline(raster).jpeg({ quality: 30 })) },
  scaled('half the size', 0.5, 0.5),
  scaled('1.5 times the size', 1.5, 1.5),
  { name: '16 bits', make: async (raster) => sixteenBits(raster) },
  { name: 'colour with coloured calipers', make: async (raster) => withCalipers(raster) },
]

/** Other devices, on which a detector of one device's pictures would trip: used in fitting, counted beside the others. */
export const DEVICES: readonly Variant[] = [
  { name: 'sepia', make: async (raster) => tinted(raster, [1, 0.9, 0.74]) },
  { name: 'blue', make: async (raster) => tinted(raster, [0.8, 0.9, 1]) },
  scaled('squashed sideways by 0.75', 0.75, 1),
  scaled('squashed downwards by 0.75', 1, 0.75),
  { name: 'middle 70%', make: async (raster) => cropped(raster, 0.15, 0.7) },
  { name: '128 pixels', make: async (raster) => recoded(pipeline(raster).resize(128, 128, { fit: 'fill' })) },
  { name: 'grey bars above and below', make: async (raster) => letterboxed(raster, 110) },
  { name: 'a sector', make: async (raster) => sector(raster) },
]

/** So poor that they are to be taken again; still what they are. */
export const POOR: readonly Variant[] = [
  { name: 'blurred by 2 pixels', make: (raster) => recoded(pipeline(raster).blur(2)) },
  level('gain 0.3', (v) => 0.3 * v),
  level('gain 2.5', (v) => 2.5 * v),
  level('contrast 0.3', (v) => 0.35 + 0.3 * (v - 0.35)),
]

/** Told, not promised. */
export const TURNED: readonly Variant[] = [
  { name: 'mirrored', make: (raster) => recoded(pipeline(raster).flop()) },
  { name: 'upside down', make: (raster) => recoded(pipeline(raster).flip()) },
  { name: 'turned by 90 degrees', make: (raster) => recoded(pipeline(raster).rotate(90)) },
]

export const GREY: Variant = { name: 'in grey', make: (raster) => recoded(pipeline(raster).toColourspace('b-w')) }

function pipeline({ width, height, channels, data }: RasterImage): Sharp {
  return sharp(data, { raw: { width, height, channels } })
    .toColourspace(channels === 1 ? 'b-w' : 'srgb')
    .png()
}

/** Written as PNG, unless the pipeline says otherwise, and read again. */
async function recoded(image: Sharp): Promise<RasterImage> {
  return decodeImage(await image.toBuffer(), 'variant')
}

function level(name: string, change: (level: number) => number): Variant {
  return {
    name,
    make: async (raster) => {
      const most = 2 ** raster.bitDepth - 1
      return { ...raster, data: raster.data.map((v) => Math.min(most, Math.round(most * change(v / most)))) }
    },
  }
}

function scaled(name: string, x: number, y: number): Variant {
  return {
    name,
    make: (raster) =>
      recoded(pipeline(raster).resize(Math.round(x * raster.width), Math.round(y * raster.height), { fit: 'fill' })),
  }
}

function sixteenBits(raster: RasterImage): RasterImage {
  return { ...raster, bitDepth: 16, data: Uint16Array.from(raster.data, (v) => 257 * v) }
}

function inColour({ data, channels }: RasterImage): Uint8Array {
  return channels === 3
    ? Uint8Array.from(data)
    : Uint8Array.from({ length: 3 * data.length }, (_, i) => data[Math.floor(i / 3)]!)
}

function tinted(raster: RasterImage, tint: readonly number[]): RasterImage {
  return { ...raster, channels: 3, data: inColour(raster).map((v, i) => Math.round(v * tint[i % 3]!)) }
}

/** Two crosses and the dotted line between them, in yellow and green. */
function withCalipers(raster: RasterImage): RasterImage {
  const { width, height } = raster
  const data = inColour(raster)
  const paint = (x: number, y: number, colour: readonly number[]) => {
    for (const [c, v] of colour.entries()) data[3 * (Math.round(y) * width + Math.round(x)) + c] = v
  }
  const arm = Math.max(2, Math.round(0.01 * width))
  for (let t = 0; t <= 1; t += 0.01) paint((0.35 + 0.3 * t) * width, (0.4 + 0.1 * t) * height, [255, 230, 0])
  for (const [x, y] of [
    [0.35, 0.4],
    [0.65, 0.5],
  ] as const) {
    for (let d = -arm; d <= arm; d++) {
      for (const w of [0, 1]) {
        paint(x * width + d, y * height + w, [0, 255, 60])
        paint(x * width + w, y * height + d, [0, 255, 60])
      }
    }
  }
  return { ...raster, channels: 3, data }
}

function cropped(raster: RasterImage, from: number, share: number): Promise<RasterImage> {
  const { width, height } = raster
  const [left, top] = [Math.round(from * width), Math.round(from * height)]
  return recoded(
    pipeline(raster).extract({ left, top, width: Math.round(share * width), height: Math.round(share * height) }),
  )
}

function letterboxed(raster: RasterImage, grey: number): Promise<RasterImage> {
  const bar = Math.round(0.2 * raster.height)
  return recoded(pipeline(raster).extend({ top: bar, bottom: bar, background: { r: grey, g: grey, b: grey } }))
}

/** The rectangle of a linear probe bent into a sector of 50 degrees on black, as a virtual convex mode shows it. */
function sector({ width, height, channels, bitDepth, data }: RasterImage): RasterImage {
  const half = (25 * Math.PI) / 180
  const apex = width / 2 / Math.sin(half)
  const inner = apex * 0.6
  const outer = inner + height
  const out = new Uint8Array(
    Math.round(2 * outer * Math.sin(half)) * Math.round(outer - inner * Math.cos(half)) * channels,
  )
  const size = { width: Math.round(2 * outer * Math.sin(half)), height: Math.round(outer - inner * Math.cos(half)) }
  for (let y = 0; y < size.height; y++) {
    for (let x = 0; x < size.width; x++) {
      const [dx, dy] = [x - size.width / 2, y + inner * Math.cos(half)]
      const along = Math.hypot(dx, dy) - inner
      const across = ((Math.atan2(dx, dy) + half) / (2 * half)) * width
      const [u, v] = [Math.floor(across), Math.floor(along)]
      if (u < 0 || v < 0 || u >= width || v >= height) continue
      for (let c = 0; c < channels; c++)
        out[(y * size.width + x) * channels + c] = data[(v * width + u) * channels + c]!
    }
  }
  return { ...size, channels, bitDepth, data: out }
}

/** Several different ones, the same for the same picture; also such as make a picture poor. */
export function someVariants(id: string, count: number): Variant[] {
  const random: Random = seededRandom(11, 'variant', id)
  const all = [...VARIANTS.slice(1), ...DEVICES, ...POOR]
  const chosen = new Set<Variant>()
  while (chosen.size < count) chosen.add(all[random.integer(all.length)]!)
  return [...chosen]
}

/** A random one of the variants, the same for the same picture. */
export function someVariant(id: string, draw: number): Variant {
  const random: Random = seededRandom(1, 'variant', id, draw)
  const all = [...VARIANTS.slice(1), ...DEVICES]
  return all[random.integer(all.length)]!
}
