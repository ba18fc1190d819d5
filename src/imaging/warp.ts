import { GreyImage, type Size } from '#core/image.ts'

/** An affine map from a pixel of the output to a place in the input; pixel centres are at integers. */
export interface Affine {
  readonly xx: number
  readonly xy: number
  readonly x0: number
  readonly yx: number
  readonly yy: number
  readonly y0: number
}

/** How far each pixel is moved, pixels; row by row. */
export interface Displacement {
  readonly x: Float32Array
  readonly y: Float32Array
}

/** Left and right swapped, for an image of this width. */
export function mirrored(width: number): Affine {
  return { xx: -1, xy: 0, x0: width - 1, yx: 0, yy: 1, y0: 0 }
}

/** What shows everything `zoom` times as large about the image's middle. */
export function zoomed({ width, height }: Size, zoom: number): Affine {
  const middle = (length: number) => ((length - 1) / 2) * (1 - 1 / zoom)
  return { xx: 1 / zoom, xy: 0, x0: middle(width), yx: 0, yy: 1 / zoom, y0: middle(height) }
}

/**
 * An image through an affine map, after an elastic displacement of the output's pixels where there is one; bilinear,
 * of the input's size; places outside the input are 0. Where the map shrinks, 2×2 samples per output pixel keep fine
 * speckle from aliasing.
 */
export function warpImage(
  image: GreyImage,
  { xx, xy, x0, yx, yy, y0 }: Affine,
  displacement?: Displacement,
): GreyImage {
  const { data, width, height } = image
  const shrinks = Math.hypot(xx, yx) > 1.01 || Math.hypot(xy, yy) > 1.01
  const samples = shrinks ? 2 : 1
  const first = shrinks ? -0.25 : 0
  const weight = 1 / (samples * samples)
  const out = new Float32Array(width * height)
  for (let y = 0, i = 0; y < height; y++) {
    for (let x = 0; x < width; x++, i++) {
      let sum = 0
      const dx = displacement ? displacement.x[i]! : 0
      const dy = displacement ? displacement.y[i]! : 0
      for (let row = 0; row < samples; row++) {
        const v = y + dy + first + 0.5 * row
        for (let column = 0; column < samples; column++) {
          const u = x + dx + first + 0.5 * column
          sum += bilinear(data, width, height, xx * u + xy * v + x0, yx * u + yy * v + y0)
        }
      }
      out[i] = sum * weight
    }
  }
  return GreyImage.from(out, image)
}

/** Bilinear value at (x, y), 0 beyond the outermost pixel centres by more than half a pixel. */
function bilinear(data: Float32Array, width: number, height: number, x: number, y: number): number {
  if (x < -0.5 || y < -0.5 || x > width - 0.5 || y > height - 0.5) return 0
  const cx = x < 0 ? 0 : x > width - 1 ? width - 1 : x
  const cy = y < 0 ? 0 : y > height - 1 ? height - 1 : y
  const left = Math.floor(cx)
  const top = Math.floor(cy)
  const fx = cx - left
  const fy = cy - top
  const right = left < width - 1 ? left + 1 : left
  const above = top * width
  const below = top < height - 1 ? above + width : above
  const upper = data[above + left]! * (1 - fx) + data[above + right]! * fx
  const lower = data[below + left]! * (1 - fx) + data[below + right]! * fx
  return upper * (1 - fy) + lower * fy
}
