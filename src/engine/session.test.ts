import { expect, test } from 'vitest'
import { gradients } from './gradient.ts'
import { Graph } from './graph.ts'
import { toOnnx } from './onnx.ts'
import { add, div, mul, square, sub, sumAll } from './operators/arithmetic.ts'
import { linear, matmul } from './operators/products.ts'
import { openSession, openTrainer } from './session.ts'

function productModel(): Uint8Array {
  const graph = new Graph()
  return toOnnx({ product: matmul(graph.input('a', [2, 3]), graph.input('b', [3, 1])) })
}

/** Of the product. */
const FEEDS = {
  a: { data: new Float32Array(6), shape: [2, 3] },
  b: { data: new Float32Array(3), shape: [3, 1] },
}

test('a session computes in a worker while timers of the caller go on firing', async () => {
  await using session = await openSession(heavyModel(), { threads: 2 })
  let ticks = 0
  const timer = setInterval(() => ticks++, 1)
  await session.run({ x: { data: new Float32Array(700 * 700).fill(1e-3), shape: [700, 700] } })
  clearInterval(timer)
  expect(ticks).toBeGreaterThan(3)
})

test('a session returns outputs by name with their shapes', async () => {
  await using session = await openSession(productModel())
  const { product } = await session.run({
    a: { data: Float32Array.of(1, 2, 3, 4, 5, 6), shape: [2, 3] },
    b: { data: Float32Array.of(1, 1, 1), shape: [3, 1] },
  })
  expect(product).toEqual({ data: Float32Array.of(6, 15), shape: [2, 1] })
})

test('a missing feed is a coded error and the session goes on', async () => {
  await using session = await openSession(productModel())
  await expect(session.run({})).rejects.toMatchObject({ code: 'ENGINE_FAILED' })
  await expect(session.run(FEEDS)).resolves.toHaveProperty('product')
})

test('bytes that are no model are a coded error', async () => {
  await expect(openSession(Uint8Array.of(1, 2, 3))).rejects.toMatchObject({ code: 'ENGINE_FAILED' })
})

test('a device that is not installed is named, with what is present', async () => {
  const opened = openSession(productModel(), { device: 'cuda' })
  await expect(opened).rejects.toMatchObject({ code: 'DEVICE_UNAVAILABLE', facts: { device: 'cuda' } })
})

test('a session that is closed answers what it was asked before, and nothing after', async () => {
  const session = await openSession(productModel())
  const running = session.run(FEEDS)
  await session.close()
  await expect(running).resolves.toHaveProperty('product')
  await expect(session.run(FEEDS)).rejects.toMatchObject({ code: 'ENGINE_FAILED' })
})

test('a trainer fits a linear map, and its average follows the weights', async () => {
  await using trainer = await openFit()
  const losses: number[] = []
  for (let step = 0; step < 300; step++) losses.push((await trainer.step(batch(step), 1)).loss!.data[0] as number)
  expect(losses.at(-1)).toBeLessThan(1e-3)
  const { step, parameters } = await trainer.state()
  expect(step).toBe(300)
  expect(Math.abs(parameters.get('weight')!.average[0]! - 2)).toBeLessThan(0.1)
})

test('a restored trainer goes on bit for bit', async () => {
  await using whole = await openFit()
  for (let step = 0; step < 20; step++) await whole.step(batch(step), 1)

  await using first = await openFit()
  for (let step = 0; step < 9; step++) await first.step(batch(step), 1)
  await using second = await openFit()
  await second.restore(await first.state())
  for (let step = 9; step < 20; step++) await second.step(batch(step), 1)

  expect(await second.state()).toEqual(await whole.state())
})

test('a batch in pieces gives the step of the whole batch: losses, gradients and updates', async () => {
  await using whole = await openFit()
  await using pieces = await openFit(2)
  for (let step = 0; step < 5; step++) {
    const [expected, summed] = [await whole.step(batch(step), 1), await pieces.step(batch(step), 1)]
    for (const [name, { data }] of Object.entries(expected))
      expect(summed[name]!.data[0]).toBeCloseTo(Number(data[0]), 5)
  }
  const [expected, summed] = [await whole.state(), await pieces.state()]
  for (const [name, { value }] of expected.parameters) {
    for (const [i, number] of summed.parameters.get(name)!.value.entries()) expect(number).toBeCloseTo(value[i]!, 5)
  }
})

test('feeds that are no whole number of pieces are refused', async () => {
  await using trainer = await openFit(3)
  await expect(trainer.step(batch(0), 1)).rejects.toMatchObject({ code: 'SHAPE_MISMATCH' })
})

test('a gradient that is not finite stops the step and leaves the weights as they were', async () => {
  await using trainer = await openFit()
  const before = await trainer.state()
  const bad = { ...batch(0), x: { data: new Float32Array(8).fill(Number.NaN), shape: [4, 2] } }
  await expect(trainer.step(bad, 1)).rejects.toMatchObject({ code: 'TRAINING_DIVERGED' })
  expect(await trainer.state()).toEqual(before)
})

/** y = W x + b with W = [2, -1], b = 0.5, learned by least squares on four examples, so many at a time. */
function openFit(rows = 4) {
  const graph = new Graph()
  const weight = graph.input('weight', [1, 2])
  const bias = graph.input('bias', [1])
  const predicted = linear(graph.input('x', [rows, 2]), weight, bias)
  const loss = div(sumAll(square(sub(predicted, graph.input('y', [rows, 1])))), 4)
  const [weightGradient, biasGradient] = gradients(loss, [weight, bias])
  const model = toOnnx({ loss, 'gradient/weight': weightGradient!, 'gradient/bias': biasGradient! })
  const parameter = { learningRate: 0.1, decay: 0 }
  return openTrainer(model, {
    clipNorm: 10,
    averageDecay: 0.9,
    parameters: [
      { ...parameter, name: 'weight', value: new Float32Array(2), shape: [1, 2] },
      { ...parameter, name: 'bias', value: new Float32Array(1), shape: [1] },
    ],
  })
}

function batch(step: number) {
  const x = Float32Array.from({ length: 8 }, (_, i) => 2 * Math.sin(12.9898 * (8 * step + i + 1)))
  const y = Float32Array.from({ length: 4 }, (_, i) => 2 * x[2 * i]! - x[2 * i + 1]! + 0.5)
  return { x: { data: x, shape: [4, 2] }, y: { data: y, shape: [4, 1] } }
}

function heavyModel(): Uint8Array {
  const graph = new Graph()
  const x = graph.input('x', [700, 700])
  let product = x
  for (let i = 0; i < 30; i++) product = add(mul(matmul(product, x), 1e-3), x)
  return toOnnx({ product })
}
