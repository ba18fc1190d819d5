import { expect, test } from 'vitest'
import type { RasterImage } from '#core/image.ts'
import { seededRandom } from '#core/random.ts'
import { decodeImage } from '#imaging/decode.ts'
import { pictureAddress, printedAddress } from './picture.ts'

/** Synthetic: a slow wave with noise of two grey levels. */
function noisy(channels: 1 | 3): RasterImage {
  const [size, random] = [{ width: 200, height: 120 }, seededRandom(3)]
  const grey = Uint8Array.from({ length: size.width * size.height }, (_, i) => {
    return Math.round(120 + 80 * Math.sin(i / 40) + 2 * random.normal())
  })
  const data = Uint8Array.from({ length: grey.length * channels }, (_, i) => grey[Math.floor(i / channels)]!)
  return { ...size, channels, bitDepth: 8, data }
}

const decoded = (address: string) => decodeImage(Buffer.from(address.split(',')[1] ?? '', 'base64'), 'picture')

test.each([1, 3] as const)(
  'a picture on paper is that of the page to 40 dB, in its size and %i channels',
  async (channels) => {
    const page = await pictureAddress(noisy(channels))
    const paper = await printedAddress(page)
    expect(paper).toMatch(/^data:image\/jpeg;base64,/)
    const [a, b] = [await decoded(page), await decoded(paper)]
    expect([b.width, b.height, b.channels]).toEqual([a.width, a.height, channels])
    let squares = 0
    for (const [i, value] of a.data.entries()) squares += (value - b.data[i]!) ** 2
    expect(10 * Math.log10(255 ** 2 / (squares / a.data.length))).toBeGreaterThan(40)
  },
)
