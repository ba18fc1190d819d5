import { ScreeningError } from './errors.ts'
import type { Size } from './image.ts'

/** A binary segmentation: one byte per pixel, 0 or 1, row by row. Valid once built. */
export class Mask implements Size {
  readonly width: number
  readonly height: number
  readonly data: Uint8Array

  private constructor(data: Uint8Array, size: Size) {
    this.data = data
    this.width = size.width
    this.height = size.height
  }

  /**
   * @param data H×W bytes; any non-zero byte is foreground and becomes 1.
   * @throws SHAPE_MISMATCH when `data` does not have `width * height` samples.
   */
  static from(data: Uint8Array, size: Size): Mask {
    if (data.length !== size.width * size.height) {
      throw new ScreeningError('SHAPE_MISMATCH', { samples: data.length, size: [size.width, size.height] })
    }
    const binary = new Uint8Array(data.length)
    for (let i = 0; i < data.length; i++) binary[i] = data[i] === 0 ? 0 : 1
    return new Mask(binary, size)
  }

  static empty(size: Size): Mask {
    return new Mask(new Uint8Array(size.width * size.height), size)
  }

  /** What both cover. @throws MASK_SIZE_MISMATCH */
  and(other: Mask): Mask {
    return this.#where(other, (own, others) => own & others)
  }

  /** What the other one leaves of this. @throws MASK_SIZE_MISMATCH */
  without(other: Mask): Mask {
    return this.#where(other, (own, others) => own & (1 - others))
  }

  #where(other: Mask, of: (own: number, others: number) => number): Mask {
    const [mask, image] = [this, other].map(({ width, height }) => [width, height])
    if (String(mask) !== String(image)) throw new ScreeningError('MASK_SIZE_MISMATCH', { mask, image })
    return new Mask(
      this.data.map((own, i) => of(own, other.data[i]!)),
      this,
    )
  }

  /** Number of foreground pixels. */
  get areaPx(): number {
    let area = 0
    for (let i = 0; i < this.data.length; i++) area += this.data[i]!
    return area
  }
}
