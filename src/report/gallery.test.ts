import { expect, test } from 'vitest'
import { gallery, legend } from './gallery.ts'
import { HOSTILE, samplePlate } from './samples.ts'

const NAMES = {
  doctor: { zh: '医生', en: 'Doctor' },
  first: { zh: '模型 A', en: 'Model A' },
  second: { zh: '模型 B', en: 'Model B' },
}

test('every outline is drawn in the line of its hand, the later hands over the earlier, all over their casings', () => {
  const { text } = gallery('g', [samplePlate('a')], NAMES)
  const drawn = [...text.slice(0, text.indexOf('<figcaption>')).matchAll(/class="(casing|line \w+)"/g)].map(
    ([, of]) => of,
  )
  expect(drawn).toEqual(['casing', 'casing', 'casing', 'line doctor', 'line first', 'line second'])
})

test('a model that marked nothing has no outline and says so beside its figures', () => {
  const plate = samplePlate('a')
  const { drawing, readings } = plate
  const empty = {
    ...plate,
    drawing: { ...drawing, outlines: { ...drawing.outlines, second: [] } },
    readings: readings.map((reading) => ({ ...reading, marked: reading.hand === 'first' })),
  }
  const { text } = gallery('g', [empty], NAMES)
  expect(text.match(/nothing marked/g)).toHaveLength(1)
  expect(text.match(/class="casing"/g)).toHaveLength(2)
})

test('every picture is named by its caption, and no two elements share a name', () => {
  const plates = ['a', 'b', 'a'].map(samplePlate)
  const { text } = gallery('g', plates, NAMES)
  const ids = [...text.matchAll(/ id="([^"]+)"/g)].map(([, id]) => id)
  expect(new Set(ids).size).toBe(3)
  expect([...text.matchAll(/aria-labelledby="([^"]+)"/g)].map(([, id]) => id)).toEqual(ids)
})

test('a legend names the hands that there are', () => {
  expect(legend({ doctor: NAMES.doctor, first: NAMES.first }).text).not.toContain('Model B')
  expect(legend(NAMES).text).toContain('Model B')
})

test('hostile text stays text', () => {
  const plate = { ...samplePlate(HOSTILE), notes: [HOSTILE] }
  expect(gallery('g', [plate], { ...NAMES, first: { zh: HOSTILE, en: HOSTILE } }).text).not.toMatch(/<script|<img/)
})
