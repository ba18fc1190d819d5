import { expect, test } from 'vitest'
import { smoothOutline } from './outline.ts'

test('a square keeps its sides and loses half a pixel at each corner', () => {
  const square = [
    { x: 0, y: 0 },
    { x: 4, y: 0 },
    { x: 4, y: 4 },
    { x: 0, y: 4 },
  ]
  const smooth = smoothOutline(square)
  expect(smooth).toHaveLength(8)
  expect(smooth.slice(0, 2)).toEqual([
    { x: 0.5, y: 0 },
    { x: 3.5, y: 0 },
  ])
})

test('a staircase of single pixels becomes a straight diagonal', () => {
  const stairs = [
    { x: 0, y: 0 },
    { x: 1, y: 0 },
    { x: 1, y: 1 },
    { x: 2, y: 1 },
    { x: 2, y: 2 },
  ]
  const diagonal = smoothOutline(stairs).slice(0, 4)
  for (const { x, y } of diagonal) expect(x - y).toBeCloseTo(diagonal.indexOf({ x, y }) % 2 === 0 ? 0.5 : 0.5)
})
