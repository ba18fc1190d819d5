import { createHash } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import path from 'node:path'
import { expect, test } from 'vitest'
import { DEFAULT_MODEL, ModelMetadata } from '#sam/model.ts'
import { readSafetensors } from '#sam/safetensors.ts'
import { printSummary, Summary } from '#training/summary.ts'

const card = await readFile(path.resolve(import.meta.dirname, '../../docs/model-card.md'), 'utf8')
const file = await readFile(DEFAULT_MODEL)
const metadata = ModelMetadata.parse(JSON.parse(readSafetensors(file).metadata.zaoshai ?? 'null'))

test('the model card is of the model that stands in the repository', () => {
  expect(card).toContain(metadata.name)
  expect(card).toContain(createHash('sha256').update(file).digest('hex'))
})

test('the card prints the figures that the model itself carries, with and without the presence gate', () => {
  expect(card).toContain(printSummary(Summary.parse(metadata.figures)).trim())
  expect(card).toContain(printSummary(Summary.parse(metadata.figures.withoutPresenceGate)).trim())
})

test('the model was trained on the train splits of busi and cesm and on nothing else', () => {
  const { counts } = metadata.provenance.data as { counts: Record<string, number> }
  expect(Object.keys(counts).filter((name) => name.includes(' train '))).toEqual([
    'busi train lesion',
    'busi train normal',
    'cesm train lesion',
  ])
  // 386 rows of cesm train less the 8 images of P313.
  expect(counts['cesm train lesion']).toBe(378)
  const { data } = metadata.provenance.together as { data: { counts: Record<string, number> } }
  expect(data.counts).toEqual({ 'cesm train lesion': 378, 'cesm val lesion': 102 })
})

test('the model file stays under 25 MB', () => {
  expect(file.length).toBeLessThan(25_000_000)
})
