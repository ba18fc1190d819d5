import { expect, test } from 'vitest'
import { FrameSequence } from '#core/sequence.ts'
import { pictureOfSequence } from './made-picture.ts'
import { settleMotion } from './settle-motion.ts'

const size = { width: 20, height: 10 }
/** The first channel rises from left to right, its third frame is bright all over; the other channel is another picture. */
function recorded(baselineFrames: number, scale = 1, offset = 0) {
  const ramp = (shift: number) => Float32Array.from({ length: 200 }, (_, i) => scale * ((i % 20) + shift) + offset)
  const timesS = Float64Array.of(0, 1, 2)
  const channels = [
    { label: 'LED 1', timesS, frames: [ramp(-1), ramp(1), ramp(500)] },
    { label: 'LED 2', timesS, frames: [ramp(0).reverse(), ramp(0).reverse(), ramp(0).reverse()] },
  ]
  const sequence = FrameSequence.from({ kind: 'ultrasound-cine', signalUnit: '1', channels }, size)
  return { ...settleMotion(sequence, false), reference: undefined, baselineFrames, earlyFrame: undefined }
}

test('is the mean of the baseline frames of the first channel, from black to white', () => {
  const { data, ...rest } = pictureOfSequence(recorded(2))
  expect(rest).toEqual({ ...size, channels: 1, bitDepth: 8 })
  expect([...data.slice(0, 20)]).toEqual(Array.from({ length: 20 }, (_, x) => Math.round((255 * x) / 19)))
})
test('does not change with the unit of the signal', () => {
  expect(pictureOfSequence(recorded(2, 7, 300))).toEqual(pictureOfSequence(recorded(2)))
})
test('of a thousand pixels five dead and five hot ones take no grey from the others; a sixth of either does', () => {
  const size = { width: 77, height: 13 }
  /** A level for each pixel, in no order; so many at the lower end are dead, at the upper hot. */
  const greysBeside = (dead: number, hot: number) => {
    const levels = Float32Array.from({ length: 1001 }, (_, i) => (i * 376) % 1001)
    const isBroken = (level: number) => level < dead || level > 1000 - hot
    const frame = levels.map((level) => (isBroken(level) ? (level - 500) * 1e4 : level))
    const channels = [{ label: 'LED 1', timesS: Float64Array.of(0), frames: [frame] }]
    const sequence = FrameSequence.from({ kind: 'ultrasound-cine', signalUnit: '1', channels }, size)
    const { data } = pictureOfSequence({ ...recorded(1), ...settleMotion(sequence, false) })
    return new Set(data.filter((_, i) => !isBroken(levels[i]!))).size
  }
  expect(greysBeside(5, 5)).toBe(256)
  expect(greysBeside(6, 5)).toBeLessThan(5)
  expect(greysBeside(5, 6)).toBeLessThan(5)
})
test('one dead pixel takes no grey from the others', () => {
  const broken = recorded(1)
  broken.sequence.channels[0]!.frames[0]![7] = 1e6
  const { data } = pictureOfSequence(broken)
  expect(data[7]).toBe(255)
  expect([...data.slice(20, 40)]).toEqual([...pictureOfSequence(recorded(1)).data.slice(20, 40)])
})
test('a recording without any structure is black, not divided by nothing', () => {
  expect(new Set(pictureOfSequence(recorded(2, 0, 5)).data)).toEqual(new Set([0]))
})
