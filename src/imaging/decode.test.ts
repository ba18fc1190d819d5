import sharp, { type Sharp } from 'sharp'
import { describe, expect, test } from 'vitest'
import type { ErrorCode } from '#core/errors.ts'
import type { RasterImage } from '#core/image.ts'
import { Mask } from '#core/mask.ts'
import { decodeImage, decodeMask, MAX_PIXELS } from './decode.ts'
import { encodeMaskPng, encodePng } from './encode.ts'

const WIDTH = 64
const HEIGHT = 48

function raster(channels: 1 | 3, bitDepth: 8 | 16): RasterImage {
  const length = WIDTH * HEIGHT * channels
  const data = bitDepth === 8 ? new Uint8Array(length) : new Uint16Array(length)
  return { width: WIDTH, height: HEIGHT, channels, bitDepth, data: data.map((_, i) => (i * 7 + (i >> 5)) % 65536) }
}

function pipeline({ width, height, channels, bitDepth, data }: RasterImage): Sharp {
  const space = channels === 1 ? (bitDepth === 16 ? 'grey16' : 'b-w') : bitDepth === 16 ? 'rgb16' : 'srgb'
  return sharp(data, { raw: { width, height, channels } }).toColourspace(space)
}

const KINDS = [
  [1, 8],
  [1, 16],
  [3, 8],
  [3, 16],
] as const

describe('what a file holds comes out sample for sample', () => {
  for (const [channels, bitDepth] of KINDS) {
    const original = raster(channels, bitDepth)
    const name = `${bitDepth}-bit, ${channels} channel(s)`
    test(`PNG, ${name}`, async () => {
      expect(await decodeImage(await encodePng(original), 'a.png')).toEqual(original)
    })
    test.each(['none', 'lzw', 'deflate'] as const)(`TIFF (%s), ${name}`, async (compression) => {
      expect(await decodeImage(await pipeline(original).tiff({ compression }).toBuffer(), 'a.tif')).toEqual(original)
    })
  }
  test('WebP, lossless', async () => {
    const bytes = await pipeline(raster(3, 8)).webp({ lossless: true }).toBuffer()
    expect(await decodeImage(bytes, 'a.webp')).toEqual(raster(3, 8))
  })
  test.each([1, 3] as const)('JPEG of %d channel(s) keeps its size and channels', async (channels) => {
    const flat = { ...raster(channels, 8), data: new Uint8Array(WIDTH * HEIGHT * channels).fill(93) }
    const decoded = await decodeImage(await pipeline(flat).jpeg({ quality: 95 }).toBuffer(), 'a.jpg')
    expect(decoded).toEqual(flat)
  })
})

test('transparency is dropped over black', async () => {
  const data = new Uint8Array(WIDTH * HEIGHT * 4).map((_, i) => (i % 4 === 3 ? 0 : 200))
  const bytes = await sharp(data, { raw: { width: WIDTH, height: HEIGHT, channels: 4 } })
    .png()
    .toBuffer()
  const decoded = await decodeImage(bytes, 'a.png')
  expect(decoded.channels).toBe(3)
  expect(decoded.data.every((sample) => sample === 0)).toBe(true)
})

test('a palette is expanded to its colours', async () => {
  const data = new Uint8Array(WIDTH * HEIGHT * 3).map((_, i) => (i % 3 === 0 ? 250 : 10))
  const bytes = await sharp(data, { raw: { width: WIDTH, height: HEIGHT, channels: 3 } })
    .png({ palette: true })
    .toBuffer()
  expect((await decodeImage(bytes, 'a.png')).data.subarray(0, 6)).toEqual(new Uint8Array([250, 10, 10, 250, 10, 10]))
})

test('EXIF orientation is applied: a quarter turn swaps width and height', async () => {
  const bytes = await pipeline(raster(1, 8)).jpeg().withMetadata({ orientation: 6 }).toBuffer()
  expect(await decodeImage(bytes, 'a.jpg')).toMatchObject({ width: HEIGHT, height: WIDTH })
})

test('the content decides, not the extension', async () => {
  const bytes = await encodePng(raster(1, 16))
  expect(await decodeImage(bytes, 'really-a-png.jpg')).toEqual(raster(1, 16))
})

