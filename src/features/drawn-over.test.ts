import { describe, expect, test } from 'vitest'
import { absent, isAbsent } from '#core/absent.ts'
import { Mask } from '#core/mask.ts'
import { greyOf, tissueOf } from './drawn-over.ts'

/** A row of ten pixels with the named ones in it. */
const row = (...places: readonly number[]) =>
  Mask.from(
    Uint8Array.from({ length: 10 }, (_, i) => Number(places.includes(i))),
    { width: 10, height: 1 },
  )

describe('visible tissue', () => {
  const region = row(4)

  test('is that which is tissue and has nothing drawn over it', () => {
    expect(tissueOf({ region, tissue: row(2, 3, 4, 5), burnedIn: row(0, 3, 9) })).toEqual(row(2, 4, 5))
  })
  test('is everything that has nothing drawn over it where nobody said what is tissue', () => {
    expect(tissueOf({ region, burnedIn: row(0, 3, 9) })).toEqual(row(1, 2, 4, 5, 6, 7, 8))
  })
  test('is what it was said to be where nothing is drawn', () => {
    expect(tissueOf({ region, tissue: row(2, 3) })).toEqual(row(2, 3))
    expect(tissueOf({ region })).toBeUndefined()
  })
})

describe('the grey of a region of ten pixels', () => {
  const region = row(0, 1, 2, 3, 4, 5, 6, 7, 8, 9)

  test('is that of the whole where nothing is drawn', () => {
    expect(greyOf({ region })).toEqual(region)
  })
  test('is that of the pixels without marks, of which there must be five at least', () => {
    expect(greyOf({ region, burnedIn: row(0, 1, 2, 3) })).toEqual(row(4, 5, 6, 7, 8, 9))
    expect(greyOf({ region, burnedIn: row(0, 1, 2, 3, 4) })).toEqual(row(5, 6, 7, 8, 9))
    expect(greyOf({ region, burnedIn: row(0, 1, 2, 3, 4, 5) })).toEqual(absent('drawn-over'))
  })
  test('does not depend on what is drawn beside it', () => {
    expect(isAbsent(greyOf({ region: row(0, 1), burnedIn: row(2, 3, 4, 5, 6, 7, 8, 9) }))).toBe(false)
  })
})
