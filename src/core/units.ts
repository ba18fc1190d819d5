import { z } from 'zod'

declare const mm: unique symbol
declare const mm2: unique symbol
declare const px: unique symbol
declare const px2: unique symbol

/** Millimetres in the body. */
export type Mm = number & { readonly [mm]: true }
/** Square millimetres. */
export type Mm2 = number & { readonly [mm2]: true }
/** Distances on the pixel grid of the image, uncalibrated. */
export type Px = number & { readonly [px]: true }
/** A count of pixels. */
export type Px2 = number & { readonly [px2]: true }

/** Units as UCUM writes them; `px` and `px2` are uncalibrated grid units, `1` is no unit. */
export const Unit = z.enum([
  'mm',
  'mm2',
  'px',
  'px2',
  'deg',
  's',
  '/s',
  '%',
  '%/s',
  '%.s',
  'Cel',
  'Cel/s',
  'Cel.s',
  '1',
])
export type Unit = z.infer<typeof Unit>

/** How a unit is printed beside its number. */
export const UNIT_SYMBOLS = {
  mm: 'mm',
  mm2: 'mm²',
  px: 'px',
  px2: 'px²',
  deg: '°',
  s: 's',
  '/s': '/s',
  '%': '%',
  '%/s': '%/s',
  '%.s': '%·s',
  Cel: '°C',
  'Cel/s': '°C/s',
  'Cel.s': '°C·s',
  '1': '',
} as const satisfies Record<Unit, string>

/** Distance between pixel centres along a row (x) and along a column (y), in millimetres. */
export interface PixelSpacing {
  readonly x: Mm
  readonly y: Mm
}

/** Width and height of a pixel in the unit wanted: millimetres, or 1 and 1 for the pixel grid. */
export interface PixelSides {
  readonly x: number
  readonly y: number
}

/** Lengths on the pixel grid. */
export const PIXEL_GRID: PixelSides = { x: 1, y: 1 }
