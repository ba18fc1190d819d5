import { expect, test } from 'vitest'
import { CHANGE_FEATURES, changeUnitOf, kineticUnit } from './kinetic-features.ts'

test('units follow from the change: optical density has none, contrast percent, temperature degrees', () => {
  const units = (change: '1' | '%' | 'Cel') =>
    Object.values(CHANGE_FEATURES).map(({ dimension }) => kineticUnit(dimension, change))
  expect(units(changeUnitOf('optical', '1'))).toEqual(['1', 's', '/s', '/s', 's'])
  expect(units(changeUnitOf('contrast-agent', '1'))).toEqual(['%', 's', '%/s', '%/s', '%.s'])
  expect(units(changeUnitOf('thermal', 'Cel'))).toEqual(['Cel', 's', 'Cel/s', 'Cel/s', 'Cel.s'])
})
