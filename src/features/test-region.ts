import fc from 'fast-check'
import { Mask } from '#core/mask.ts'
import type { PixelSides } from '#core/units.ts'

/** Pixels whose centre lies inside; x and y from the middle of the image, in the unit of the sides, y down. */
export function drawn(inside: (x: number, y: number) => boolean, reach: number, side: PixelSides): Mask {
  const [width, height] = [Math.ceil((2 * reach) / side.x) + 9, Math.ceil((2 * reach) / side.y) + 9]
  const data = new Uint8Array(width * height)
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      data[y * width + x] = inside((x - (width - 1) / 2) * side.x, (y - (height - 1) / 2) * side.y) ? 1 : 0
    }
  }
  return Mask.from(data, { width, height })
}

export function ellipse(semiMajor: number, semiMinor: number, degrees: number, side: PixelSides): Mask {
  const [cos, sin] = [Math.cos((degrees * Math.PI) / 180), Math.sin((degrees * Math.PI) / 180)]
  const inside = (x: number, y: number) =>
    ((x * cos - y * sin) / semiMajor) ** 2 + ((x * sin + y * cos) / semiMinor) ** 2 <= 1
  return drawn(inside, semiMajor, side)
}

/** A circle whose radius swings `lobes` times around it by `amplitude` of itself. */
export function rosette(radius: number, lobes: number, amplitude: number, side: PixelSides): Mask {
  const inside = (x: number, y: number) =>
    Math.hypot(x, y) <= radius * (1 + amplitude * Math.cos(lobes * Math.atan2(y, x) + 0.3))
  return drawn(inside, radius * (1 + amplitude), side)
}

export function mirrored({ data, width, height }: Mask): Mask {
  const at = (i: number) => data[Math.floor(i / width) * width + width - 1 - (i % width)]!
  return Mask.from(
    data.map((_, i) => at(i)),
    { width, height },
  )
}

export function turned({ data, width, height }: Mask): Mask {
  const at = (i: number) => data[(height - 1 - (i % height)) * width + Math.floor(i / height)]!
  return Mask.from(
    data.map((_, i) => at(i)),
    { width: height, height: width },
  )
}

/** One of four kinds of region of some 10 to 40 pixels across: ellipse, rosette, kidney, two discs grown together. */
export const someRegion: fc.Arbitrary<Mask> = fc
  .record({
    kind: fc.constantFrom('ellipse', 'rosette', 'kidney', 'peanut'),
    radius: fc.double({ min: 6, max: 20, noNaN: true }),
    share: fc.double({ min: 0.4, max: 0.9, noNaN: true }),
    degrees: fc.integer({ min: 0, max: 179 }),
    lobes: fc.integer({ min: 3, max: 7 }),
  })
  .map(({ kind, radius, share, degrees, lobes }) => {
    const grid = { x: 1, y: 1 }
    if (kind === 'ellipse') return ellipse(radius, radius * share, degrees, grid)
    if (kind === 'rosette') return rosette(radius, lobes, share / 3, grid)
    if (kind === 'kidney') return kidney(radius, share)
    return peanut(radius, share)
  })

/** A disc with a round notch on one side. */
export function kidney(radius: number, share: number): Mask {
  const inside = (x: number, y: number) => Math.hypot(x, y) <= radius && Math.hypot(x - radius, y) > share * radius
  return drawn(inside, radius, { x: 1, y: 1 })
}

/** Two discs that overlap: twice as long as wide or less. */
export function peanut(radius: number, share: number): Mask {
  const away = share * radius
  const inside = (x: number, y: number) => Math.min(Math.hypot(x - away, y), Math.hypot(x + away, y)) <= radius
  return drawn(inside, 2 * radius, { x: 1, y: 1 })
}
