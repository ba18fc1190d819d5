import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { HOSTILE } from '#report/samples.ts'
import { DEFAULT_MODEL, type ModelFile, type ModelMetadata, readModelFile, writeModel } from '#sam/model.ts'
import { printSummary } from '#training/summary.ts'
import { listModels, printCard, printModels, showModel } from './models.ts'
import { cardOf } from './models-card.ts'

let folder = ''
let original: ModelFile
beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'zaoshai-models-'))
  original = await readModelFile()
})
afterAll(() => rm(folder, { recursive: true, force: true }))

/** A model file of one small tensor with other metadata. */
async function put(name: string, over: Partial<ModelMetadata> = {}): Promise<string> {
  const file = path.join(folder, name)
  await mkdir(path.dirname(file), { recursive: true })
  const [first] = original.tensors
  await writeFile(file, writeModel(new Map([first!]), { ...original.metadata, name: path.parse(name).dir, ...over }))
  return file
}

describe('the list', () => {
  test('begins with the model that comes with the software, with its headline figures', async () => {
    const { models, refused } = await listModels([])
    expect(refused).toEqual([])
    expect(models).toHaveLength(1)
    const { sha256, modalities, isDefault, written } = models[0]!
    expect({ sha256, isDefault, written }).toEqual({ sha256: original.sha256, isDefault: true, written: null })
    const { lesionImages, presenceAuc } = cardOf(original, DEFAULT_MODEL).figures!.summary.perModality.US!.headline
    expect(modalities.US).toEqual({ lesionImages, presenceAuc })
  })

  test('has the model of a run folder, of the runs in a folder, and every model file of any other folder, once', async () => {
    await put('runs/a/model.safetensors')
    await put('runs/b/model.safetensors')
    const loose = await put('runs/loose.safetensors')
    await writeFile(path.join(folder, 'runs/a/best.safetensors'), 'a checkpoint is not looked at')
    await mkdir(path.join(folder, 'runs/unfinished'))
    const { models, refused } = await listModels([path.join(folder, 'runs'), path.join(folder, 'runs/a'), loose])
    expect(refused).toEqual([])
    expect(models.slice(1).map((model) => path.relative(folder, model.path))).toEqual([
      'runs/loose.safetensors',
      'runs/a/model.safetensors',
      'runs/b/model.safetensors',
    ])
    expect(models[1]!.written).toMatch(/^\d{4}-\d\d-\d\d$/)
  })

  test('names what is no model and goes on', async () => {
    const broken = path.join(folder, 'broken.safetensors')
    await writeFile(broken, 'not a model')
    const unfinished = path.join(folder, 'unfinished')
    await mkdir(unfinished)
    await writeFile(path.join(unfinished, 'config.json'), '{}')
    await writeFile(path.join(unfinished, 'last.safetensors'), 'a checkpoint')
    const { models, refused } = await listModels([broken, unfinished, path.join(folder, 'absent.safetensors')])
    expect(models).toHaveLength(1)
    expect(refused.map(({ file, error }) => [file, error.code]).sort()).toEqual([
      ['absent.safetensors', 'MODEL_NOT_FOUND'],
      ['broken.safetensors', 'WEIGHTS_CORRUPT'],
      ['unfinished', 'MODEL_NOT_FOUND'],
    ])
  })

  test('is printed with a line for each modality', async () => {
    const file = await put('bare/model.safetensors', {
      figures: {},
      modalities: { US: original.metadata.modalities.US! },
    })
    const { models } = await listModels([file])
    const lines = printModels(models, 'en').split('\n')
    expect(lines).toHaveLength(4)
    expect(lines[3]).toMatch(/^ {2}bare .+ Ultrasound +– +– /)
  })
})

