import { expect, test } from 'vitest'
import { seededRandom } from '#core/random.ts'
import { Graph } from '#engine/graph.ts'
import { toOnnx } from '#engine/onnx.ts'
import { openSession } from '#engine/session.ts'
import { initialCompanions, isCompanion, readsPairs, readTogether } from './companion.ts'
import { parameterSource } from './parameters.ts'
import type { NamedTensor, Weights } from './weights.ts'

const SHAPES = { embedding: [2, 2, 3, 256], highRes1: [2, 4, 6, 64], highRes0: [2, 8, 12, 32] } as const
type Level = keyof typeof SHAPES
const LEVELS = Object.keys(SHAPES) as Level[]
const random = seededRandom(3)
const feeds = Object.fromEntries(
  LEVELS.map((level) => {
    const shape = SHAPES[level]
    const length = shape.reduce((product, extent) => product * extent, 1)
    return [level, { shape, data: Float32Array.from({ length }, () => random.normal()) }]
  }),
) as unknown as Record<Level, { shape: readonly number[]; data: Float32Array }>

async function fused(weights: Weights): Promise<Record<Level, Float32Array>> {
  const graph = new Graph()
  const input = (level: Level) => graph.input(level, [...SHAPES[level]])
  const features = { embedding: input('embedding'), highRes1: input('highRes1'), highRes0: input('highRes0') }
  await using session = await openSession(
    toOnnx({ ...renamed(readTogether(features, parameterSource(graph, weights))) }),
  )
  const outputs = await session.run(feeds)
  return Object.fromEntries(LEVELS.map((level) => [level, outputs[`${level}.fused`]!.data])) as Record<
    Level,
    Float32Array
  >
}
const renamed = <T>(of: Record<Level, T>) => Object.fromEntries(LEVELS.map((level) => [`${level}.fused`, of[level]]))

test('corrections that have learned nothing change nothing', async () => {
  const start = initialCompanions()
  expect([...start.keys()].every(isCompanion)).toBe(true)
  expect([readsPairs(start), readsPairs(new Map())]).toEqual([true, false])
  const out = await fused(start)
  for (const level of LEVELS) expect(out[level]).toEqual(feeds[level].data)
})

test('to the low-energy image comes what the map makes of the subtracted one at the same place, to that nothing', async () => {
  const doubled = ({ shape, data }: NamedTensor): NamedTensor => {
    return { shape, data: data.map((_, i) => (i % (shape[0]! + 1) === 0 ? 2 : 0)) }
  }
  const out = await fused(new Map([...initialCompanions()].map(([name, tensor]) => [name, doubled(tensor)] as const)))
  for (const level of LEVELS) {
    const { data } = feeds[level]
    const half = data.length / 2
    for (let i = 0; i < half; i++) {
      expect(out[level][i]).toBeCloseTo(data[i]! + 2 * data[half + i]!, 5)
      expect(out[level][half + i]).toBe(data[half + i])
    }
  }
})
