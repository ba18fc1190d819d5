import { afterAll, beforeAll, expect, test } from 'vitest'
import { gradients } from './gradient.ts'
import { Graph } from './graph.ts'
import { toOnnx } from './onnx.ts'
import { gelu } from './operators/activation.ts'
import { meanAll, square, sub } from './operators/arithmetic.ts'
import { layerNorm } from './operators/normalisation.ts'
import { linear, matmul } from './operators/products.ts'
import type { TrainerState } from './protocol.ts'
import { openTrainer } from './session.ts'
import { openSoftwareWebgpu, type SoftwareWebgpu } from './software-webgpu.ts'

let webgpu: SoftwareWebgpu | undefined
beforeAll(async () => {
  webgpu = await openSoftwareWebgpu()
})
afterAll(() => webgpu?.close())

test('ten steps of a trainer on WebGPU end with the weights of the CPU, and again with the same bits', async ({
  skip,
}) => {
  if (!webgpu) return skip('no WebGPU')
  const { model, settings } = perceptron()
  const batches = Array.from({ length: 10 }, (_, step) => batch(step))
  await using trainer = await openTrainer(model, settings)
  for (const feeds of batches) await trainer.step(feeds, 1)
  const onCpu = [...(await trainer.state()).parameters].map(([name, { value }]) => [name, value] as const)
  const start = settings.parameters.map(({ name, value }) => [name, value] as const)
  const onWebgpu = await webgpu.call('train', { model, settings, batches })
  expect(onWebgpu.step).toBe(10)
  expect(furthest(onWebgpu, start)).toBeGreaterThan(0.05)
  // AdamW's step is the gradient by its own size, so a gradient off by 1e-6 moves a weight by as much of the rate.
  expect(furthest(onWebgpu, onCpu)).toBeLessThan(1e-4)
  expect(await webgpu.call('train', { model, settings, batches })).toEqual(onWebgpu)
})

test('several sessions on WebGPU at once do not disturb one another', async ({ skip }) => {
  if (!webgpu) return skip('no WebGPU')
  const device = webgpu
  const model = powers()
  const numbers = [1, 2, 3, 4]
  const runs = numbers.map((number) => device.call('run', { model, feeds: identityTimes(number) }))
  const first = (await Promise.all(runs)).map(({ power }) => power!.data[0])
  expect(first).toEqual(numbers.map((number) => number ** 9))
})

test('a process that ends while WebGPU computes ends as it wished', async ({ skip }) => {
  const other = await openSoftwareWebgpu()
  if (!other) return skip('no WebGPU')
  await expect(other.call('quit', { model: powers(), feeds: identityTimes(1) })).rejects.toThrow('code 0')
  expect(await other.close()).toBe(0)
})

/** Largest difference of any weight. */
function furthest(state: TrainerState, others: readonly (readonly [string, Float32Array])[]): number {
  return Math.max(
    ...others.flatMap(([name, other]) => {
      const { value } = state.parameters.get(name)!
      return Array.from(other, (weight, i) => Math.abs(weight - value[i]!))
    }),
  )
}

/** Two layers with a norm and a nonlinearity between them, learned by least squares. */
function perceptron() {
  const graph = new Graph()
  const shapes = { 'in.weight': [8, 3], 'in.bias': [8], scale: [8], shift: [8], 'out.weight': [1, 8] }
  const of = Object.fromEntries(Object.entries(shapes).map(([name, shape]) => [name, graph.input(name, shape)]))
  const hidden = layerNorm(
    linear(graph.input('x', [6, 3]), of['in.weight']!, of['in.bias']!),
    of.scale!,
    of.shift!,
    1e-5,
  )
  const loss = meanAll(square(sub(linear(gelu(hidden), of['out.weight']!), graph.input('y', [6, 1]))))
  const values = Object.values(of)
  const named = gradients(loss, values).map((gradient, i) => [`gradient/${values[i]!.name}`, gradient] as const)
  const parameters = values.map(({ name, shape }, i) => ({
    name,
    shape,
    value: wave(
      shape.reduce((product, extent) => product * extent, 1),
      i,
    ),
    learningRate: 0.02,
    decay: 0.01,
  }))
  return {
    model: toOnnx({ loss, ...Object.fromEntries(named) }),
    settings: { parameters, clipNorm: 1, averageDecay: 0.9 },
  }
}

function batch(step: number) {
  return { x: { data: wave(18, step + 50), shape: [6, 3] }, y: { data: wave(6, step + 90), shape: [6, 1] } }
}

function wave(length: number, phase: number): Float32Array {
  return Float32Array.from({ length }, (_, i) => Math.sin(12.9898 * (i + 1) + phase))
}

/** x to the ninth. */
function powers(): Uint8Array {
  const x = new Graph().input('x', [64, 64])
  let power = x
  for (let i = 1; i < 9; i++) power = matmul(power, x)
  return toOnnx({ power })
}

function identityTimes(number: number) {
  const data = Float32Array.from({ length: 64 * 64 }, (_, i) => (i % 65 === 0 ? number : 0))
  return { x: { data, shape: [64, 64] } }
}