describe('the card', () => {
  test('of the default model prints the very figures that evaluate printed, its data, thresholds and limits', () => {
    const card = cardOf(original, DEFAULT_MODEL)
    const text = printCard(card, 'en')
    expect(text).toContain(printSummary(card.figures!.summary))
    expect(text).toContain(printSummary(card.figures!.withoutPresenceGate!))
    expect(text).toMatch(/busi +train +388 +79/)
    expect(text).toContain(original.sha256)
    expect(text).toContain(card.data.sha256!)
    for (const limit of card.limits) expect(text).toContain(limit.en)
    expect(printCard(card, 'zh')).toContain('相对于基础权重的改变')
  })

  test('counts every changed parameter once, and tells what is new from what is changed', () => {
    const { changes } = cardOf(original, DEFAULT_MODEL)
    const all = [...original.tensors.values()].reduce((sum, { data }) => sum + data.length, 0)
    expect(changes.reduce((sum, { parameters }) => sum + parameters, 0)).toBe(all)
    expect(changes.filter(({ isNew }) => isNew).map(({ part }) => part)).toEqual([
      ...['companion', 'objectness_embedding', 'objectness_head', 'presence_head', 'prompt_tokens'],
    ])
  })

  test('says licences and the model it went on from where the file does', () => {
    const source = { dataset: 'clinic', title: 'Records', licence: 'none, own use', citation: 'the clinic' }
    const provenance = { ...original.metadata.provenance, sources: [source], startSha256: 'c'.repeat(64) }
    const metadata = { ...original.metadata, provenance }
    const text = printCard(cardOf({ ...original, metadata }, 'other.safetensors'), 'en')
    expect(text).toMatch(/clinic +Records +none, own use +the clinic/)
    expect(text).toContain('c'.repeat(64))
  })

  test('has what evaluate measured with this very file, and refuses what it measured with another', async () => {
    const { summary, withoutPresenceGate } = cardOf(original, DEFAULT_MODEL).figures!
    const of = { model: { name: 'x', sha256: original.sha256 }, split: 'external-test', dataHash: 'd'.repeat(64) }
    const row = {
      ...{ modality: 'US', kind: 'jpeg', strength: 30, lesionImages: 9, withoutPresenceGate: null },
      whatUserGets: { dice: 0.7, difference: -0.05, interval95: { low: -0.07, high: -0.03 } },
      normals: { images: 4, called: 2, calledClean: 1 },
    }
    const write = async (name: string, document: object) => {
      const file = path.join(folder, name)
      await writeFile(file, JSON.stringify(document))
      return file
    }
    const results = [
      await write('summary.json', { ...of, summary, withoutPresenceGate }),
      await write('robustness.json', { ...of, rows: [row] }),
    ]
    const out = path.join(folder, 'measured.html')
    const text = printCard(await showModel({ results, out, language: 'en' }), 'en')
    expect(text).toContain('Figures on external-test images dddddddddddd')
    expect(text.split(printSummary(summary))).toHaveLength(3)
    expect(text).toMatch(/jpeg 30 +9 +0\.700 -0\.050!/)
    expect(await readFile(out, 'utf8')).toContain('−0.050 [−0.070, −0.030]')

    const other = await write('other.json', { ...of, model: { sha256: 'e'.repeat(64) }, rows: [row] })
    const wrong = [other, await write('words.json', { rows: 'none' }), path.join(folder, 'absent.json')]
    for (const file of wrong) {
      const facts = { file: path.basename(file) }
      await expect(showModel({ results: [file], language: 'en' })).rejects.toMatchObject({
        code: 'RESULTS_UNFIT',
        facts,
      })
    }
  })

  test('of a file that tells nothing says so and gives no figure', () => {
    const metadata = { ...original.metadata, provenance: { data: 'words', settings: 3 }, figures: { split: 7 } }
    const card = cardOf({ ...original, metadata }, 'other.safetensors')
    expect(card).toMatchObject({ figures: null, heldOut: null, software: null, isDefault: false })
    expect(printCard(card, 'en')).toContain('the model file does not say')
    expect(printCard(card, 'en')).not.toMatch(/undefined|NaN|Dice/)
  })

  test('is written as a page whose every word is escaped', async () => {
    const hostile = {
      name: HOSTILE,
      provenance: { zaoshai: HOSTILE, data: { counts: { [`${HOSTILE} val lesion`]: 1 } } },
    }
    await put('hostile/model.safetensors', hostile)
    const out = path.join(folder, 'deep/card.html')
    const card = await showModel({ file: path.join(folder, 'hostile'), out, language: 'en' })
    expect(card.name).toBe(HOSTILE)
    const page = await readFile(out, 'utf8')
    expect(page).not.toMatch(/<script|<img|https?:/)
    expect(page).toContain('&lt;script&gt;')
  })

  test('that cannot be written is refused by the name of its file', async () => {
    const taken = path.join(folder, 'taken')
    await writeFile(taken, 'a file')
    await expect(showModel({ out: path.join(taken, 'card.html'), language: 'en' })).rejects.toMatchObject({
      code: 'OUTPUT_UNWRITABLE',
      facts: { output: 'card.html' },
    })
  })
})