describe('a file that cannot be used is refused with a code and its base name', () => {
  const refused = async (bytes: Uint8Array, file: string, code: ErrorCode) => {
    const base = file.split('/').at(-1)
    await expect(decodeImage(bytes, file)).rejects.toMatchObject({ code, facts: { file: base } })
  }
  const cut = (bytes: Uint8Array, share: number) => bytes.subarray(0, Math.floor(bytes.length * share))

  test('empty', () => refused(new Uint8Array(), 'in/empty.png', 'IMAGE_EMPTY'))
  test('text that calls itself a PNG', () =>
    refused(new TextEncoder().encode('BMI of the patient: see the other file'), 'in/note.png', 'IMAGE_FORMAT_UNKNOWN'))
  test('an SVG, a PDF, a DICOM file', async () => {
    for (const text of ['<svg xmlns="http://www.w3.org/2000/svg"/>', '%PDF-1.7', `${'\0'.repeat(128)}DICM`]) {
      await refused(new TextEncoder().encode(text), 'a.png', 'IMAGE_FORMAT_UNKNOWN')
    }
  })
  test.each([0.05, 0.3, 0.6, 0.9])('PNG, JPEG, WebP and TIFF cut off at %d of their length', async (share) => {
    const noisy = raster(3, 8)
    await refused(cut(await pipeline(noisy).png().toBuffer(), share), 'a.png', 'IMAGE_UNREADABLE')
    await refused(cut(await pipeline(noisy).jpeg().toBuffer(), share), 'a.jpg', 'IMAGE_UNREADABLE')
    await refused(cut(await pipeline(noisy).webp().toBuffer(), share), 'a.webp', 'IMAGE_UNREADABLE')
    await refused(cut(await pipeline(noisy).tiff().toBuffer(), share), 'a.tif', 'IMAGE_UNREADABLE')
  })
  test('PNG with a damaged byte in its pixels', async () => {
    const bytes = Uint8Array.from(await encodePng(raster(1, 16)))
    bytes[bytes.length >> 1]! ^= 0x55
    await refused(bytes, 'a.png', 'IMAGE_UNREADABLE')
  })
  test('a magic number and nothing else', async () => {
    await refused(new Uint8Array([0xff, 0xd8, 0xff]), 'a.jpg', 'IMAGE_UNREADABLE')
    await refused(new TextEncoder().encode('BM\0\0\0\0\0\0\0\0'), 'a.bmp', 'IMAGE_UNREADABLE')
  })
  test('1x1', async () => {
    const dot = { width: 1, height: 1, channels: 1, bitDepth: 8, data: new Uint8Array(1) } as const
    await refused(await encodePng(dot), 'dot.png', 'IMAGE_TOO_SMALL')
  })
  test('30,000 x 30,000, refused from its header without decoding it', async () => {
    const bytes = hugePng(30_000)
    const before = process.memoryUsage().rss
    await refused(bytes, 'huge.png', 'IMAGE_TOO_LARGE')
    expect(process.memoryUsage().rss - before).toBeLessThan(MAX_PIXELS)
  })
})

/** A PNG header that declares side×side grey pixels, with no pixel in it. */
function hugePng(side: number): Uint8Array {
  const header = new DataView(new ArrayBuffer(33))
  const bytes = new Uint8Array(header.buffer)
  bytes.set([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a, 0, 0, 0, 13, 0x49, 0x48, 0x44, 0x52])
  header.setUint32(16, side)
  header.setUint32(20, side)
  bytes[24] = 8
  header.setUint32(29, crc32(bytes.subarray(12, 29)))
  const rest = [0, 0, 0, 0, 0x49, 0x44, 0x41, 0x54, 0x35, 0xaf, 0x06, 0x1e]
  const end = [0, 0, 0, 0, 0x49, 0x45, 0x4e, 0x44, 0xae, 0x42, 0x60, 0x82]
  return new Uint8Array([...bytes, ...rest, ...end])
}

function crc32(bytes: Uint8Array): number {
  let crc = 0xffffffff
  for (const byte of bytes) {
    crc ^= byte
    for (let bit = 0; bit < 8; bit++) crc = (crc >>> 1) ^ (crc & 1 ? 0xedb88320 : 0)
  }
  return ~crc >>> 0
}

