/// <reference lib="esnext.float16" />
import { mkdtemp, readdir, readFile, rm, utimes, writeFile } from 'node:fs/promises'
import os from 'node:os'
import path from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { openFeatureCache, type ViewOrigin, viewKey } from './cache.ts'

let folder = ''
beforeEach(async () => {
  folder = await mkdtemp(path.join(os.tmpdir(), 'zaoshai-cache-'))
})
afterEach(() => rm(folder, { recursive: true, force: true }))

const origin: ViewOrigin = {
  format: 1,
  imageSha256: 'a',
  maskSha256: 'b',
  preprocessing: { size: 448, fit: 'squash', denoise: 'none', contrast: 'none' },
  weightsId: 'w',
  trunkFrom: 12,
  view: 0,
  modality: null,
  seed: 0,
}
const values = Float16Array.from({ length: 100 }, (_, i) => i / 7)

test('what is written is read back, bit for bit', async () => {
  const cache = await openFeatureCache(folder, 1e6)
  const key = viewKey(origin)
  expect(await cache.read(key, 100)).toBeUndefined()
  await cache.write(key, values)
  expect(await cache.has(key, 100)).toBe(true)
  expect(await cache.read(key, 100)).toEqual(values)
})

test('everything that the features depend on changes the key', () => {
  const others: ViewOrigin[] = [
    { ...origin, format: 2 },
    { ...origin, imageSha256: 'c' },
    { ...origin, maskSha256: 'c' },
    { ...origin, weightsId: 'x' },
    { ...origin, view: 1 },
    { ...origin, seed: 1 },
    { ...origin, modality: 'US' },
    { ...origin, preprocessing: { ...origin.preprocessing, fit: 'letterbox' } },
    { ...origin, preprocessing: { ...origin.preprocessing, contrast: 'clahe' } },
  ]
  expect(new Set([origin, ...others].map(viewKey)).size).toBe(others.length + 1)
})

test('a damaged or cut-off file counts as absent', async () => {
  const cache = await openFeatureCache(folder, 1e6)
  const key = viewKey(origin)
  await cache.write(key, values)
  const file = path.join(folder, key.slice(0, 2), key)
  const bytes = await readFile(file)
  bytes[50]! ^= 1
  await writeFile(file, bytes)
  expect(await cache.read(key, 100)).toBeUndefined()
  await writeFile(file, bytes.subarray(0, 90))
  expect(await cache.has(key, 100)).toBe(false)
})

test('room is made by removing the oldest files of other runs, never the asked ones', async () => {
  const cache = await openFeatureCache(folder, 3 * 208)
  const keys = [0, 1, 2].map((view) => viewKey({ ...origin, view }))
  for (const [age, key] of keys.entries()) {
    await cache.write(key, values)
    await utimes(path.join(folder, key.slice(0, 2), key), 1000 + age, 1000 + age)
  }
  await cache.reserve(new Set([keys[0]!, 'new']), 100)
  const left = (await readdir(folder, { recursive: true })).map((name) => path.basename(name))
  expect(keys.map((key) => left.includes(key))).toEqual([true, false, true])
})

test('more than the limit is refused with the figures', async () => {
  const cache = await openFeatureCache(folder, 1000)
  await expect(cache.reserve(new Set(['a', 'b', 'c', 'd', 'e']), 100)).rejects.toThrow(/CACHE_FULL.*neededGib/)
})
