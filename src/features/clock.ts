import { type Absent, absent } from '#core/absent.ts'
import type { WordOf } from '#core/coded-features.ts'
import type { Side } from '#core/modality.ts'

/** An entered distance up to this lies under the areola. */
const SUBAREOLAR_MM = 10

/**
 * The quadrant of an hour 1..12, seen facing the woman: outer is toward 9 o'clock on the right breast and toward
 * 3 o'clock on the left one. 12, 3, 6 and 9 lie between two quadrants.
 */
export function quadrantOfClock(hour: number, side: Side, distanceMm?: number): WordOf<'quadrant'> | Absent {
  if (distanceMm !== undefined && distanceMm <= SUBAREOLAR_MM) return 'subareolar'
  if (hour % 3 === 0) return absent('between-quadrants')
  const isUpper = hour > 9 || hour < 3
  const isTowardThree = hour < 6
  const isOuter = isTowardThree === (side === 'L')
  return `${isUpper ? 'upper' : 'lower'}-${isOuter ? 'outer' : 'inner'}`
}
