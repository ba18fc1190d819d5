import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import os from 'node:os'
import path from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { type Checkpoint, readCheckpoint, writeCheckpoint } from './checkpoint.ts'

let folder = ''
beforeEach(async () => {
  folder = await mkdtemp(path.join(os.tmpdir(), 'zaoshai-checkpoint-'))
})
afterEach(() => rm(folder, { recursive: true, force: true }))

const state = (seed: number) => ({
  value: Float32Array.of(seed, Math.PI, 1e-40),
  mean: Float32Array.of(-seed, 0, 3),
  square: Float32Array.of(seed, 1, 1e-12),
  average: Float32Array.of(seed / 3, 2, -0),
})
const checkpoint: Checkpoint = {
  run: 'abc',
  epochs: 3,
  best: { score: 0.7123456789012345, epoch: 2 },
  trainer: {
    step: 60,
    parameters: new Map([
      ['decoder.weight', state(1)],
      ['tokens', state(2)],
    ]),
  },
}

test('a checkpoint comes back bit for bit', async () => {
  const file = path.join(folder, 'last.safetensors')
  await writeCheckpoint(file, checkpoint)
  expect(await readCheckpoint(file, 'abc')).toEqual(checkpoint)
})

test('an older checkpoint is replaced and nothing else is left behind', async () => {
  const file = path.join(folder, 'last.safetensors')
  await writeCheckpoint(file, checkpoint)
  await writeCheckpoint(file, { ...checkpoint, epochs: 4 })
  expect((await readCheckpoint(file, 'abc')).epochs).toBe(4)
  expect(await readdir(folder)).toEqual(['last.safetensors'])
})

test('an absent, cut-off or foreign checkpoint is refused by code', async () => {
  const file = path.join(folder, 'last.safetensors')
  await expect(readCheckpoint(file, 'abc')).rejects.toThrow(/CHECKPOINT_INVALID/)
  await writeCheckpoint(file, checkpoint)
  await expect(readCheckpoint(file, 'other')).rejects.toThrow(/CHECKPOINT_INVALID.*another run/)
  await writeFile(file, (await readFile(file)).subarray(0, -3))
  await expect(readCheckpoint(file, 'abc')).rejects.toThrow(/CHECKPOINT_INVALID.*damaged/)
})
