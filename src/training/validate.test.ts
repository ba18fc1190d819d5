/// <reference lib="esnext.float16" />
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { expect, test } from 'vitest'
import { DEFAULT_PREPROCESSING } from '#core/preprocessing.ts'
import { drawnViews, TINY_SIZE, tinyImages } from './tiny-training.ts'
import { openValidator } from './validate.ts'

test('a mask that cannot be read ends validation with its code, also where a view comes later than that is known', async () => {
  const folder = await mkdtemp(path.join(tmpdir(), 'zaoshai-validate-'))
  try {
    const views = drawnViews()
    const slow: typeof views.read = async (...of) => {
      await new Promise((resolve) => setTimeout(resolve, 100))
      return views.read(...of)
    }
    const close = async () => {}
    const run = () => Promise.reject(new Error('nothing to run'))
    const session = { inputNames: [], run, close, [Symbol.asyncDispose]: close }
    await using validator = openValidator(
      session,
      { ...views, read: slow },
      {
        ...{ size: TINY_SIZE, trunkFrom: 12, batch: 2, maskThreshold: 0.4 },
        modalities: ['US'],
        presenceModalities: new Set(),
        trainSample: [],
        val: tinyImages(folder).slice(4),
        preprocessing: () => ({ ...DEFAULT_PREPROCESSING.US, size: TINY_SIZE }),
      },
    )
    await expect(validator.validate(new Map())).rejects.toMatchObject({ code: 'FILE_UNREADABLE' })
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
})
