import { chmod, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { listImages } from './inputs.ts'

let root = ''
beforeAll(async () => {
  root = await mkdtemp(path.join(tmpdir(), 'zaoshai-inputs-'))
})
afterAll(() => rm(root, { recursive: true }))

// root may read everything
test.skipIf(process.getuid?.() === 0 || process.platform === 'win32')(
  'a folder that may not be read is refused by its own name, and the rest goes on',
  async () => {
    const locked = path.join(root, 'locked')
    await mkdir(locked)
    await writeFile(path.join(root, 'a.png'), '')
    await chmod(locked, 0)
    const { images, refused } = await listImages([root], { modality: 'US' })
    await chmod(locked, 0o700)
    expect(images.map(({ file }) => file)).toEqual(['a.png'])
    expect(refused.map(({ file, error }) => [file, error.code, error.facts])).toEqual([
      ['locked', 'FILE_UNREADABLE', { file: 'locked' }],
    ])
  },
)
