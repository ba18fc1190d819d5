import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { parse } from 'csv-parse/sync'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { RobustnessRow } from '#training/robustness.ts'
import type { EvaluateProgress } from './evaluate.ts'
import { writeExampleManifest } from './example-manifest.ts'
import { examineRobustness } from './robustness.ts'

let folder = ''
let manifest = ''
beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'zaoshai-robustness-'))
  manifest = await writeExampleManifest(folder)
})
afterAll(() => rm(folder, { recursive: true, force: true }))

test('the default model on four images: what changes nothing differs by nothing, what takes the light away does', async () => {
  const out = path.join(folder, 'out')
  const steps: EvaluateProgress[] = []
  const { rows, text, badRows } = await examineRobustness(
    { data: [manifest], split: 'val', out, onEvaluating: (step) => steps.push(step) },
    [
      { kind: 'gain', strength: 1 },
      { kind: 'gain', strength: 0 },
    ],
  )
  expect(badRows).toEqual([])
  expect(rows.map(({ modality, strength, lesionImages }) => [modality, strength, lesionImages])).toEqual([
    ['US', 1, 1],
    ['US', 0, 1],
    ['MG', 1, 2],
    ['MG', 0, 2],
  ])
  for (const { strength, withoutPresenceGate } of rows) {
    if (strength === 1) expect(withoutPresenceGate?.difference).toBe(0)
    else expect(withoutPresenceGate?.difference).toBeLessThan(-0.1)
  }
  expect((await readdir(out)).sort()).toEqual(['robustness.csv', 'robustness.json', 'robustness.txt'])
  const written = JSON.parse(await readFile(path.join(out, 'robustness.json'), 'utf8'))
  expect(written.rows.map((row: unknown) => RobustnessRow.parse(row))).toEqual(rows)
  expect(parse(await readFile(path.join(out, 'robustness.csv')), { columns: true })).toHaveLength(4)
  expect(await readFile(path.join(out, 'robustness.txt'), 'utf8')).toBe(text)
  expect(steps.at(-1)).toEqual({ stage: 'evaluated', done: 4, total: 4 })
}, 300_000)

test('interrupted, it writes nothing', async () => {
  const controller = new AbortController()
  const out = path.join(folder, 'interrupted')
  const run = examineRobustness({
    data: [manifest],
    split: 'val',
    out,
    signal: controller.signal,
    onEvaluating: ({ stage }) => stage === 'evaluated' && controller.abort(),
  })
  await expect(run).rejects.toThrow(/abort/i)
  expect(await readdir(out)).toEqual([])
}, 300_000)
