import { execFile } from 'node:child_process'
import { mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { expect, test } from 'vitest'
import { Graph } from './graph.ts'
import { toOnnx } from './onnx.ts'
import { openSession } from './session.ts'

const script = `
  const engine = (file) => import(new URL(file, '${import.meta.url}'))
  const { Graph } = await engine('graph.ts')
  const { toOnnx } = await engine('onnx.ts')
  const { onnxRuntime } = await engine('onnxruntime.ts')
  const { openSession } = await engine('session.ts')
  const model = toOnnx({ y: new Graph().input('x', [1]) })`
const uses = {
  'this thread': 'await (await onnxRuntime()).InferenceSession.create(model)',
  'a worker': 'await (await openSession(model)).close()',
}

test.each(Object.entries(uses))('a session in %s writes no telemetry under the home folder', async (_, use) => {
  const folder = await mkdtemp(join(tmpdir(), 'telemetry-'))
  const home = join(folder, 'home')
  const { ORT_DISABLE_TELEMETRY: _set, ...env } = process.env
  try {
    await mkdir(home)
    await writeFile(join(folder, 'use.mjs'), `${script}\n${use}`)
    await promisify(execFile)(process.execPath, [join(folder, 'use.mjs')], {
      env: { ...env, HOME: home, USERPROFILE: home, XDG_CACHE_HOME: join(home, '.cache') },
    })
    expect(await readdir(home)).toEqual([])
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
})

test('half-precision feeds reach a session', async () => {
  const x = new Graph().input('x', [3], 'float16')
  await using session = await openSession(toOnnx({ same: x }))
  const data = Float16Array.of(0.5, -3, 65504)
  const { same } = await session.run({ x: { data, shape: [3] } })
  expect(same?.data).toEqual(data)
})
