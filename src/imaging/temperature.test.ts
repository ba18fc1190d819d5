import { expect, test } from 'vitest'
import { absent, isAbsent } from '#core/absent.ts'
import type { RasterImage } from '#core/image.ts'
import { toGrey } from './grey.ts'
import { celsiusOf } from './temperature.ts'

/** Samples in hundredths of a degree: a room of 21 and a body of 33 degrees. */
const thermogram: RasterImage = {
  width: 4,
  height: 2,
  channels: 1,
  bitDepth: 16,
  data: Uint16Array.of(2100, 2100, 3300, 3310, 2100, 2100, 3290, 3300),
}

test('grey times its degrees is the sample times the given scale', () => {
  const grey = toGrey(thermogram)
  const celsius = celsiusOf(thermogram, grey, { scale: 0.01, offset: 0 })
  if (isAbsent(celsius)) throw new Error(celsius.absent)
  const degrees = Array.from(grey.data, (value) => value * celsius.perGrey + celsius.offset)
  for (const [i, value] of degrees.entries()) expect(value).toBeCloseTo(thermogram.data[i]! / 100, 3)
})

test('kelvins come with their offset', () => {
  const kelvins = { ...thermogram, data: Uint16Array.from(thermogram.data, (value) => value + 27_315) }
  const celsius = celsiusOf(kelvins, toGrey(kelvins), { scale: 0.01, offset: -273.15 })
  if (isAbsent(celsius)) throw new Error(celsius.absent)
  expect(toGrey(kelvins).data[3]! * celsius.perGrey + celsius.offset).toBeCloseTo(33.1, 2)
})

test('without a scale, in false colours, or where no body has such a temperature there are no degrees', () => {
  const grey = toGrey(thermogram)
  const coloured: RasterImage = { ...thermogram, width: 2, height: 1, channels: 3, data: thermogram.data.slice(0, 6) }
  expect(celsiusOf(thermogram, grey, undefined)).toEqual(absent('no-temperature-scale'))
  expect(celsiusOf(coloured, toGrey(coloured), { scale: 0.01, offset: 0 })).toEqual(absent('temperature-not-in-pixels'))
  for (const scale of [0.1, 0.001]) {
    expect(celsiusOf(thermogram, grey, { scale, offset: 0 })).toEqual(absent('temperature-implausible'))
  }
})