describe('masks', () => {
  const drawn = Mask.from(
    new Uint8Array(WIDTH * HEIGHT).map((_, i) => Number(i % WIDTH > 20 && i % WIDTH < 40 && i > WIDTH * 10)),
    { width: WIDTH, height: HEIGHT },
  )
  test('a mask written as PNG is read back as it was', async () => {
    expect(await decodeMask(await encodeMaskPng(drawn), 'm.png')).toEqual(drawn)
  })
  test('0/1 and 0/1/2 label files are read as foreground where not 0', async () => {
    const labels = { width: WIDTH, height: HEIGHT, channels: 1, bitDepth: 8 } as const
    expect(await decodeMask(await encodePng({ ...labels, data: drawn.data }), 'm.png')).toEqual(drawn)
    const two = drawn.data.map((value, i) => value * (1 + (i % 2)))
    expect(await decodeMask(await encodePng({ ...labels, data: two }), 'm.png')).toEqual(drawn)
  })
  test('values are judged by the highest: 0/200 is black and white, 16-bit 0/255 are labels', async () => {
    const grey = { width: WIDTH, height: HEIGHT, channels: 1 } as const
    const dim = drawn.data.map((value) => 200 * value)
    expect(await decodeMask(await encodePng({ ...grey, bitDepth: 8, data: dim }), 'm.png')).toEqual(drawn)
    const deep = Uint16Array.from(drawn.data, (value) => 255 * value)
    expect(await decodeMask(await encodePng({ ...grey, bitDepth: 16, data: deep }), 'm.png')).toEqual(drawn)
  })
  test('of a drawing in colour the brightest channel counts', async () => {
    const data = new Uint8Array(3 * WIDTH * HEIGHT)
    for (const [i, value] of drawn.data.entries()) data[3 * i + (i % 3)] = 255 * value
    const rgb = { width: WIDTH, height: HEIGHT, channels: 3, bitDepth: 8, data } as const
    expect(await decodeMask(await encodePng(rgb), 'm.png')).toEqual(drawn)
  })

  const soft: Record<string, (mask: Sharp) => Sharp> = {
    resized: (mask) => mask.resize(2 * WIDTH, 2 * HEIGHT, { kernel: 'cubic' }),
    blurred: (mask) => mask.blur(2),
    'blurred and compressed': (mask) => mask.blur(2).jpeg({ quality: 90 }),
    'blurred and dark': (mask) => mask.blur(2).linear(0.4, 0),
  }
  test.each(Object.entries(soft))('a mask that was %s is refused by the base name of its file', async (_, soften) => {
    const bytes = await soften(sharp(await encodeMaskPng(drawn))).toBuffer()
    const refused = { code: 'MASK_NOT_BINARY', facts: { file: 'm.png', allowed: 0.005 } }
    await expect(decodeMask(bytes, 'folder/m.png')).rejects.toMatchObject(refused)
  })
  test('three tones are no mask', async () => {
    const data = drawn.data.map((value, i) => (i < (WIDTH * HEIGHT) / 2 ? 255 : 128) * value)
    const grey = { width: WIDTH, height: HEIGHT, channels: 1, bitDepth: 8, data } as const
    await expect(decodeMask(await encodePng(grey), 'm.png')).rejects.toThrow(/MASK_NOT_BINARY/)
  })
  test.each([50, 75, 95])('a JPEG of quality %i is still a mask', async (quality) => {
    const bytes = await sharp(await encodeMaskPng(drawn))
      .jpeg({ quality })
      .toBuffer()
    expect((await decodeMask(bytes, 'm.jpg')).areaPx / drawn.areaPx).toBeCloseTo(1, 1)
  })
  test('the ringing of a JPEG stays outside a black and white mask', async () => {
    const bytes = await sharp(await encodeMaskPng(drawn))
      .jpeg({ quality: 90 })
      .toBuffer()
    const decoded = await decodeMask(bytes, 'm.jpg')
    const wrong = decoded.data.filter((value, i) => value !== drawn.data[i]).length
    expect(wrong / drawn.areaPx).toBeLessThan(0.01)
  })
})
