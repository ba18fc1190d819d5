import fc from 'fast-check'
import { expect, test } from 'vitest'
import { adamWStep, averageStep, clipScale, globalNorm, parameterState } from './adamw.ts'
import { scheduleFactor } from './schedule.ts'

test('ten steps agree with PyTorch 1.13 torch.optim.AdamW', () => {
  // Oracle: AdamW([tensor([1., -2., 3.])], lr=0.1, weight_decay=0.05), gradient [0.5 i, -1, 0.1] at step i = 1..10.
  const state = parameterState(Float32Array.of(1, -2, 3))
  for (let step = 1; step <= 10; step++) {
    const gradient = Float32Array.of(0.5 * step, -1, 0.1)
    adamWStep(state, gradient, { step, learningRate: 0.1, decay: 0.05, gradientScale: 1 })
  }
  const expected = [-0.0118189, -0.9244228, 1.8755338]
  for (const [i, value] of expected.entries()) expect(state.value[i]).toBeCloseTo(value, 5)
})

test('with no gradient only the decay moves a weight, by learning rate times decay', () => {
  const state = parameterState(Float32Array.of(4))
  adamWStep(state, Float32Array.of(0), { step: 1, learningRate: 0.5, decay: 0.1, gradientScale: 1 })
  expect(state.value[0]).toBeCloseTo(4 * (1 - 0.05), 6)
})

test('the first step has the size of the learning rate whatever the gradient', () => {
  fc.assert(
    fc.property(fc.double({ min: 1e-3, max: 1e3, noNaN: true }), (gradient) => {
      const state = parameterState(Float32Array.of(0))
      adamWStep(state, Float32Array.of(gradient), { step: 1, learningRate: 0.01, decay: 0, gradientScale: 1 })
      expect(state.value[0]).toBeCloseTo(-0.01, 5)
    }),
  )
})

test('the average stays between the old average and the value', () => {
  const state = { ...parameterState(Float32Array.of(0)), value: Float32Array.of(1) }
  for (let step = 1; step <= 1000; step++) averageStep(state, 0.99, step)
  expect(state.average[0]).toBeGreaterThan(0.99)
  expect(state.average[0]).toBeLessThanOrEqual(1)
})

test('clipping brings the norm of all gradients together down to the limit and never raises it', () => {
  const gradients = [Float32Array.of(3), Float32Array.of(0, 4)]
  expect(globalNorm(gradients)).toBe(5)
  expect(clipScale(5, 1)).toBe(0.2)
  expect(clipScale(0.5, 1)).toBe(1)
})

test('the schedule warms up linearly, peaks at 1 and ends at 0', () => {
  const schedule = { warmUpSteps: 10, totalSteps: 110 }
  expect(scheduleFactor(schedule, 0)).toBeCloseTo(0.1)
  expect(scheduleFactor(schedule, 9)).toBe(1)
  expect(scheduleFactor(schedule, 10)).toBe(1)
  expect(scheduleFactor(schedule, 60)).toBeCloseTo(0.5)
  expect(scheduleFactor(schedule, 110)).toBeCloseTo(0)
})
