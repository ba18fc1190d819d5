import { expect, test } from 'vitest'
import { seededRandom } from '#core/random.ts'
import { Graph } from '#engine/graph.ts'
import { toOnnx } from '#engine/onnx.ts'
import { openSession } from '#engine/session.ts'
import { pointwise } from '#sam/layers.ts'
import { parameterSource } from '#sam/parameters.ts'
import type { NamedTensor } from '#sam/weights.ts'
import { randomWeights } from './tiny-training.ts'
import { foldAdapters, startingWeights, trainingModel, trains } from './training-graph.ts'
import { featureShapes, maskSide, packView, stackViews, type ViewPart, viewLength, viewShapes } from './view-layout.ts'

const base = randomWeights()

test('folded adapters give what the frozen convolution followed by the adapter gives', async () => {
  const random = seededRandom(6)
  const trained = new Map(
    [...startingWeights(base, ['US'], random)]
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
  const start = startingWeights(base, ['US'], seededRandom(1))
  const trained = new Map([...start].filter(([name]) => trains(name)))
  const folded = foldAdapters(trained, base)
  for (const name of ['conv_s0.weight', 'conv_s1.weight', 'conv_s0.bias', 'conv_s1.bias']) {
    const [now, then] = [folded.get(`sam_mask_decoder.${name}`)!, base.get(`sam_mask_decoder.${name}`)!]
    for (let i = 0; i < now.data.length; i++) expect(now.data[i]).toBeCloseTo(then.data[i]!, 6)
  }
})

test('every parameter that trains gets a gradient, and the frozen trunk none', () => {
  const { parameters } = trainingModel(startingWeights(base, ['MG', 'US'], seededRandom(1)), {
    batch: 1,
    size: 64,
    modalities: ['MG', 'US'],
  })
  expect(parameters).toContain('prompt_tokens.MG')
  expect(parameters).toContain('image_encoder.neck.convs.0.conv.weight')
  expect(parameters).toContain('high_res_adapters.0.weight')
  expect(parameters.filter((name) => /trunk|conv_s|prompt_encoder|mlps\.[123]/.test(name))).toEqual([])
})

test('views are packed and stacked without loss beyond half precision', () => {
  const random = seededRandom(2)
  const size = 64
  const view = () =>
    Object.fromEntries(
      Object.entries(viewShapes(size)).map(([name, shape]) => [
        name,
        Float32Array.from({ length: shape.reduce((product, extent) => product * extent, 1) }, () =>
          Math.fround(Math.f16round(random.normal())),
        ),
      ]),
    ) as Record<ViewPart, Float32Array>
  const [a, b] = [view(), view()]
  const packed = [packView(a, size), packView(b, size)]
  expect(packed[0]!.length).toBe(viewLength(size))
  const stacked = stackViews(packed, size)
  expect(stacked.target.shape).toEqual([2, maskSide(size), maskSide(size)])
  for (const name of Object.keys(featureShapes(size)) as ViewPart[]) {
    expect(stacked[name].data).toEqual(Float32Array.of(...a[name], ...b[name]))
  }
})
