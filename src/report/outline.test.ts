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
  expect(diagonal.slice(1).map(({ x, y }, i) => [x - diagonal[i]!.x, y - diagonal[i]!.y])).toEqual([
    [0.5, 0.5],
    [0.5, 0.5],
    [0.5, 0.5],
  ])
})
