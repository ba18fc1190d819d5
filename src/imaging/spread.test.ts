import { expect, test } from 'vitest'
import { spread } from './spread.ts'

const everywhere = () => true

test('every pixel goes to the region that is fewest steps away', () => {
  const size = { width: 40, height: 30 }
  const seeds = [
    { x: 5, y: 7 },
    { x: 31, y: 22 },
    { x: 20, y: 3 },
  ]
  const labels = new Int32Array(size.width * size.height)
  for (const [i, { x, y }] of seeds.entries()) labels[y * size.width + x] = i + 1
  spread(labels, size, everywhere)
  for (let i = 0; i < labels.length; i++) {
    const steps = seeds.map(({ x, y }) =>
      Math.max(Math.abs(x - (i % size.width)), Math.abs(y - Math.floor(i / size.width))),
    )
    expect(steps[labels[i]! - 1]).toBe(Math.min(...steps))
  }
})

test('nothing grows through walls or what is not passable, and walls do not grow', () => {
  const size = { width: 7, height: 1 }
  const walled = Int32Array.from([1, 0, 0, -1, 0, 0, 0])
  spread(walled, size, everywhere)
  expect([...walled]).toEqual([1, 1, 1, -1, 0, 0, 0])
  const open = Int32Array.from([1, 0, 0, 0, 0, 0, 0])
  spread(open, size, (x) => x < 4)
  expect([...open]).toEqual([1, 1, 1, 1, 0, 0, 0])
})
