import { describe, expect, test } from 'vitest'
import { bilateralProblem, factsOfName, StudyFile, settleLaterality } from './study.ts'

describe('a file name', () => {
  test.each([
    ['20260101_L_CC.png', ['L'], 'CC', undefined],
    ['R_MLO.tif', ['R'], 'MLO', undefined],
    ['left-cc.JPG', ['L'], 'CC', undefined],
    ['Right mlo 2.png', ['R'], 'MLO', undefined],
    ['RCC.bmp', ['R'], 'CC', undefined],
    ['LeftMLO.png', ['L'], 'MLO', undefined],
    ['P313_R_DM_CC.jpg', ['R'], 'CC', 'low-energy'],
    ['P313_L_CM_MLO.jpg', ['L'], 'MLO', 'subtracted'],
    ['mass 2 cm L CC.png', ['L'], 'CC', undefined],
    ['mass 2 CM L CC.png', ['L'], 'CC', undefined],
    ['R_CC_recombined.png', ['R'], 'CC', 'subtracted'],
    ['bus_0010-r.png', ['R'], undefined, undefined],
    ['左乳_CC.png', ['L'], 'CC', undefined],
    ['右侧.png', ['R'], undefined, undefined],
    ['left_frontal.png', ['L'], 'frontal', undefined],
    ['image17.png', [], undefined, undefined],
    ['bus_0804-s.png', [], undefined, undefined],
    ['L_R_CC.png', ['L', 'R'], 'CC', undefined],
    ['lesion_lateral_relook.png', [], 'lateral', undefined],
  ] as const)('%s names sides %j, view %s, energy %s', (file, sides, view, energy) => {
    expect(factsOfName(file)).toEqual({ sides, view, energy })
  })
})

describe('a side', () => {
  test('is settled where all that name one agree', () => {
    expect(settleLaterality('L', ['L'])).toBe('L')
    expect(settleLaterality(undefined, ['R'])).toBe('R')
    expect(settleLaterality('R', [])).toBe('R')
  })
  test('is never guessed', () => {
    expect(settleLaterality(undefined, [])).toBe('side-unknown')
    expect(settleLaterality('L', ['R'])).toBe('laterality-conflict')
    expect(settleLaterality(undefined, ['L', 'R'])).toBe('laterality-conflict')
  })
  test('and both are stated, on a picture whose name says none', () => {
    expect(settleLaterality('B', [])).toBe('B')
    expect(settleLaterality('B', ['L'])).toBe('laterality-conflict')
    expect(settleLaterality('B', ['L', 'R'])).toBe('laterality-conflict')
  })
  test('of both is a frontal thermogram alone, whose rows are said to lead to the left', () => {
    const frontal = { modality: 'TG', view: 'frontal', patientOrientation: ['L', 'F'] } as const
    expect(bilateralProblem({ ...frontal, patientOrientation: ['L', 'F'] })).toBeUndefined()
    for (const over of [
      { modality: 'OT' },
      { view: 'oblique' },
      { patientOrientation: undefined },
      { patientOrientation: ['R', 'F'] },
      { patientOrientation: ['F', 'L'] },
    ] as const) {
      expect(bilateralProblem({ ...frontal, patientOrientation: ['L', 'F'], ...over } as never)).toMatch(/^side B: /)
    }
  })
})

describe('study.json', () => {
  const image = { file: 'a_L_CC.png' }
  test('refuses an image that is neither file nor sequence, a spacing without its source, a misspelt field, an id with a blank and a date that is none', () => {
    const wrong = [
      { id: 's1', images: [{ ...image, pixelSpacingMm: [0.1, 0.1] }] },
      { id: 's1', images: [{ ...image, pixelSpacing: [0.1, 0.1] }] },
      { id: 'Zhang San', images: [image] },
      { id: 's1', date: '2026-02-31', images: [image] },
      { id: 's1', images: [{ ...image, pixelSpacingMm: [0, 0.1], pixelSpacingSource: 'entered' }] },
      { id: 's1', images: [{ side: 'L' }] },
      { id: 's1', images: [{ file: 'a.png', side: 'B', nipplePx: { x: 1, y: 1 } }] },
      { id: 's1', images: [{ file: 'a.png', side: 'R', nipplePx: { R: { x: 1, y: 1 } } }] },
      { id: 's1', images: [{ file: 'a.png', side: 'B', clock: 10 }] },
      { id: 's1', images: [{ file: 'a.png', side: 'B', nippleDistanceMm: 20 }] },
      { id: 's1', images: [{ side: 'L', sequence: 's.json', temperature: { scale: 0.01, offset: 0 } }] },
    ]
    for (const study of wrong) expect(StudyFile.safeParse(study).success, JSON.stringify(study)).toBe(false)
  })
  test('accepts what docs/study.md shows', () => {
    const study = {
      id: 'visit-0042',
      date: '2026-03-01',
      modality: 'MG',
      images: [{ file: 'a.png', side: 'L', view: 'CC', pixelSpacingMm: [0.07, 0.07], pixelSpacingSource: 'file' }],
    }
    expect(StudyFile.parse(study)).toEqual(study)
    const withoutPicture = { id: 's1', images: [{ side: 'L', sequence: 's.json' }] }
    expect(StudyFile.parse(withoutPicture)).toEqual(withoutPicture)
  })
})
