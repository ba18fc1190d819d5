/// <reference lib="esnext.float16" />
import { expect, test } from 'vitest'
import { seededRandom } from '#core/random.ts'
import { type BatchEntry, evaluationFeeds, trainingFeeds } from './batch.ts'
import { parseManifest } from './manifest.ts'
import { viewLength } from './view-layout.ts'

const SIZE = 32
const { rows } = parseManifest(
  'id,image,mask,class,split,modality\na,a,a,benign,train,US\nb,b,,normal,train,US\nc,c,c,malignant,train,MG\n',
  { folder: '/data/clinic', modality: undefined },
)
const batch: BatchEntry[] = rows.map((row, i) => ({
  image: { row, imageSha256: row.id, maskSha256: row.id, lesion: row.class !== 'normal' },
  view: new Float16Array(viewLength({ size: SIZE, trunkFrom: 12 })).fill(i),
  plain: true,
}))
const settings = {
  size: SIZE,
  trunkFrom: 12,
  modalities: ['MG', 'US'] as const,
  presenceModalities: new Set(['US'] as const),
}

test('masks are learned from lesion images, presence only where a modality has normal ones; shares add up to 1', () => {
  const feeds = trainingFeeds(batch, settings, seededRandom(1))
  expect(feeds.lesion?.data).toEqual(Float32Array.of(1, 0, 1))
  expect(feeds.maskWeight?.data).toEqual(Float32Array.of(0.5, 0, 0.5))
  expect(feeds.presenceWeight?.data).toEqual(Float32Array.of(0.5, 0.5, 0))
})

test('presence is learned from plain views alone', () => {
  const [lesion, normal] = [batch[0]!, batch[1]!]
  const drawn = [{ ...lesion, plain: false }, normal]
  expect(trainingFeeds(drawn, settings, seededRandom(1)).presenceWeight?.data).toEqual(Float32Array.of(0, 1))
})

test('a batch without a lesion weighs nothing instead of dividing by zero', () => {
  expect(trainingFeeds([batch[1]!], settings, seededRandom(1)).maskWeight?.data).toEqual(Float32Array.of(0))
})

test('each image chooses its modality, and evaluation sees no target', () => {
  const feeds = evaluationFeeds(batch, settings)
  expect(feeds.modality).toEqual({ data: Float32Array.of(0, 1, 0, 1, 1, 0), shape: [3, 2] })
  expect(Object.keys(feeds).sort()).toEqual(['highRes0', 'highRes1', 'modality', 'stage3', 'stage4'])
  expect(feeds.stage4?.shape).toEqual([3, 1, 1, 768])
  expect(feeds.stage4?.data[768]).toBe(1)
})
