import { expect, test } from 'vitest'
import { seededRandom } from '#core/random.ts'
import { bootstrapInterval } from './bootstrap.ts'
import { mean } from './metrics.ts'

const own = (_: number, index = 0) => String(index)
const eachItsOwn = (value: { x: number; cluster: string }) => value.cluster

test('the interval of a constant is that constant', () => {
  expect(bootstrapInterval([2, 2, 2], own, mean, seededRandom(1), 50)).toEqual({ low: 2, high: 2 })
})

test('the same seed gives the same interval', () => {
  const items = Array.from({ length: 30 }, (_, i) => ({ x: i, cluster: String(i) }))
  const run = () => bootstrapInterval(items, eachItsOwn, (xs) => mean(xs.map((i) => i.x)), seededRandom(7), 200)
  expect(run()).toEqual(run())
})

test('it covers a normal mean about 95 times in 100', () => {
  const random = seededRandom(3, 'coverage')
  let covered = 0
  for (let trial = 0; trial < 200; trial++) {
    const items = Array.from({ length: 40 }, (_, i) => ({ x: random.normal(), cluster: String(i) }))
    const interval = bootstrapInterval(items, eachItsOwn, (xs) => mean(xs.map((i) => i.x)), random, 300)
    if (interval !== null && interval.low <= 0 && interval.high >= 0) covered++
  }
  // Binomial(200, 0.95) leaves 0.88..0.99 fewer than once in a thousand; percentile intervals sit slightly below 0.95.
  expect(covered / 200).toBeGreaterThan(0.88)
  expect(covered / 200).toBeLessThan(0.995)
})

test('copies in one cluster do not narrow the interval as independent images would', () => {
  const random = seededRandom(5)
  const base = Array.from({ length: 20 }, (_, i) => ({ x: random.normal(), cluster: String(i) }))
  const copied = base.flatMap((item) => [item, item, item, item])
  const alone = copied.map((item, i) => ({ ...item, cluster: String(i) }))
  const width = (items: typeof base) => {
    const interval = bootstrapInterval(items, eachItsOwn, (xs) => mean(xs.map((i) => i.x)), seededRandom(9), 500)
    return interval === null ? 0 : interval.high - interval.low
  }
  expect(width(copied)).toBeGreaterThan(1.5 * width(alone))
})

test('nothing to resample has no interval, nor has a single patient, whoever is drawn', () => {
  expect(bootstrapInterval([1, 2, 3], () => 'one woman', mean, seededRandom(1))).toBeNull()
  expect(bootstrapInterval([], own, mean, seededRandom(1))).toBeNull()
  expect(bootstrapInterval([1, 2], own, () => null, seededRandom(1), 10)).toBeNull()
})
