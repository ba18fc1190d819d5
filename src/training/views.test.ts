/// <reference lib="esnext.float16" />
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import os from 'node:os'
import path from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { Mask } from '#core/mask.ts'
import { DEFAULT_PREPROCESSING } from '#core/preprocessing.ts'
import { encodeMaskPng } from '#imaging/encode.ts'
import { openFeatureCache } from './cache.ts'
import type { DatasetImage } from './dataset.ts'
import { examine } from './dataset.ts'
import type { FeatureExtractor, Features } from './frozen-features.ts'
import { parseManifest } from './manifest.ts'
import { featureShapes, stackViews } from './view-layout.ts'
import { openViewStore } from './views.ts'

const SIZE = 64
let folder = ''
let image: DatasetImage
beforeAll(async () => {
  folder = await mkdtemp(path.join(os.tmpdir(), 'zaoshai-views-'))
  const left = Uint8Array.from({ length: 4096 }, (_, i) => (i % 64 < 16 ? 1 : 0))
  await writeFile(path.join(folder, 'a.png'), await encodeMaskPng(Mask.from(left, { width: 64, height: 64 })))
  const { rows } = parseManifest('id,image,mask,split\na,a.png,a.png,train\n', { folder, modality: 'US' })
  image = (await examine(rows, 'train')).images[0]!
})
afterAll(() => rm(folder, { recursive: true, force: true }))

/** Stands in for the trunk: every feature is the image's mean, and calls are counted. */
function counting() {
  const calls = { count: 0 }
  const extractor: FeatureExtractor = {
    extract: async ({ data }) => {
      calls.count++
      const mean = data.reduce((sum, value) => sum + value, 0) / data.length
      const parts = Object.entries(featureShapes({ size: SIZE, trunkFrom: 12 })).map(([name, shape]) => {
        return [name, new Float32Array(shape.reduce((product, extent) => product * extent, 1)).fill(mean)]
      })
      return Object.fromEntries(parts) as Features
    },
    [Symbol.asyncDispose]: async () => {},
  }
  return { calls, extractor }
}

async function store(cacheName: string, seed = 1) {
  const { calls, extractor } = counting()
  const preprocessing = () => ({ ...DEFAULT_PREPROCESSING.US, size: SIZE })
  const cache = await openFeatureCache(path.join(folder, cacheName), 1e9)
  return { calls, views: openViewStore(cache, extractor, { seed, weightsId: 'w', trunkFrom: 12, preprocessing }) }
}

test('each view is computed once and read from the disk ever after', async () => {
  const first = await store('once')
  const seen: number[] = []
  await first.views.fill([{ image, views: 4 }], (done) => seen.push(done))
  expect(first.calls.count).toBe(4)
  expect(seen.at(-1)).toBe(4)
  const second = await store('once')
  await second.views.fill([{ image, views: 4 }], () => {})
  const [a, b] = [await first.views.read(image, 2), await second.views.read(image, 2)]
  expect(second.calls.count).toBe(0)
  expect(a).toEqual(b)
})

test('the target of the mirrored view is the mirrored target', async () => {
  const { views } = await store('mirror')
  const target = async (view: number) =>
    stackViews([await views.read(image, view)], { size: SIZE, trunkFrom: 12 }).target!.data
  const [plain, mirrored] = [await target(0), await target(1)]
  for (let y = 0; y < 16; y++) {
    for (let x = 0; x < 16; x++) expect(mirrored[y * 16 + x]).toBe(plain[y * 16 + 15 - x])
  }
  expect(plain[0]).toBe(1)
  expect(plain[15]).toBe(0)
})

test('views without chance are shared by runs of any seed, random ones are not', async () => {
  await (await store('seeds', 1)).views.fill([{ image, views: 3 }], () => {})
  const other = await store('seeds', 2)
  await other.views.fill([{ image, views: 3 }], () => {})
  expect(other.calls.count).toBe(1)
})
