import { expect, test } from 'vitest'
import { seededRandom } from '#core/random.ts'
import { Graph } from '#engine/graph.ts'
import { toOnnx } from '#engine/onnx.ts'
import { linear } from '#engine/operators/products.ts'
import { openSession } from '#engine/session.ts'
import { adapted, holdFactors, initialFactors, isFactor, mergeFactors } from './lora.ts'
import { parameterSource } from './parameters.ts'
import type { NamedTensor, Weights } from './weights.ts'

const random = seededRandom(3)
const BLOCK_7 = 'image_encoder.trunk.blocks.7.attn.proj.weight'
const BLOCK_6 = 'image_encoder.trunk.blocks.6.attn.proj.weight'
const MLP_7 = 'image_encoder.trunk.blocks.7.mlp.layers.0.weight'
const base: Weights = new Map<string, NamedTensor>([
  [BLOCK_6, { shape: [6, 5], data: normal(30) }],
  [BLOCK_7, { shape: [6, 5], data: normal(30) }],
  [MLP_7, { shape: [6, 5], data: normal(30) }],
])

test.each([
  ['attention', [BLOCK_7]],
  ['mlp', [MLP_7]],
  ['all', [BLOCK_7, MLP_7]],
] as const)('with targets %s only those matrices of the blocks that train get factors', (loraTargets, expected) => {
  const factors = initialFactors(base, { trunkFrom: 7, loraRank: 2, loraTargets }, seededRandom(1))
  expect([...factors.keys()]).toEqual(expected.flatMap((name) => [`lora.${name}.a`, `lora.${name}.b`]))
})

test('training goes on with factors of the same rank on the same matrices only', () => {
  const settings = { trunkFrom: 7, loraRank: 2, loraTargets: 'attention' } as const
  const held = new Map([...initialFactors(base, settings, seededRandom(1)), ['presence_head.bias', base.get(MLP_7)!]])
  expect(holdFactors(held, base, settings)).toBe(true)
  expect(holdFactors(held, base, { ...settings, loraRank: 3 })).toBe(false)
  expect(holdFactors(held, base, { ...settings, loraTargets: 'all' })).toBe(false)
  expect(holdFactors(held, base, { ...settings, trunkFrom: 6 })).toBe(false)
  expect(holdFactors(new Map(), base, settings)).toBe(false)
})

test('factors change nothing at first', () => {
  const factors = initialFactors(base, { trunkFrom: 7, loraRank: 2, loraTargets: 'attention' }, seededRandom(1))
  expect([...factors.keys()].every(isFactor)).toBe(true)
  const merged = mergeFactors(factors, base)
  expect(merged.get(BLOCK_7)?.data).toEqual(base.get(BLOCK_7)?.data)
})

test('a layer with factors gives what the same layer gives with the factors multiplied out', async () => {
  const factors = new Map<string, NamedTensor>([
    [`lora.${BLOCK_7}.a`, { shape: [2, 5], data: normal(10) }],
    [`lora.${BLOCK_7}.b`, { shape: [6, 2], data: normal(12) }],
  ])
  const all = new Map([...base, ...factors])
  const graph = new Graph()
  const x = graph.input('x', [4, 5])
  const source = adapted(parameterSource(graph, all), all)
  const merged = new Map([...mergeFactors(factors, base)].map(([name, tensor]) => [`merged.${name}`, tensor]))
  const model = toOnnx({
    factored: linear(x, source(BLOCK_7)),
    multiplied: linear(x, parameterSource(graph, merged)(`merged.${BLOCK_7}`)),
    untouched: linear(x, source(BLOCK_6)),
  })
  await using session = await openSession(model)
  const { factored, multiplied, untouched } = await session.run({ x: { data: normal(20), shape: [4, 5] } })
  for (let i = 0; i < 24; i++) expect(factored!.data[i]).toBeCloseTo(Number(multiplied!.data[i]), 4)
  expect(untouched!.data).not.toEqual(factored!.data)
})

test('a file without factors is left as it is', () => {
  const tensors = new Map([[BLOCK_6, { shape: [6, 5], data: normal(30) }]])
  expect(mergeFactors(tensors, base)).toEqual(tensors)
})

function normal(count: number): Float32Array {
  return Float32Array.from({ length: count }, () => random.normal())
}
