import { expect, test } from 'vitest'
import { absent } from '#core/absent.ts'
import type { RasterImage } from '#core/image.ts'
import { vascularityIndex } from './vascularity.ts'

/** Ten pixels: grey, but for the given ones in Doppler red or blue. */
function doppler(red: readonly number[], blue: readonly number[], bitDepth: 8 | 16 = 8): RasterImage {
  const data = bitDepth === 8 ? new Uint8Array(30) : new Uint16Array(30)
  const scale = bitDepth === 8 ? 1 : 257
  for (let i = 0; i < 10; i++) {
    const colour = red.includes(i) ? [220, 60, 20] : blue.includes(i) ? [20, 80, 210] : [90, 96, 84]
    data.set(
      colour.map((value) => value * scale),
      3 * i,
    )
  }
  return { width: 10, height: 1, channels: 3, bitDepth, data }
}

test('is the share of coloured pixels among those looked at, in percent, at either depth', () => {
  const places = [0, 1, 2, 3, 4, 5, 6, 7]
  for (const depth of [8, 16] as const) {
    expect(vascularityIndex(doppler([1], [4, 9], depth), places)).toBe(25)
    expect(vascularityIndex(doppler([], [], depth), places)).toBe(0)
  }
})

test('is absent where a picture has no colour at all: that is no 0', () => {
  const grey: RasterImage = { width: 2, height: 1, channels: 1, bitDepth: 8, data: new Uint8Array(2) }
  expect(vascularityIndex(grey, [0, 1])).toEqual(absent('no-colour'))
})
