import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { absent, isAbsent } from '#core/absent.ts'
import { CURVE_TYPE_WORDS, INITIAL_RISE_WORDS } from '#core/kinetic-features.ts'
import { type ModelReport, Report } from '#core/report.ts'
import { opticalDensityAt } from '#imaging/tiny-kinetics.ts'
import { readStudy } from './read-study.ts'
import { screen } from './screen.ts'
import type { Segmenter } from './segment.ts'
import { SYNTHETIC_LESION, writeOpticalStudy } from './tiny-optical-study.ts'

const model: ModelReport = {
  id: 'test',
  sha256: 'a'.repeat(64),
  validatedModalities: [],
  figures: [],
  confidence: [],
  limits: [],
}
/** Of a model for other images. */
const segmenter: Segmenter = {
  isValidatedOn: () => false,
  judge: () => 'judgeable',
  standardise: () => {
    throw new Error('asked for a mask')
  },
  segment: () => {
    throw new Error('asked for a mask')
  },
}

let root = ''
const study = () => path.join(root, 'study')
beforeAll(async () => {
  root = await mkdtemp(path.join(tmpdir(), 'zaoshai-optical-'))
  await writeOpticalStudy(study(), 7)
})
afterAll(() => rm(root, { recursive: true }))

async function screened() {
  const unreadable: string[] = []
  const out = path.join(await mkdtemp(path.join(root, 'out-')), 'report')
  await screen(await readStudy(study()), {
    ...{ segmenter, model, out, now: new Date('2026-03-01T08:00:00Z'), language: 'en' },
    onUnreadable: (file, { code }) => unreadable.push(`${file} ${code}`),
  })
  const report = Report.parse(JSON.parse(await readFile(path.join(out, 'report.json'), 'utf8')))
  const [right, left] = [report.sides.R.images[0], report.sides.L.images[0]]
  if (right?.status !== 'read' || left?.status !== 'read') throw new Error('not read')
  return { right, left, unreadable, html: await readFile(path.join(out, 'report.html'), 'utf8') }
}

test('a synthetic optical recording that a doctor outlined has the known extremum, and maps on the page', async () => {
  const { right, left, html } = await screened()
  if (isAbsent(right.marking)) throw new Error('not marked')
  expect(right.marking).toMatchObject({ by: 'doctor', expectedDice: absent('outlined-by-doctor') })
  const { temporal } = right.marking.lesions[0]!.features
  if (isAbsent(temporal)) throw new Error(temporal.absent)
  const largest = opticalDensityAt(SYNTHETIC_LESION, 22)
  for (const { region } of temporal) expect(region.extremum).toMatchObject({ value: expect.closeTo(largest, 2) })
  expect(right.sequence).toMatchObject({ kind: 'optical', channels: 3, frames: 25, isCompensated: false })
  expect(left).toMatchObject({ marking: absent('modality-not-validated'), sequence: { channels: 3 } })
  expect(html.match(/<figure><svg viewBox="0 0 128 102" role="img" aria-labelledby="map-/g)).toHaveLength(6)
  expect(html).toContain('SYNTHETIC')
})

test('what is said of contrast agents alone stands nowhere in the report of light', async () => {
  const { html } = await screened()
  for (const { zh, en } of [...Object.values(CURVE_TYPE_WORDS), ...Object.values(INITIAL_RISE_WORDS)]) {
    expect(html).not.toMatch(new RegExp(`>${en}<`))
    expect(html).not.toContain(`>${zh}<`)
  }
  expect(html).not.toMatch(/enhancement|washout|强化|流出/)
})

test('a broken sequence costs the kinetics and not the image, and is named', async () => {
  const file = path.join(study(), 'R-sequence.json')
  const before = await readFile(file, 'utf8')
  await writeFile(file, before.replace('"optical"', '"radar"'))
  const { right, unreadable } = await screened()
  await writeFile(file, before)
  expect(unreadable).toEqual(['R-sequence.json SEQUENCE_INVALID'])
  expect(right.sequence).toEqual(absent('sequence-unreadable'))
  if (isAbsent(right.marking)) throw new Error('not marked')
  expect(right.marking.lesions[0]?.features.temporal).toEqual(absent('sequence-unreadable'))
  expect(right.marking.lesions[0]?.features.spatial.areaPx).toMatchObject({ unit: 'px2' })
})
