import { expect, test } from 'vitest'
import { seededRandom } from '#core/random.ts'
import { Graph } from '#engine/graph.ts'
import { toOnnx } from '#engine/onnx.ts'
import { openSession } from '#engine/session.ts'
import { isCompanion } from '#sam/companion.ts'
import { pointwise } from '#sam/layers.ts'
import { parameterSource } from '#sam/parameters.ts'
import SHAPES from '#sam/tensors.json' with { type: 'json' }
import type { NamedTensor } from '#sam/weights.ts'
import { promptFeeds } from './simulated-prompt.ts'
import { randomWeights } from './tiny-training.ts'
import { foldAdapters, startingWeights, trainingModel, trains } from './training-graph.ts'
import { featureShapes, maskSide, packView, stackViews, type ViewPart, viewLength, viewShapes } from './view-layout.ts'

const base = randomWeights()
const FROZEN = { trunkFrom: 12, trunk: 'lora', loraRank: 4, loraTargets: 'attention', together: false } as const

test('folded adapters give what the frozen convolution followed by the adapter gives', async () => {
  const random = seededRandom(6)
  const trained = new Map(
    [...startingWeights(base, { modalities: ['US'], ...FROZEN }, random)]
      .filter(([name]) => name.startsWith('high_res_adapters.'))
      .map(([name, { shape, data }]): [string, NamedTensor] => [
        name,
        { shape, data: data.map((value) => value + 0.1 * random.normal()) },
      ]),
  )
  const graph = new Graph()
  const x = graph.input('x', [1, 3, 3, 256])
  const before = parameterSource(graph, new Map([...base, ...trained]))
  const twoSteps = pointwise(pointwise(x, before, 'sam_mask_decoder.conv_s1'), before, 'high_res_adapters.1')
  const folded = foldAdapters(trained, base)
  expect([...folded.keys()].sort()).toEqual(
    ['conv_s0.bias', 'conv_s0.weight', 'conv_s1.bias', 'conv_s1.weight'].map((name) => `sam_mask_decoder.${name}`),
  )
  const renamed = new Map([...folded].map(([name, tensor]) => [`folded.${name}`, tensor]))
  const oneStep = pointwise(x, parameterSource(graph, renamed), 'folded.sam_mask_decoder.conv_s1')
  await using session = await openSession(toOnnx({ twoSteps, oneStep }))
  const data = Float32Array.from({ length: 9 * 256 }, () => random.normal())
  const outputs = await session.run({ x: { data, shape: [1, 3, 3, 256] } })
  const [two, one] = [outputs.twoSteps!.data as Float32Array, outputs.oneStep!.data as Float32Array]
  for (let i = 0; i < one.length; i++) expect(one[i]!).toBeCloseTo(two[i]!, 4)
})

test('adapters that did not move leave the convolutions as they were', () => {
  const start = startingWeights(base, { modalities: ['US'], ...FROZEN }, seededRandom(1))
  const trained = new Map([...start].filter(([name]) => trains(name, FROZEN)))
  const folded = foldAdapters(trained, base)
  for (const name of ['conv_s0.weight', 'conv_s1.weight', 'conv_s0.bias', 'conv_s1.bias']) {
    const [now, then] = [folded.get(`sam_mask_decoder.${name}`)!, base.get(`sam_mask_decoder.${name}`)!]
    for (let i = 0; i < now.data.length; i++) expect(now.data[i]).toBeCloseTo(then.data[i]!, 6)
  }
})

test('every parameter that trains gets a gradient, and the frozen trunk none', () => {
  const { parameters } = trainingModel(
    startingWeights(base, { modalities: ['MG', 'US'], ...FROZEN }, seededRandom(1)),
    {
      batch: 1,
      size: 64,
      modalities: ['MG', 'US'],
      ...FROZEN,
    },
  )
  expect(parameters).toContain('prompt_tokens.MG')
  expect(parameters).toContain('image_encoder.neck.convs.0.conv.weight')
  expect(parameters).toContain('high_res_adapters.0.weight')
  expect(parameters.filter((name) => /trunk|conv_s|point_embed|mlps\.[123]/.test(name))).toEqual([])
})

