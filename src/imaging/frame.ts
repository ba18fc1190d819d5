import type { Point } from '#core/geometry.ts'
import type { Size } from '#core/image.ts'
import type { Preprocessing } from '#core/preprocessing.ts'

/**
 * Where an original image lies in its standardised square. An original pixel centre x lies at
 * `(x + 0.5) * scaleX - 0.5 + offsetX`; y likewise. Offsets are whole pixels and the same on both sides, so that a
 * mirrored image lies mirrored.
 */
export interface Frame {
  readonly original: Size
  readonly standard: Size
  readonly scaleX: number
  readonly scaleY: number
  readonly offsetX: number
  readonly offsetY: number
}

/** The frame of an image of size `original` in a square of side `size` pixels. */
export function frameOf(original: Size, { size, fit }: Pick<Preprocessing, 'size' | 'fit'>): Frame {
  const largest = Math.max(original.width, original.height)
  const padding = (side: number) => (fit === 'squash' ? 0 : paddingFor((size * side) / largest, size))
  const offsetX = padding(original.width)
  const offsetY = padding(original.height)
  return {
    original: { width: original.width, height: original.height },
    standard: { width: size, height: size },
    scaleX: (size - 2 * offsetX) / original.width,
    scaleY: (size - 2 * offsetY) / original.height,
    offsetX,
    offsetY,
  }
}

/** Padding on each side, whole pixels, that leaves a side nearest to `ideal`, but at least one pixel pair. */
function paddingFor(ideal: number, size: number): number {
  return Math.min(Math.round((size - ideal) / 2), size / 2 - 1)
}

/** The part of the standardised square that the image covers, pixels. */
export function contentSize({ standard, offsetX, offsetY }: Frame): Size {
  return { width: standard.width - 2 * offsetX, height: standard.height - 2 * offsetY }
}

export function toStandard(frame: Frame, { x, y }: Point): Point {
  return {
    x: (x + 0.5) * frame.scaleX - 0.5 + frame.offsetX,
    y: (y + 0.5) * frame.scaleY - 0.5 + frame.offsetY,
  }
}

export function toOriginal(frame: Frame, { x, y }: Point): Point {
  return {
    x: (x - frame.offsetX + 0.5) / frame.scaleX - 0.5,
    y: (y - frame.offsetY + 0.5) / frame.scaleY - 0.5,
  }
}
