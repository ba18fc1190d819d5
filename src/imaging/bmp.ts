/**
 * Windows bitmaps, which sharp does not read. The npm decoders were tried and decode silently wrong: fast-bmp ignores
 * palettes and top-down rows, bmp-ts stops after one row of an odd-width 4-bit image.
 */

/** What a bitmap's headers declare. `topDown` is a negative height; `paletteAt` and `pixelsAt` are byte offsets. */
export interface BmpHeader {
  readonly width: number
  readonly height: number
  readonly topDown: boolean
  readonly bitsPerPixel: 1 | 4 | 8 | 16 | 24 | 32
  readonly masks: readonly [red: number, green: number, blue: number]
  readonly paletteAt: number
  readonly paletteColours: number
  readonly paletteEntryBytes: 3 | 4
  readonly pixelsAt: number
}

const RGB = 0
const BITFIELDS = 3

/**
 * Reads the headers only: nothing of the image's size is allocated.
 * @throws RangeError or Error with the reason, for the caller to wrap with the file's name.
 */
export function readBmpHeader(bytes: Uint8Array): BmpHeader {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const headerBytes = view.getUint32(14, true)
  const core = headerBytes === 12
  if (!core && headerBytes < 40) throw new Error(`header of ${headerBytes} bytes`)
  const rows = core ? view.getUint16(20, true) : view.getInt32(22, true)
  const bitsPerPixel = bitDepth(view.getUint16(core ? 24 : 28, true))
  const compression = core ? RGB : view.getUint32(30, true)
  if (compression !== RGB && compression !== BITFIELDS) throw new Error(`compression ${compression}`)
  const declared = core ? 0 : view.getUint32(46, true)
  return {
    width: core ? view.getUint16(18, true) : view.getInt32(18, true),
    height: Math.abs(rows),
    topDown: rows < 0,
    bitsPerPixel,
    masks: compression === BITFIELDS ? maskFields(view) : bitsPerPixel === 16 ? [0x7c00, 0x3e0, 0x1f] : RGB888,
    paletteAt: 14 + headerBytes,
    paletteColours: bitsPerPixel > 8 ? 0 : declared === 0 ? 1 << bitsPerPixel : declared,
    paletteEntryBytes: core ? 3 : 4,
    pixelsAt: view.getUint32(10, true),
  }
}

const RGB888: readonly [number, number, number] = [0xff0000, 0xff00, 0xff]

function maskFields(view: DataView): [number, number, number] {
  return [view.getUint32(54, true), view.getUint32(58, true), view.getUint32(62, true)]
}

function bitDepth(bits: number): BmpHeader['bitsPerPixel'] {
  if (bits === 1 || bits === 4 || bits === 8 || bits === 16 || bits === 24 || bits === 32) return bits
  throw new Error(`${bits} bits per pixel`)
}

/**
 * Interleaved 8-bit RGB, top row first; the fourth byte of a pixel is not read.
 * @throws RangeError when the file ends before its pixels do.
 */
export function readBmpPixels(bytes: Uint8Array, header: BmpHeader): Uint8Array {
  const { width, height, bitsPerPixel } = header
  const stride = Math.ceil((width * bitsPerPixel) / 32) * 4
  if (header.pixelsAt + stride * height > bytes.length) throw new RangeError('the file ends before its pixels')
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const colour = colourReader(view, header)
  const rgb = new Uint8Array(width * height * 3)
  for (let y = 0, at = 0; y < height; y++) {
    const row = header.pixelsAt + stride * (header.topDown ? y : height - 1 - y)
    for (let x = 0; x < width; x++) {
      const packed = colour(row, x)
      rgb[at++] = packed >>> 16
      rgb[at++] = packed >>> 8
      rgb[at++] = packed
    }
  }
  return rgb
}

/** A function from (byte offset of a row, column) to 0xRRGGBB. */
function colourReader(view: DataView, header: BmpHeader): (row: number, x: number) => number {
  const { bitsPerPixel } = header
  switch (bitsPerPixel) {
    case 24:
      return (row, x) => view.getUint16(row + 3 * x, true) | (view.getUint8(row + 3 * x + 2) << 16)
    case 32: {
      const unpack = unpacker(header.masks)
      return (row, x) => unpack(view.getUint32(row + 4 * x, true))
    }
    case 16: {
      const unpack = unpacker(header.masks)
      return (row, x) => unpack(view.getUint16(row + 2 * x, true))
    }
    default: {
      const palette = readPalette(view, header)
      const perByte = 8 / bitsPerPixel
      const low = (1 << bitsPerPixel) - 1
      return (row, x) => {
        const shift = 8 - bitsPerPixel * ((x % perByte) + 1)
        const packed = palette[(view.getUint8(row + Math.floor(x / perByte)) >> shift) & low]
        if (packed === undefined) throw new RangeError('a pixel outside its palette')
        return packed
      }
    }
  }
}

function readPalette(view: DataView, header: BmpHeader): number[] {
  return Array.from({ length: Math.min(header.paletteColours, 256) }, (_, i) => {
    const at = header.paletteAt + i * header.paletteEntryBytes
    return view.getUint16(at, true) | (view.getUint8(at + 2) << 16)
  })
}

/** Bit fields of any position and width, each scaled to 8 bits. */
function unpacker(masks: BmpHeader['masks']): (packed: number) => number {
  const fields = masks.map((mask) => {
    if (mask === 0) throw new Error('a colour mask of no bits')
    const shift = 31 - Math.clz32(mask & -mask)
    return { mask, shift, highest: mask >>> shift }
  })
  return (packed) => {
    let rgb = 0
    for (const { mask, shift, highest } of fields) {
      rgb = (rgb << 8) | Math.round((((packed & mask) >>> shift) * 255) / highest)
    }
    return rgb
  }
}
