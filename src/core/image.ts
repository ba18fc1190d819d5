import { ScreeningError } from './errors.ts'

/** Width and height in pixels. */
export interface Size {
  readonly width: number
  readonly height: number
}

/**
 * A decoded raster image as its file holds it: interleaved samples, row by row, no conversion.
 * `data` has `width * height * channels` samples; 16-bit files keep their 16 bits.
 */
export interface RasterImage extends Size {
  readonly channels: 1 | 3
  readonly bitDepth: 8 | 16
  readonly data: Uint8Array | Uint16Array
}

/** One grey value per pixel, row by row, 0..1 of the range of the depth at which it was digitised (`bitsInUse`). */
export class GreyImage implements Size {
  readonly width: number
  readonly height: number
  readonly data: Float32Array

  private constructor(data: Float32Array, size: Size) {
    this.data = data
    this.width = size.width
    this.height = size.height
  }

  /** @throws SHAPE_MISMATCH when `data` does not have `width * height` samples. */
  static from(data: Float32Array, size: Size): GreyImage {
    if (data.length !== size.width * size.height) {
      throw new ScreeningError('SHAPE_MISMATCH', { samples: data.length, size: [size.width, size.height] })
    }
    return new GreyImage(data, size)
  }
}
