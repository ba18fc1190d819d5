import { describe, expect, test } from 'vitest'
import { absent } from '#core/absent.ts'
import type { Modality, Side } from '#core/modality.ts'
import type { ImageReport, ReadImage } from '#core/report.ts'
import type { Energy, View } from '#core/study.ts'
import { composeReport, type ReportParts } from './compose.ts'

function read(side: Side, view: View, over: Partial<ReadImage> = {}): ReadImage {
  const modality: Modality = over.modality ?? 'MG'
  return {
    status: 'read',
    id: `${side}-${view}-${over.energy ?? modality}`,
    file: `${side}_${view}.png`,
    side,
    view,
    modality,
    sha256: 'a'.repeat(64),
    size: { width: 512, height: 512 },
    pixelSpacingMm: absent('no-pixel-spacing'),
    nipplePx: absent('nipple-not-given'),
    nippleProposal: absent('not-for-this-modality'),
    pectoralMuscle: absent('not-for-this-modality'),
    quality: [],
    standardisation: [],
    presence: absent('no-normal-training-data'),
    sequence: absent('single-frame'),
    marking: {
      by: 'software',
      mask: `masks/${side}.png`,
      overlay: `overlays/${side}.png`,
      expectedDice: absent('no-lesion-marked'),
      lesions: [],
    },
    ...over,
  }
}

const unreadable = (side: Side, view: View): ImageReport => ({
  status: 'unreadable',
  id: `${side}-${view}`,
  file: 'x.png',
  side,
  view,
  modality: 'MG',
  code: 'IMAGE_UNREADABLE',
})

function compose(images: readonly ImageReport[], over: Partial<ReportParts> = {}) {
  return composeReport({
    study: { id: 'visit-1', date: '2026-03-01' },
    softwareVersion: '0.1.0',
    createdAt: new Date(0),
    model: { id: 'm', sha256: 'b'.repeat(64), validatedModalities: ['US'], figures: [], confidence: [], limits: [] },
    images,
    refused: [],
    comparison: absent('no-mirrored-view'),
    ...over,
  })
}

const codes = (report: ReturnType<typeof compose>) => report.notices.map(({ code }) => code)
const allFour = (['R', 'L'] as const).flatMap((side) => [read(side, 'CC'), read(side, 'MLO')])

describe('mammography', () => {
  test('is complete with CC and MLO of both sides', () => {
    const report = compose(allFour)
    expect([report.status, report.sides.L.status, report.sides.R.status]).toEqual(['complete', 'imaged', 'imaged'])
    expect(codes(report)).not.toContain('incomplete')
  })

  test('names the view that is missing and calls the side and the woman incomplete', () => {
    const report = compose(allFour.slice(0, 3))
    expect(report.status).toBe('incomplete')
    expect(report.sides.R.status).toBe('imaged')
    expect(report.sides.L.status).toBe('incomplete')
    expect(report.sides.L.missing).toEqual([{ modality: 'MG', view: 'MLO' }])
  })

  test('an image that is not judged is not examined: its side and the woman are incomplete, and the report says so', () => {
    for (const reason of ['blank-image', 'image-is-noise', 'not-this-modality'] as const) {
      const refused = read('R', 'MLO', { marking: absent(reason), presence: absent(reason) })
      const report = compose([...allFour.filter(({ id }) => id !== refused.id), refused])
      expect([report.status, report.sides.L.status, report.sides.R.status]).toEqual([
        'incomplete',
        'imaged',
        'incomplete',
      ])
      expect(report.sides.R.missing).toEqual([{ modality: 'MG', view: 'MLO' }])
      expect(codes(report)).toEqual(expect.arrayContaining(['incomplete', 'not-judged']))
      expect(codes(report)).not.toContain('modality-not-validated')
    }
  })

  test('of two energies wants every view in both', () => {
    const pair = (side: Side, view: View) =>
      (['low-energy', 'subtracted'] as const).map((energy: Energy) => read(side, view, { energy }))
    const images = [...pair('R', 'CC'), ...pair('R', 'MLO'), ...pair('L', 'CC'), ...pair('L', 'MLO')]
    expect(compose(images).status).toBe('complete')
    expect(compose(images.slice(0, 7)).sides.L.missing).toEqual([{ modality: 'MG', view: 'MLO', energy: 'subtracted' }])
  })

  test('of one side leaves the other not imaged and names all its views', () => {
    const report = compose(allFour.slice(0, 2))
    expect(report.sides.L.status).toBe('not-imaged')
    expect(report.sides.L.missing).toHaveLength(2)
    expect(report.status).toBe('incomplete')
  })
})

describe('ultrasound', () => {
  const us = (side: Side) => read(side, 'unspecified', { modality: 'US' })
  test('of both sides is complete, of one it is not', () => {
    expect(compose([us('L'), us('R')]).status).toBe('complete')
    const report = compose([us('L')])
    expect([report.status, report.sides.L.status, report.sides.R.status]).toEqual([
      'incomplete',
      'imaged',
      'not-imaged',
    ])
  })
  test('of one side beside mammography of both changes nothing; instead of it, both sides are incomplete', () => {
    expect(compose([...allFour, us('L')]).status).toBe('complete')
    const report = compose([us('L'), read('R', 'CC'), read('R', 'MLO')])
    expect([report.sides.L.status, report.sides.R.status]).toEqual(['incomplete', 'incomplete'])
  })
})

test('an unreadable image makes its side incomplete, and unreadable when it is the only one', () => {
  expect(compose([...allFour, unreadable('L', 'ML')]).sides.L.status).toBe('incomplete')
  const report = compose([read('R', 'CC'), read('R', 'MLO'), unreadable('L', 'CC')])
  expect(report.sides.L.status).toBe('unreadable')
  expect(report.status).toBe('incomplete')
  expect(codes(report)).toContain('unreadable-images')
})

test('an image of unknown side makes the woman incomplete', () => {
  const refused = [{ file: 'a.png', reason: 'side-unknown', code: 'SIDE_UNKNOWN' }] as const
  const report = compose(allFour, { refused })
  expect(report.status).toBe('incomplete')
  expect(codes(report)).toContain('side-unresolved')
})

test('no outline is said to be no clearance, and only where the software looked', () => {
  expect(codes(compose(allFour))).toContain('nothing-marked')
  const notLooked = allFour.map((image) => ({ ...image, marking: absent('modality-not-validated') }))
  const report = compose(notLooked)
  expect(codes(report)).not.toContain('nothing-marked')
  expect(codes(report)).toContain('modality-not-validated')
})

test('every report says that a doctor decides, and on mammograms what an outline does not say', () => {
  expect(codes(compose([]))).toContain('assists')
  expect(codes(compose(allFour))).toContain('mammography-limits')
})

test('a trouble that asks for a repeat is announced, one to be noted is not', () => {
  const finding = { code: 'blurred', value: 1, limit: 2 } as const
  const withFinding = (severity: 'repeat' | 'note') =>
    codes(compose([read('L', 'CC', { quality: [{ ...finding, severity }] })]))
  expect(withFinding('repeat')).toContain('repeat-advised')
  expect(withFinding('note')).not.toContain('repeat-advised')
})
