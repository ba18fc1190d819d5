import { expect, test } from 'vitest'
import { type AbsenceReason, absent, isAbsent } from '#core/absent.ts'
import { GreyImage } from '#core/image.ts'
import { breastArea } from './breast-area.ts'

const SIZE = { width: 200, height: 250 }
const isBreast = (x: number, y: number) => x >= 10 && ((x - 10) / 160) ** 2 + ((y - 125) / 130) ** 2 <= 1
const level = (x: number, y: number) =>
  !isBreast(x, y) ? 0 : ((x - 10) / 85 + y / 130 < 1 ? 0.75 : 0.4) + 0.03 * Math.sin(13 * x + 78 * y)
const oblique = GreyImage.from(
  Float32Array.from({ length: SIZE.width * SIZE.height }, (_, i) => level(i % SIZE.width, Math.floor(i / SIZE.width))),
  SIZE,
)

test('on an MLO view the breast is what is exposed less the muscle', () => {
  const { exposed, muscle, breast } = breastArea(oblique, { modality: 'MG', view: 'MLO' })
  if (isAbsent(muscle)) throw new Error(muscle.absent)
  expect(breast.areaPx + muscle.mask.areaPx).toBe(exposed.areaPx)
  expect(muscle.mask.areaPx / exposed.areaPx).toBeGreaterThan(0.1)
})

test('elsewhere no muscle is looked for, each time for its own reason, and the breast is what is exposed', () => {
  const cases: [Parameters<typeof breastArea>[1], AbsenceReason][] = [
    [{ modality: 'MG', view: 'CC' }, 'not-for-this-view'],
    [{ modality: 'MG', view: 'unspecified' }, 'view-not-given'],
    [{ modality: 'MG', view: 'MLO', energy: 'subtracted' }, 'not-on-subtracted-image'],
    [{ modality: 'MG', view: 'MLO', patientOrientation: ['A', 'HR'] }, 'not-hung-upright'],
    // hung on its side: the head is to the right, or to the left
    [{ modality: 'MG', view: 'MLO', patientOrientation: ['H', 'A'] }, 'not-hung-upright'],
    [{ modality: 'MG', view: 'MLO', patientOrientation: ['F', 'P'] }, 'not-hung-upright'],
    [{ modality: 'TG', view: 'frontal' }, 'not-for-this-modality'],
  ]
  for (const [taken, reason] of cases) {
    const { exposed, muscle, breast } = breastArea(oblique, taken)
    expect(muscle).toEqual(absent(reason))
    expect(breast).toBe(exposed)
  }
})
