import { expect, test } from 'vitest'
import { byTurns, median } from './turns.ts'

test('the median is the middle value, or the mean of the two in the middle', () => {
  expect(median([3, 1, 2])).toBe(2)
  expect(median([4, 1, 3, 2])).toBe(2.5)
  expect(median([])).toBeNaN()
})

test('contenders run strictly by turns, and warm-up does not count', async () => {
  const order: string[] = []
  const contender = (name: string, time: number) => ({
    name,
    run: async () => {
      order.push(name)
      return time + order.length
    },
  })
  const [a, b] = await byTurns([contender('a', 10), contender('b', 20)], { turns: 2, warmUp: 1 }, () => {})
  expect(order.join('')).toBe('ababab')
  expect(a).toEqual([13, 15])
  expect(b).toEqual([24, 26])
})
