import { expect, test } from 'vitest'
import { agreementOf } from './kappa.ts'

const repeated = (first: string, second: string, times: number) =>
  Array.from({ length: times }, () => [first, second] as const)

test('a table worked by hand: 20 and 15 agreements, 5 and 10 disagreements give 0.7 and 0.4', () => {
  const pairs = [
    ...repeated('yes', 'yes', 20),
    ...repeated('yes', 'no', 5),
    ...repeated('no', 'yes', 10),
    ...repeated('no', 'no', 15),
  ]
  const { count, observed, kappa } = agreementOf(pairs)
  expect([count, observed]).toEqual([50, 0.7])
  expect(kappa).toBeCloseTo(0.4, 12)
})

test('it is 1 where all agree, 0 where the second reader says one word of everything, and the order of readers is nothing', () => {
  expect(agreementOf([...repeated('a', 'a', 3), ...repeated('b', 'b', 4)]).kappa).toBe(1)
  expect(agreementOf([...repeated('a', 'a', 3), ...repeated('b', 'a', 4)]).kappa).toBeCloseTo(0, 12)
  const pairs = [...repeated('a', 'b', 3), ...repeated('b', 'b', 4), ...repeated('c', 'a', 2)]
  expect(agreementOf(pairs.map(([a, b]) => [b, a] as const))).toEqual(agreementOf(pairs))
})
