import { readFileSync } from 'node:fs'
import type { RasterImage } from '#core/image.ts'
import { type Appearance, appearance } from '#imaging/appearance.ts'
import { decodeImage } from '#imaging/decode.ts'
import { judged } from '#imaging/judgeable.ts'
import type { Measured } from './fit.ts'
import type { Seen } from './fit-look.ts'
import type { Impressions } from './impressions.ts'
import { ofFolder, ofManifest, type Picture } from './pictures.ts'
import { GREY, someVariant, someVariants, type Variant } from './variants.ts'
import { SYNTHETIC, synthetic } from './wrong.ts'

/** How many of each kind of synthetic picture. */
export const SYNTHETIC_COUNT = 30
/** Variants of each ultrasound that the second look learns from. */
const SEEN_VARIANTS = 4
/** Fewer pictures than this say nothing of their kind. */
const LEAST_OF_KIND = 5

export function read({ file, id }: Picture): Promise<RasterImage> {
  return decodeImage(readFileSync(file), id)
}

interface Developed {
  readonly kind: string
  readonly isValid: boolean
  readonly raster: RasterImage
  readonly measures: Appearance
}

/** Pictures by which the first look is made: those of the develop parts that it is asked about at all. */
export async function developCases(data: string, photographs: string): Promise<Measured[]> {
  const cases: Measured[] = []
  const variantsOf = (id: string) => [0, 1].map((draw) => someVariant(id, draw))
  for await (const { kind, isValid, measures } of developed(data, photographs, variantsOf)) {
    cases.push({ kind, isValid, measures })
  }
  return ofKinds(cases)
}

/** The same for the second look, which sees grey: photographs once, and all synthetic pictures are one kind. */
export async function developSeen(data: string, photographs: string, impressions: Impressions): Promise<Seen[]> {
  const cases: Seen[] = []
  const synthetic = new Set(SYNTHETIC.map(({ kind }) => kind))
  const variantsOf = (id: string) => someVariants(id, SEEN_VARIANTS)
  for await (const { kind, isValid, raster } of developed(data, photographs, variantsOf)) {
    if (kind === IN_GREY) continue
    const impression = await impressions.of(raster)
    cases.push({ kind: synthetic.has(kind) ? 'synthetic' : kind, isValid, impression })
  }
  return ofKinds(cases)
}

const IN_GREY = 'photographs in grey'

async function* developed(
  data: string,
  photographs: string,
  variantsOf: (id: string) => readonly Variant[],
): AsyncGenerator<Developed> {
  for await (const picture of ofDevelopParts(data, photographs, variantsOf)) {
    const measures = appearance(picture.raster)
    // Blank and noise are refused before any modality is asked for; thermograms have no rule beyond that.
    if (judged(measures, 'TG') === 'judgeable' && measures.edgeTails <= 1) yield { ...picture, measures }
  }
}

async function* ofDevelopParts(
  data: string,
  photographs: string,
  variantsOf: (id: string) => readonly Variant[],
): AsyncGenerator<Omit<Developed, 'measures'>> {
  for (const picture of ofManifest(data, 'busi').filter(({ part }) => part === 'develop')) {
    const raster = await read(picture)
    yield { kind: 'busi', isValid: true, raster }
    for (const { make } of variantsOf(picture.id)) yield { kind: 'busi', isValid: true, raster: await make(raster) }
  }
  for (const set of ['cesm', 'mias', 'thermo_landmarks', 'thermo_temperature']) {
    for (const picture of ofManifest(data, set).filter(({ part }) => part === 'develop')) {
      yield { kind: set, isValid: false, raster: await read(picture) }
    }
  }
  for (const picture of ofFolder(photographs, 'photographs', true).filter(({ part }) => part === 'develop')) {
    const raster = await read(picture)
    yield { kind: 'photographs', isValid: false, raster }
    yield { kind: IN_GREY, isValid: false, raster: await GREY.make(raster) }
  }
  for (const kind of SYNTHETIC) {
    for (let i = 0; i < SYNTHETIC_COUNT; i++) {
      yield { kind: kind.kind, isValid: false, raster: await synthetic(kind, i, 'develop') }
    }
  }
}

function ofKinds<T extends { readonly kind: string; readonly isValid: boolean }>(cases: readonly T[]): T[] {
  const kinds = Map.groupBy(cases, ({ kind }) => kind)
  return cases.filter(({ kind, isValid }) => isValid || kinds.get(kind)!.length >= LEAST_OF_KIND)
}
