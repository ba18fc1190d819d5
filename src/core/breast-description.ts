import { z } from 'zod'
import { Absent } from './absent.ts'
import { Biomarker } from './biomarkers.ts'
import { Code } from './codes.ts'
import { FeatureValue } from './features.ts'
import { Words } from './words.ts'

/** Density of the breast on a mammogram, as a doctor read it. */
export const Density = z.enum(['a', 'b', 'c', 'd'])
export type Density = z.infer<typeof Density>

/** Background echotexture on ultrasound, as a doctor read it (DICOM CID 6151). */
export const Echotexture = z.enum(['homogeneous-fat', 'homogeneous-fibroglandular', 'heterogeneous'])
export type Echotexture = z.infer<typeof Echotexture>

interface CodedWords {
  readonly words: Words
  readonly code: Code
}

export const DENSITIES = {
  a: {
    words: { zh: '几乎全为脂肪', en: 'almost entirely fatty' },
    code: { value: '129716005', scheme: 'SCT', meaning: 'Almost entirely fat' },
  },
  b: {
    words: { zh: '散在纤维腺体', en: 'scattered fibroglandular density' },
    code: { value: '129717001', scheme: 'SCT', meaning: 'Scattered fibroglandular densities' },
  },
  c: {
    words: { zh: '不均匀致密', en: 'heterogeneously dense' },
    code: { value: '129718006', scheme: 'SCT', meaning: 'Heterogeneously dense' },
  },
  d: {
    words: { zh: '极度致密', en: 'extremely dense' },
    code: { value: '129719003', scheme: 'SCT', meaning: 'Extremely dense' },
  },
} as const satisfies Record<Density, CodedWords>

export const ECHOTEXTURES = {
  'homogeneous-fat': {
    words: { zh: '均质脂肪型', en: 'homogeneous, fat' },
    code: { value: '111351', scheme: 'DCM', meaning: 'Homogeneous fat echotexture' },
  },
  'homogeneous-fibroglandular': {
    words: { zh: '均质纤维腺体型', en: 'homogeneous, fibroglandular' },
    code: { value: '111352', scheme: 'DCM', meaning: 'Homogeneous fibroglandular echotexture' },
  },
  heterogeneous: {
    words: { zh: '不均质型', en: 'heterogeneous' },
    code: { value: '111353', scheme: 'DCM', meaning: 'Heterogeneous echotexture' },
  },
} as const satisfies Record<Echotexture, CodedWords>

/** What a doctor says of one breast in `study.json`. */
export const BreastEntry = z.strictObject({ density: Density.optional(), echotexture: Echotexture.optional() })
export type BreastEntry = z.infer<typeof BreastEntry>

/** Both sides of {@link BreastEntry}. */
export const BreastEntries = z.strictObject({ R: BreastEntry.optional(), L: BreastEntry.optional() })
export type BreastEntries = z.infer<typeof BreastEntries>

/** A coded value that a person entered. */
function entered<T extends z.ZodType>(value: T) {
  return z.strictObject({ value, source: z.literal('entered'), code: Code })
}

/** Which sentence was said; its words come from its table and from the values beside it. */
export const BreastSentenceCode = z.enum([
  'density-entered',
  'density-not-given',
  'echotexture-entered',
  'echotexture-not-given',
  'region-words',
  'vascularity-index',
  'vascularity-not-measured',
  'hotspots-not-measured',
  'hotspot-outlined',
  'brighter-than-other',
  'coarser-than-other',
  'warmer-than-other',
  'biomarker-entered',
])
export type BreastSentenceCode = z.infer<typeof BreastSentenceCode>

/** The breast itself, beside its lesions: what was measured of it and what a doctor entered, coded and in words. */
export const BreastDescription = z
  .strictObject({
    density: z.union([entered(Density), Absent]),
    echotexture: z.union([entered(Echotexture), Absent]),
    vascularity: z
      .union([
        z.array(z.strictObject({ image: z.string(), region: z.int().positive(), index: FeatureValue })).min(1),
        Absent,
      ])
      .describe(
        'Share of coloured pixels of a marked region and the tissue around it, where an image is a colour Doppler image',
      ),
    hotspots: z
      .union([
        z
          .array(
            z.strictObject({
              image: z.string(),
              region: z.int().positive(),
              aboveSurroundings: FeatureValue,
              aboveMirrored: FeatureValue,
            }),
          )
          .min(1),
        Absent,
      ])
      .describe(
        'Regions that a doctor outlined on thermograms: degrees above the ring around each and above its mirrored place',
      ),
    biomarkers: z.array(Biomarker),
    sentences: z.array(z.strictObject({ code: BreastSentenceCode, words: Words })),
  })
  .meta({ id: 'BreastDescription' })
export type BreastDescription = z.infer<typeof BreastDescription>

/** What only colour Doppler images have; unit %. Source: Huang, Chang and Chen, J. Ultrasound Med. 22(6), 2003. */
export const VASCULARITY_INDEX = { unit: '%', digits: 1 } as const
