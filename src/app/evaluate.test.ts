import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { parse } from 'csv-parse/sync'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { Summary } from '#training/summary.ts'
import { type EvaluateProgress, type Evaluation, evaluate } from './evaluate.ts'
import { EXAMPLE_IMAGES, writeExampleManifest } from './example-manifest.ts'

let folder = ''
let manifest = ''
beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'zaoshai-evaluate-'))
  manifest = await writeExampleManifest(folder)
})
afterAll(() => rm(folder, { recursive: true, force: true }))

describe('the default model on four images', () => {
  const steps: EvaluateProgress[] = []
  let out = ''
  let evaluation: Evaluation
  beforeAll(async () => {
    out = path.join(folder, 'deep/out')
    const onEvaluating = (step: EvaluateProgress) => steps.push(step)
    evaluation = await evaluate({ data: [manifest], split: 'val', out, language: 'en', onEvaluating })
  }, 300_000)

  test('is judged on every image, and each has its row', async () => {
    expect(evaluation).toMatchObject({ images: 4, badRows: [], split: 'val' })
    const rows = parse(await readFile(path.join(out, 'images.csv')), { columns: true }) as Record<string, string>[]
    expect(rows.map(({ id }) => id)).toEqual(EXAMPLE_IMAGES.map(({ id }) => id).sort())
    const summary = Summary.parse(JSON.parse(await readFile(path.join(out, 'summary.json'), 'utf8')).summary)
    const mean = rows
      .filter(({ truthAreaPx }) => truthAreaPx !== '0')
      .reduce((sum, { dice }) => sum + Number(dice) / 3, 0)
    expect(summary.allRows.lesionImages?.dice.mean).toBeCloseTo(mean, 4)
  })

  test('it says how far it is while it looks at, evaluates and draws the images', () => {
    for (const stage of ['examined', 'evaluated'] as const) {
      const of = steps.filter((step) => step.stage === stage)
      expect(of.map(({ done, total }) => [done, total])).toEqual([1, 2, 3, 4].map((done) => [done, 4]))
    }
    expect(steps.filter(({ stage }) => stage === 'drawn').length).toBeGreaterThan(0)
  })

  test('the page of the worst shows each image that is not perfect, worst first, and its markup stays ours', async () => {
    const page = await readFile(path.join(out, 'worst.html'), 'utf8')
    const rows = parse(await readFile(path.join(out, 'images.csv')), { columns: true }) as Record<string, string>[]
    const faulty = rows.filter(({ dice }) => Number(dice) < 1).sort((a, b) => Number(a.dice) - Number(b.dice))
    expect([...page.matchAll(/<strong id="worst-\d+">(.*?)<\/strong>/g)].map(([, id]) => unescaped(id!))).toEqual(
      faulty.map(({ id }) => id),
    )
    expect(page).not.toMatch(/<script|https?:|\bon[a-z]+="/)
    expect(page).toContain(evaluation.model.sha256.slice(0, 12))
  })
})

function unescaped(text: string): string {
  const characters = { '&amp;': '&', '&lt;': '<', '&gt;': '>', '&quot;': '"', '&#39;': "'" } as Record<string, string>
  return text.replace(/&(amp|lt|gt|quot|#39);/g, (entity) => characters[entity]!)
}

test('a folder that cannot be written to is refused before any image is looked at', async () => {
  const out = path.join(folder, 'taken')
  await writeFile(out, 'a file where the folder should be')
  const steps: EvaluateProgress[] = []
  const run = evaluate({ data: [manifest], split: 'val', out, onEvaluating: (step) => steps.push(step) })
  await expect(run).rejects.toMatchObject({ code: 'OUTPUT_UNWRITABLE', facts: { output: 'taken' } })
  expect(steps).toEqual([])
})

test('trying whether a folder can be written to leaves nothing in it', async () => {
  const out = path.join(folder, 'tried')
  await mkdir(out)
  await expect(evaluate({ data: [manifest], split: 'test', out })).rejects.toMatchObject({ code: 'NO_IMAGES' })
  expect(await readdir(out)).toEqual([])
})

test('an interrupted evaluation ends while it still looks at the images', async () => {
  const controller = new AbortController()
  const run = evaluate({
    data: [manifest],
    split: 'val',
    signal: controller.signal,
    onEvaluating: ({ done }) => done === 2 && controller.abort(),
  })
  await expect(run).rejects.toThrow(/abort/i)
})
