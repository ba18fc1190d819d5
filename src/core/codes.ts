import { z } from 'zod'
import type { Side } from './modality.ts'

/** A coded concept: SCT is SNOMED CT, DCM is DICOM's own terminology (PS3.16). */
export const Code = z.strictObject({
  value: z.string().min(1),
  scheme: z.enum(['SCT', 'DCM', 'LN', 'NCIt']),
  meaning: z.string().min(1),
})
export type Code = z.infer<typeof Code>

export const LATERALITY_CODES = {
  L: { value: '80248007', scheme: 'SCT', meaning: 'Left breast' },
  R: { value: '73056007', scheme: 'SCT', meaning: 'Right breast' },
} as const satisfies Record<Side, Code>

/** CID 6165. */
export const DISTANCE_FROM_NIPPLE: Code = { value: '121242', scheme: 'DCM', meaning: 'Distance from nipple' }

export const ECHOGENIC_HALO: Code = { value: '111359', scheme: 'DCM', meaning: 'Echogenic halo' }

/** CID 6165. */
export const DISTANCE_FROM_SKIN: Code = { value: '121243', scheme: 'DCM', meaning: 'Distance from skin' }
export const DISTANCE_FROM_CHEST_WALL: Code = { value: '121244', scheme: 'DCM', meaning: 'Distance from chest wall' }

const sct = (value: string, meaning: string): Code => ({ value, scheme: 'SCT', meaning })

/** CID 6018: whole hours, there are no codes for halves of the breast's clock. */
export const CLOCK_CODES = {
  '1': sct('129772004', "1 o'clock position of breast"),
  '2': sct('129773009', "2 o'clock position of breast"),
  '3': sct('129774003', "3 o'clock position of breast"),
  '4': sct('129775002', "4 o'clock position of breast"),
  '5': sct('129776001', "5 o'clock position of breast"),
  '6': sct('129777005', "6 o'clock position of breast"),
  '7': sct('129778000', "7 o'clock position of breast"),
  '8': sct('129779008', "8 o'clock position of breast"),
  '9': sct('129780006', "9 o'clock position of breast"),
  '10': sct('129781005', "10 o'clock position of breast"),
  '11': sct('129782003', "11 o'clock position of breast"),
  '12': sct('129783008', "12 o'clock position of breast"),
} as const satisfies Record<string, Code>

export const QUADRANT_CODES = {
  'upper-outer': sct('76365002', 'Upper outer quadrant of breast'),
  'upper-inner': sct('77831004', 'Upper inner quadrant of breast'),
  'lower-outer': sct('33564002', 'Lower outer quadrant of breast'),
  'lower-inner': sct('19100000', 'Lower inner quadrant of breast'),
  central: sct('129786000', 'Central region of breast'),
  subareolar: sct('129784002', 'Subareolar region of breast'),
} as const satisfies Record<string, Code>
export type FindingSiteCode = keyof typeof QUADRANT_CODES

/** CID 212. */
export const DIRECTION_CODES = {
  lateral: sct('49370004', 'Lateral'),
  medial: sct('255561001', 'Medial'),
  superior: sct('264217000', 'Superior'),
  inferior: sct('261089000', 'Inferior'),
  central: sct('26216008', 'Central'),
} as const satisfies Record<string, Code>

const dcm = (value: string, meaning: string): Code => ({ value, scheme: 'DCM', meaning })

/** Words for a mass: CID 6004 (shape), 6006 (margin), 6152 (orientation), 6155 (posterior acoustic features). */
export const MASS_CODES = {
  oval: sct('84360004', 'Ovoid shape'),
  round: sct('42700002', 'Round shape'),
  irregular: sct('49608001', 'Irregular'),
  parallel: dcm('111355', 'Parallel'),
  'not-parallel': dcm('111356', 'Not parallel'),
  circumscribed: sct('129738007', 'Circumscribed lesion'),
  none: dcm('111367', 'No posterior acoustic features'),
  enhancement: dcm('111368', 'Posterior enhancement'),
  shadowing: dcm('111369', 'Posterior shadowing'),
} as const satisfies Record<string, Code>

export const DEPTH_CODES = {
  anterior: sct('255549009', 'Anterior'),
  middle: { value: 'C25569', scheme: 'NCIt', meaning: 'Middle' },
  posterior: sct('255551008', 'Posterior'),
} as const satisfies Record<string, Code>
