import { describe, expect, test } from 'vitest'
import { readBmpHeader, readBmpPixels } from './bmp.ts'
import { decodeImage } from './decode.ts'

/** A bitmap in the layout of Microsoft's documentation: file header, BITMAPINFOHEADER, palette, rows of 4n bytes. */
function bitmap(options: {
  width: number
  height: number
  bits: number
  pixels: readonly number[]
  palette?: readonly number[]
  masks?: readonly number[]
  compression?: number
}): Uint8Array {
  const { width, height, bits, pixels, palette = [], masks = [], compression = masks.length > 0 ? 3 : 0 } = options
  const pixelsAt = 54 + 4 * (palette.length + masks.length)
  const view = new DataView(new ArrayBuffer(pixelsAt + pixels.length))
  view.setUint16(0, 0x424d)
  view.setUint32(2, view.byteLength, true)
  view.setUint32(10, pixelsAt, true)
  view.setUint32(14, 40, true)
  view.setInt32(18, width, true)
  view.setInt32(22, height, true)
  view.setUint16(26, 1, true)
  view.setUint16(28, bits, true)
  view.setUint32(30, compression, true)
  view.setUint32(46, palette.length, true)
  for (const [i, word] of [...masks, ...palette].entries()) view.setUint32(54 + 4 * i, word, true)
  new Uint8Array(view.buffer).set(pixels, pixelsAt)
  return new Uint8Array(view.buffer)
}

const read = (bytes: Uint8Array) => [...readBmpPixels(bytes, readBmpHeader(bytes))]

describe('a 2x2 image of red, white over blue, green', () => {
  const RED_WHITE_BLUE_GREEN = [255, 0, 0, 255, 255, 255, 0, 0, 255, 0, 255, 0]
  const palette = [0xff0000, 0xffffff, 0x0000ff, 0x00ff00]

  test('24 bits (the example file of Wikipedia\'s article "BMP file format")', () => {
    const pixels = [0xff, 0, 0, 0, 0xff, 0, 0, 0, 0, 0, 0xff, 0xff, 0xff, 0xff, 0, 0]
    expect(read(bitmap({ width: 2, height: 2, bits: 24, pixels }))).toEqual(RED_WHITE_BLUE_GREEN)
  })
  test('24 bits, top row first (negative height)', () => {
    const pixels = [0, 0, 0xff, 0xff, 0xff, 0xff, 0, 0, 0xff, 0, 0, 0, 0xff, 0, 0, 0]
    expect(read(bitmap({ width: 2, height: -2, bits: 24, pixels }))).toEqual(RED_WHITE_BLUE_GREEN)
  })
  test('8 and 4 bits through a palette', () => {
    expect(read(bitmap({ width: 2, height: 2, bits: 8, palette, pixels: [2, 3, 0, 0, 0, 1, 0, 0] }))).toEqual(
      RED_WHITE_BLUE_GREEN,
    )
    expect(read(bitmap({ width: 2, height: 2, bits: 4, palette, pixels: [0x23, 0, 0, 0, 0x01, 0, 0, 0] }))).toEqual(
      RED_WHITE_BLUE_GREEN,
    )
  })
  test('32 bits; its fourth byte is not read', () => {
    const pixels = [255, 0, 0, 9, 0, 255, 0, 9, 0, 0, 255, 9, 255, 255, 255, 9]
    expect(read(bitmap({ width: 2, height: 2, bits: 32, pixels }))).toEqual(RED_WHITE_BLUE_GREEN)
  })
  test('32 bits with red and blue swapped by bit fields', () => {
    const pixels = [0, 0, 255, 9, 0, 255, 0, 9, 255, 0, 0, 9, 255, 255, 255, 9]
    const masks = [0xff, 0xff00, 0xff0000]
    expect(read(bitmap({ width: 2, height: 2, bits: 32, pixels, masks }))).toEqual(RED_WHITE_BLUE_GREEN)
  })
  test('16 bits as 5-6-5 bit fields', () => {
    const pixels = [0x1f, 0, 0xe0, 0x07, 0, 0xf8, 0xff, 0xff]
    const masks = [0xf800, 0x07e0, 0x1f]
    expect(read(bitmap({ width: 2, height: 2, bits: 16, pixels, masks }))).toEqual(RED_WHITE_BLUE_GREEN)
  })
})

test('1 bit: nine columns use a second byte', () => {
  const bytes = bitmap({ width: 9, height: 1, bits: 1, palette: [0, 0xffffff], pixels: [0b10000001, 0x80, 0, 0] })
  expect(read(bytes).filter((_, i) => i % 3 === 0)).toEqual([255, 0, 0, 0, 0, 0, 0, 255, 255])
})

describe('through decodeImage', () => {
  const pixels = Array.from({ length: 40 * 40 }, (_, i) => i % 256)
  const grey = Array.from({ length: 256 }, (_, i) => i * 0x010101)

  test('a grey palette gives one channel', async () => {
    const decoded = await decodeImage(bitmap({ width: 40, height: -40, bits: 8, palette: grey, pixels }), 'a.bmp')
    expect(decoded).toEqual({ width: 40, height: 40, channels: 1, bitDepth: 8, data: Uint8Array.from(pixels) })
  })
  test('a colour palette gives three', async () => {
    const tinted = grey.map((colour) => colour | 0xff0000)
    const decoded = await decodeImage(bitmap({ width: 40, height: 40, bits: 8, palette: tinted, pixels }), 'a.bmp')
    expect(decoded.channels).toBe(3)
  })
  test('a truncated, run-length coded or absurd file is refused by code', async () => {
    const whole = { width: 40, height: 40, bits: 8, palette: grey, pixels }
    const refusals = [
      [bitmap(whole).subarray(0, 2000), 'IMAGE_UNREADABLE'],
      [bitmap({ ...whole, compression: 1 }), 'IMAGE_UNREADABLE'],
      [bitmap({ ...whole, bits: 7 }), 'IMAGE_UNREADABLE'],
      [bitmap({ ...whole, palette: grey.slice(0, 16) }), 'IMAGE_UNREADABLE'],
      [bitmap({ ...whole, width: 30_000, height: 30_000 }), 'IMAGE_TOO_LARGE'],
      [bitmap({ ...whole, width: -40 }), 'IMAGE_TOO_SMALL'],
    ] as const
    for (const [bytes, code] of refusals) await expect(decodeImage(bytes, 'a.bmp')).rejects.toMatchObject({ code })
  })
})
