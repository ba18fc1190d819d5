import { expect, test } from 'vitest'
import { type Channel, FrameSequence, type SequenceContent } from './sequence.ts'

const SIZE = { width: 3, height: 2 }
const frame = (value = 1) => new Float32Array(6).fill(value)
const channel = (over: Partial<Channel> = {}): Channel => ({
  label: 'LED 1',
  timesS: Float64Array.of(0, 1.5),
  frames: [frame(), frame(2)],
  ...over,
})
const sequence = (channels: readonly Channel[], over: Partial<SequenceContent> = {}) =>
  FrameSequence.from({ kind: 'optical', signalUnit: '1', channels, ...over }, SIZE)

test('a sequence keeps its frames and times, channel by channel', () => {
  const other = channel({ label: 'LED 2', timesS: Float64Array.of(0.5, 2) })
  expect(sequence([channel(), other])).toMatchObject({ ...SIZE, kind: 'optical', channels: [channel(), other] })
})

test('one frame with its time is a sequence', () => {
  expect(sequence([channel({ timesS: Float64Array.of(0), frames: [frame()] })]).channels[0]?.frames).toHaveLength(1)
})

test.each<[string, Partial<Channel>]>([
  ['each frame needs its time', { timesS: new Float64Array() }],
  ['strictly increasing', { timesS: Float64Array.of(1, 1) }],
  ['strictly increasing', { timesS: Float64Array.of(1, 0) }],
  ['finite', { timesS: Float64Array.of(0, Number.NaN) }],
  ['there is no frame', { timesS: new Float64Array(), frames: [] }],
  ['another size', { frames: [frame(), new Float32Array(5)] }],
  ['not finite numbers', { frames: [frame(), frame(Number.NaN)] }],
])('it is refused: %s (%j)', (reason, over) => {
  expect(() => sequence([channel(over)])).toThrow(reason)
})

test('it is refused without channels, with two of one label, and in degrees unless thermal', () => {
  expect(() => sequence([])).toThrow('no channel')
  expect(() => sequence([channel(), channel()])).toThrow('same label')
  expect(() => sequence([channel()], { signalUnit: 'Cel' })).toThrow('is not optical')
  expect(sequence([channel()], { signalUnit: 'Cel', kind: 'thermal' }).signalUnit).toBe('Cel')
})
