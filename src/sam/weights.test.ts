import { copyFile, mkdtemp, open, readdir, rm, writeFile } from 'node:fs/promises'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { readSafetensors, writeSafetensors } from './safetensors.ts'
import { cacheFolder, loadBaseWeights, loadOracleFiles, STANDARD_BASE_ID } from './weights.ts'
import { PACKAGE, type Progress } from './weights-source.ts'

const standardFile = `sam2-hiera-tiny-${STANDARD_BASE_ID}.safetensors`

let cache: string
let registry: Server | undefined

beforeEach(async () => {
  vi.stubEnv('ZAOSHAI_BASE_WEIGHTS', '')
  cache = await mkdtemp(join(tmpdir(), 'zaoshai-weights-'))
})

afterEach(async () => {
  vi.unstubAllEnvs()
  registry?.close()
  registry = undefined
  await rm(cache, { recursive: true, force: true })
})

/** A registry at a port where nobody listens: what a machine without network sees. */
function unplug(): void {
  vi.stubEnv('npm_config_registry', 'http://127.0.0.1:9/')
}

/** A registry that serves `tarball` as the package, with the integrity that is pinned. */
async function serve(
  tarball: (write: (chunk: Buffer) => void, breakOff: () => void) => void,
): Promise<{ requests: number }> {
  const counter = { requests: 0 }
  let origin = ''
  registry = createServer((request, response) => {
    const [, name = '', version = ''] = /^(.+)@(.+)$/.exec(PACKAGE.spec) ?? []
    if (!request.url?.endsWith('.tgz')) {
      const dist = { tarball: `${origin}/package.tgz`, integrity: PACKAGE.integrity }
      response.setHeader('content-type', 'application/json')
      response.end(JSON.stringify({ name, 'dist-tags': {}, versions: { [version]: { name, version, dist } } }))
      return
    }
    counter.requests++
    response.setHeader('content-length', PACKAGE.bytes)
    tarball(
      (chunk) => response.write(chunk),
      () => response.destroy(),
    )
  }).listen(0, '127.0.0.1')
  await new Promise((resolve) => registry?.once('listening', resolve))
  origin = `http://127.0.0.1:${(registry.address() as AddressInfo).port}`
  vi.stubEnv('npm_config_registry', `${origin}/`)
  return counter
}

async function damage(file: string): Promise<void> {
  const handle = await open(file, 'r+')
  await handle.write(Buffer.from('damage'), 0, 6, 10_000_000)
  await handle.close()
}

describe('base weights', () => {
  test('are the 305 tensors of the pinned file, and need no network once cached', async () => {
    await loadBaseWeights()
    unplug()
    const weights = await loadBaseWeights()
    expect(weights.size).toBe(305)
    expect(weights.id).toBe(STANDARD_BASE_ID)
    expect(weights.get('image_encoder.trunk.patch_embed.proj.weight')?.shape).toEqual([96, 3, 7, 7])
  })

  test('are views on one buffer', async () => {
    const weights = await loadBaseWeights()
    expect(new Set(weights.values().map(({ data }) => data.buffer)).size).toBe(1)
  })

  test('without network and cache are unavailable, said within seconds and with the remedy', async () => {
    unplug()
    const started = performance.now()
    await expect(loadBaseWeights({ cache })).rejects.toThrow(/WEIGHTS_UNAVAILABLE.*ZAOSHAI_BASE_WEIGHTS.*ECONNREFUSED/)
    expect(performance.now() - started).toBeLessThan(15_000)
    expect(await readdir(cache)).toEqual([])
  })

  test('damaged in the cache are made anew from the cached originals, without network, even by two processes at once', async () => {
    const { encoder, decoder } = await loadOracleFiles()
    await copyFile(encoder, join(cache, basename(encoder)))
    await copyFile(decoder, join(cache, basename(decoder)))
    await copyFile(join(cacheFolder(), standardFile), join(cache, standardFile))
    await damage(join(cache, standardFile))
    unplug()
    const stages: Progress[] = []
    const onProgress = (progress: Progress) => stages.push(progress)
    // Two at once, as two commands started together would.
    const both = await Promise.all([loadBaseWeights({ cache, onProgress }), loadBaseWeights({ cache, onProgress })])
    expect(both.map(({ id }) => id)).toEqual([STANDARD_BASE_ID, STANDARD_BASE_ID])
    expect(stages).toEqual([{ stage: 'convert' }, { stage: 'convert' }])
    expect((await readdir(cache)).sort()).toEqual([basename(decoder), basename(encoder), standardFile].sort())
  })

  test('damaged in the cache, with damaged originals and no network, are refused', async () => {
    const { encoder, decoder } = await loadOracleFiles()
    await copyFile(encoder, join(cache, basename(encoder)))
    await copyFile(decoder, join(cache, basename(decoder)))
    await damage(join(cache, basename(encoder)))
    await writeFile(join(cache, standardFile), 'half of it')
    unplug()
    await expect(loadBaseWeights({ cache })).rejects.toThrow(/WEIGHTS_UNAVAILABLE/)
  })
})

