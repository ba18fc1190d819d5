import { join } from 'node:path'
import type { Point } from '#core/geometry.ts'

export const CESM_IMAGES = join(
  process.env.ZAOSHAI_DATA ?? join(import.meta.dirname, '../../../shared/data'),
  'cesm/images',
)

/** One low-energy mammogram of the CESM training part as an engineer, no radiologist, marked it (ADR 25). */
export interface MammogramMarks {
  readonly image: string
  readonly view: string
  /** Which half it was in when the methods were made. */
  readonly part: string
  /** How well the muscle's edge is seen: clear, faint, none; empty on CC. */
  readonly muscle: string
  /** From the upper edge to the chest wall. */
  readonly muscleEdgePx: readonly Point[]
  readonly nipplePx: Point | undefined
}

const point = (text: string): Point => {
  const [x, y] = text.split(':').map(Number)
  return { x: x!, y: y! }
}

export const CESM_MARKS_FILE = join(import.meta.dirname, 'test-cesm-marks.csv')

/**
 * The marks are ours; the images are CESM's (CC BY 4.0, doi:10.7937/29kw-ae92) and are not here.
 * @param text of {@link CESM_MARKS_FILE}
 */
export function cesmMarks(text: string): MammogramMarks[] {
  const [, ...lines] = text.trim().split('\n')
  return lines.map((line) => {
    const [image = '', view = '', part = '', muscle = '', edge = '', nipple = ''] = line.split(',')
    return {
      ...{ image, view, part, muscle },
      muscleEdgePx: edge === '' ? [] : edge.split(' ').map(point),
      nipplePx: nipple === '' ? undefined : point(nipple),
    }
  })
}
