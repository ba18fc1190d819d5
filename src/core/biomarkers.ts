import { z } from 'zod'
import type { Code } from './codes.ts'
import { Side } from './modality.ts'
import type { Words } from './words.ts'

interface BiomarkerDeclaration {
  /** Pathology is of tissue of one breast, serum of the woman. */
  readonly kind: 'pathology' | 'serum'
  /** UCUM. */
  readonly unit: string
  /** Largest value there can be, where there is one. */
  readonly most?: number
  /** Whole numbers only. */
  readonly isScore?: true
  readonly label: Words
  /** Left out where no code was found whose property, specimen and scale are those of the value. */
  readonly code?: Code
}

/**
 * Biomarkers that a clinic may enter beside the images. Values are numbers as the laboratory gives them: whether they are
 * high or low is for a doctor to say.
 */
export const BIOMARKERS = {
  ER: {
    kind: 'pathology',
    unit: '%',
    most: 100,
    label: { zh: '雌激素受体（ER）阳性细胞比例', en: 'Oestrogen receptor (ER), stained cells' },
  },
  PR: {
    kind: 'pathology',
    unit: '%',
    most: 100,
    label: { zh: '孕激素受体（PR）阳性细胞比例', en: 'Progesterone receptor (PR), stained cells' },
  },
  'HER2-IHC': {
    kind: 'pathology',
    unit: '{score}',
    most: 3,
    isScore: true,
    label: { zh: 'HER2 免疫组化评分（0 至 3）', en: 'HER2 by immunohistochemistry, score 0 to 3' },
    code: { value: '85319-2', scheme: 'LN', meaning: 'HER2 [Presence] in Breast cancer specimen by Immune stain' },
  },
  'Ki-67': { kind: 'pathology', unit: '%', most: 100, label: { zh: 'Ki-67 增殖指数', en: 'Ki-67, stained nuclei' } },
  'CA15-3': {
    kind: 'serum',
    unit: 'U/mL',
    label: { zh: '糖类抗原 15-3（CA15-3）', en: 'Cancer antigen 15-3 (CA 15-3)' },
    code: { value: '6875-9', scheme: 'LN', meaning: 'Cancer Ag 15-3 [Units/volume] in Serum or Plasma' },
  },
  CEA: {
    kind: 'serum',
    unit: 'ng/mL',
    label: { zh: '癌胚抗原（CEA）', en: 'Carcinoembryonic antigen (CEA)' },
    code: { value: '2039-6', scheme: 'LN', meaning: 'Carcinoembryonic Ag [Mass/volume] in Serum or Plasma' },
  },
} as const satisfies Record<string, BiomarkerDeclaration>

export type BiomarkerName = keyof typeof BIOMARKERS
export const BIOMARKER_NAMES = Object.keys(BIOMARKERS) as [BiomarkerName, ...BiomarkerName[]]

export function biomarkerOf(name: BiomarkerName): BiomarkerDeclaration {
  return BIOMARKERS[name]
}

/** One value of a laboratory, as a person entered it. Its unit is stated, never assumed. */
export const Biomarker = z
  .strictObject({
    marker: z.enum(BIOMARKER_NAMES),
    value: z.number().min(0),
    unit: z.string().describe('UCUM; the one that is declared for the marker'),
    side: Side.optional().describe('Of the tissue; a serum value has none'),
    date: z.iso.date().optional().describe('When the sample was taken'),
  })
  .superRefine(({ marker, value, unit, side }, { addIssue }) => {
    const { kind, unit: declared, most, isScore } = biomarkerOf(marker)
    const say = (message: string) => addIssue({ code: 'custom', message })
    if (unit !== declared) say(`${marker} is given in ${declared}`)
    if (most !== undefined && value > most) say(`${marker} is at most ${most}`)
    if (isScore && !Number.isInteger(value)) say(`${marker} is a whole number`)
    if ((kind === 'pathology') !== (side !== undefined)) {
      say(kind === 'pathology' ? `${marker} needs a side` : `${marker} has no side`)
    }
  })
  .meta({ id: 'Biomarker' })
export type Biomarker = z.infer<typeof Biomarker>