test('with a trunk that trains from block 10 on, its norms and the factors of its attention train, and no block before', () => {
  const settings = { ...FROZEN, modalities: ['US'] as const, trunkFrom: 10 }
  const blocks = Object.entries(SHAPES as Record<string, number[]>).filter(([name]) => name.includes('.trunk.'))
  const upper = blocks.map(([name, shape]): [string, NamedTensor] => {
    return [name, { shape, data: new Float32Array(shape.reduce((product, extent) => product * extent, 1)) }]
  })
  const start = startingWeights(new Map([...base, ...upper]), settings, seededRandom(1))
  const { parameters } = trainingModel(start, { batch: 1, size: 64, ...settings })
  const ofTrunk = parameters.filter((name) => name.includes('trunk'))
  expect(ofTrunk).toContain('lora.image_encoder.trunk.blocks.10.attn.qkv.weight.a')
  expect(ofTrunk).toContain('image_encoder.trunk.blocks.11.norm2.weight')
  expect(ofTrunk.every((name) => /blocks\.1[01]\.(norm[12]|attn\.(qkv|proj))\./.test(name))).toBe(true)
  expect(ofTrunk.filter((name) => /mlp|bias$/.test(name) && !name.includes('norm'))).toEqual([])
  const whole = { ...settings, trunk: 'full' } as const
  const blocksTrained = trainingModel(start, { batch: 1, size: 64, ...whole }).parameters
  expect(blocksTrained).toContain('image_encoder.trunk.blocks.10.mlp.layers.0.weight')
  expect(blocksTrained.filter((name) => name.includes('blocks')).every((name) => /blocks\.1[01]\./.test(name))).toBe(
    true,
  )
})

test('views are packed and stacked without loss beyond half precision', () => {
  const random = seededRandom(2)
  const layout = { size: 64, trunkFrom: 12 }
  const view = () =>
    Object.fromEntries(
      Object.entries(viewShapes(layout)).map(([name, shape]) => [
        name,
        Float32Array.from({ length: shape.reduce((product, extent) => product * extent, 1) }, () =>
          Math.fround(Math.f16round(random.normal())),
        ),
      ]),
    ) as Record<ViewPart, Float32Array>
  const [a, b] = [view(), view()]
  const packed = [packView(a, layout), packView(b, layout)]
  expect(packed[0]!.length).toBe(viewLength(layout))
  const stacked = stackViews(packed, layout)
  expect(stacked.target?.shape).toEqual([2, maskSide(64), maskSide(64)])
  for (const name of Object.keys(featureShapes(layout)) as ViewPart[]) {
    expect(stacked[name]?.data).toEqual(Float32Array.of(...a[name], ...b[name]))
  }
})

test('where exposures are read together nothing but that trains, and all of it gets a gradient', async () => {
  const settings = { ...FROZEN, together: true, modalities: ['MG'] as const }
  const start = startingWeights(base, settings, seededRandom(1))
  const { model, parameters } = trainingModel(start, { ...settings, batch: 2, size: 64 })
  expect(parameters.length).toBe(3)
  expect(parameters.every(isCompanion)).toBe(true)
  const random = seededRandom(2)
  const layout = { size: 64, trunkFrom: 12 }
  const views = [0, 1].map(() => {
    const parts = Object.entries(viewShapes(layout)).map(([name, shape]) => {
      const length = shape.reduce((product, extent) => product * extent, 1)
      return [name, Float32Array.from({ length }, () => (name === 'target' ? random.integer(2) : random.normal()))]
    })
    return packView(Object.fromEntries(parts) as Record<ViewPart, Float32Array>, layout)
  })
  const stacked = stackViews(views, layout)
  const half = { data: Float32Array.of(0.5, 0.5), shape: [2] }
  await using session = await openSession(model)
  const outputs = await session.run({
    ...stacked,
    ...promptFeeds(stacked.target!.data, maskSide(64), random),
    ...Object.fromEntries(parameters.map((name) => [name, start.get(name)!])),
    modality: { data: Float32Array.of(1, 1), shape: [2, 1] },
    lesion: { data: Float32Array.of(1, 1), shape: [2] },
    maskWeight: half,
    presenceWeight: { data: new Float32Array(2), shape: [2] },
  })
  for (const name of parameters) {
    const gradient = outputs[`gradient/${name}`]!.data as Float32Array
    expect(
      gradient.some((value) => value !== 0),
      name,
    ).toBe(true)
  }
})
