import { readFileSync } from 'node:fs'
import type { RasterImage } from '#core/image.ts'
import { appearance } from '#imaging/appearance.ts'
import { decodeImage } from '#imaging/decode.ts'
import { judged } from '#imaging/judgeable.ts'
import type { Measured } from './fit.ts'
import { ofFolder, ofManifest, type Picture } from './pictures.ts'
import { GREY, someVariant } from './variants.ts'
import { SYNTHETIC, synthetic } from './wrong.ts'

/** How many of each kind of synthetic picture. */
export const SYNTHETIC_COUNT = 30

export function read({ file, id }: Picture): Promise<RasterImage> {
  return decodeImage(readFileSync(file), id)
}

/** Pictures by which the score is made: those of the develop parts that it is asked about at all. */
export async function developCases(data: string, photographs: string): Promise<Measured[]> {
  const cases: Measured[] = []
  const add = (kind: string, isValid: boolean, raster: RasterImage) => {
    const measures = appearance(raster)
    // Blank and noise are refused before any modality is asked for; thermograms have no rule beyond that.
    if (judged(measures, 'TG') === 'judgeable' && measures.edgeTails <= 1) cases.push({ kind, isValid, measures })
  }
  for (const picture of ofManifest(data, 'busi').filter(({ part }) => part === 'develop')) {
    const raster = await read(picture)
    add('busi', true, raster)
    for (const draw of [0, 1]) add('busi', true, await someVariant(picture.id, draw).make(raster))
  }
  for (const set of ['cesm', 'mias', 'thermo_landmarks', 'thermo_temperature']) {
    for (const picture of ofManifest(data, set).filter(({ part }) => part === 'develop')) {
      add(set, false, await read(picture))
    }
  }
  for (const picture of ofFolder(photographs, 'photographs', true).filter(({ part }) => part === 'develop')) {
    const raster = await read(picture)
    add('photographs', false, raster)
    add('photographs in grey', false, await GREY.make(raster))
  }
  for (const kind of SYNTHETIC) {
    for (let i = 0; i < SYNTHETIC_COUNT; i++) add(kind.kind, false, await synthetic(kind, i, 'develop'))
  }
  return cases
}