describe('a download', () => {
  test('of other bytes than the pinned ones is refused and leaves nothing', async () => {
    await serve((write, breakOff) => {
      write(Buffer.alloc(1_000_000))
      setTimeout(breakOff, 50)
    })
    await expect(loadBaseWeights({ cache })).rejects.toThrow(/WEIGHTS_/)
    expect(await readdir(cache)).toEqual([])
  })

  test('that breaks off is tried again, then reported, and leaves nothing', async () => {
    const gzipHeader = Buffer.from([0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 3])
    // One stored (uncompressed) deflate block after another: a tarball that never ends.
    const block = Buffer.concat([Buffer.from([0, 0xff, 0xff, 0, 0]), Buffer.alloc(0xffff)])
    const counter = await serve((write, breakOff) => {
      write(gzipHeader)
      for (let i = 0; i < 20; i++) write(block)
      setTimeout(breakOff, 100)
    })
    await expect(loadBaseWeights({ cache })).rejects.toThrow(/WEIGHTS_UNAVAILABLE/)
    expect(counter.requests).toBeGreaterThan(1)
    expect(await readdir(cache)).toEqual([])
  })

  test('that is stopped leaves nothing', async () => {
    const stop = new AbortController()
    await serve((write) => {
      write(Buffer.alloc(1_000_000))
      setTimeout(() => stop.abort(), 50)
    })
    await expect(loadBaseWeights({ cache, signal: stop.signal })).rejects.toThrow(/abort/i)
    expect(await readdir(cache)).toEqual([])
  })
})

describe('a weights file named by ZAOSHAI_BASE_WEIGHTS', () => {
  test('is used and gives its own hash as the id', async () => {
    const file = join(cache, 'mine.safetensors')
    await writeFile(file, writeSafetensors(new Map(await loadBaseWeights()), { note: 'mine' }))
    vi.stubEnv('ZAOSHAI_BASE_WEIGHTS', file)
    const weights = await loadBaseWeights()
    expect(weights.file).toBe('mine.safetensors')
    expect(weights.id).not.toBe(STANDARD_BASE_ID)
  })

  test('that is not there is unavailable', async () => {
    vi.stubEnv('ZAOSHAI_BASE_WEIGHTS', join(cache, 'none.safetensors'))
    await expect(loadBaseWeights()).rejects.toThrow(/WEIGHTS_UNAVAILABLE.*none\.safetensors/)
  })

  test('that lacks a tensor, or has one of another shape or name, is refused', async () => {
    const file = join(cache, 'mine.safetensors')
    vi.stubEnv('ZAOSHAI_BASE_WEIGHTS', file)
    vi.stubEnv('ZAOSHAI_BASE_WEIGHTS', '')
    const whole = await loadBaseWeights()
    vi.stubEnv('ZAOSHAI_BASE_WEIGHTS', file)
    const attempts: [RegExp, (tensors: Map<string, { shape: number[]; data: Float32Array }>) => void][] = [
      [/tensor missing/, (tensors) => tensors.delete('no_mem_embed')],
      [/shape differs/, (tensors) => tensors.set('no_mem_embed', { shape: [256], data: new Float32Array(256) })],
      [/not of this model/, (tensors) => tensors.set('other', { shape: [1], data: new Float32Array(1) })],
    ]
    for (const [problem, change] of attempts) {
      const tensors = new Map(whole.entries().map(([name, { shape, data }]) => [name, { shape: [...shape], data }]))
      change(tensors)
      await writeFile(file, writeSafetensors(tensors))
      await expect(loadBaseWeights()).rejects.toThrow(problem)
    }
  })
})

test('the file says where it comes from', async () => {
  await loadBaseWeights()
  const handle = await open(join(cacheFolder(), standardFile))
  const { buffer } = await handle.read(Buffer.alloc(400), 0, 400, 0)
  await handle.close()
  expect(buffer.toString('latin1')).toContain(PACKAGE.spec)
  expect(() => readSafetensors(buffer)).toThrow(/WEIGHTS_CORRUPT/)
})
