import { expect, test } from 'vitest'
import { spacingOfScale } from './spacing.ts'

test('two clicks 300 px apart on 30 mm of scale are 0.1 mm a pixel, whatever the direction', () => {
  expect(spacingOfScale({ from: { x: 10, y: 20 }, to: { x: 10, y: 320 }, mm: 30 })).toBeCloseTo(0.1, 12)
  expect(spacingOfScale({ from: { x: 180, y: 240 }, to: { x: 0, y: 0 }, mm: 30 })).toBeCloseTo(0.1, 12)
})

test('points that coincide and spacings out of bounds give none', () => {
  expect(spacingOfScale({ from: { x: 10, y: 20 }, to: { x: 10, y: 20 }, mm: 30 })).toBeUndefined()
  expect(spacingOfScale({ from: { x: 0, y: 0 }, to: { x: 2, y: 0 }, mm: 30 })).toBeUndefined()
})
