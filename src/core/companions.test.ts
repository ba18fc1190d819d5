import { expect, test } from 'vitest'
import { companionsOf } from './companions.ts'
import { nameWithoutEnergy } from './study.ts'

interface Shot {
  readonly id: string
  readonly view: string | null
  readonly energy: 'low-energy' | 'subtracted' | null
}
const shot = (id: string, view: string | null, energy: Shot['energy']): Shot => ({ id, view, energy })
const pairedIds = (shots: readonly Shot[]) =>
  [...companionsOf(shots, (of) => of)].map(([{ id }, companion]) => `${id}${companion.id}`).sort()

test('the two exposures of a view are companions of each other, and of nothing else', () => {
  const shots = [
    shot('a', 'R CC', 'low-energy'),
    shot('b', 'R MLO', 'low-energy'),
    shot('c', 'R CC', 'subtracted'),
    shot('d', 'L CC', 'subtracted'),
  ]
  expect(pairedIds(shots)).toEqual(['ac', 'ca'])
  expect(pairedIds(shots.toReversed())).toEqual(['ac', 'ca'])
})

test('where a view has an exposure twice, or nobody knows the view or the energy, nothing is paired', () => {
  const twice = [shot('a', 'v', 'low-energy'), shot('b', 'v', 'subtracted'), shot('c', 'v', 'subtracted')]
  expect(pairedIds(twice)).toEqual([])
  expect(pairedIds([shot('a', null, 'low-energy'), shot('b', null, 'subtracted')])).toEqual([])
  expect(pairedIds([shot('a', 'v', null), shot('b', 'v', 'subtracted')])).toEqual([])
})

test('names of the two exposures of a view differ in their energy alone', () => {
  const names = ['P105_R_CM_MLO.jpg', 'P105_R_DM_MLO.jpg', 'P105-R-subtracted-MLO.png', 'P105 R LE MLO.png']
  expect(new Set(names.map(nameWithoutEnergy))).toEqual(new Set(['P105 R MLO']))
  expect(nameWithoutEnergy('P105_R_CM_CC.jpg')).not.toBe(nameWithoutEnergy('P105_R_DM_MLO.jpg'))
})
