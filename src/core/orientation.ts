import { z } from 'zod'
import type { Side } from './modality.ts'

/** Directions of the body: anterior, posterior, right, left, head, feet. */
export type Direction = 'A' | 'P' | 'R' | 'L' | 'H' | 'F'

const OPPOSITE = { A: 'P', P: 'A', R: 'L', L: 'R', H: 'F', F: 'H' } as const satisfies Record<Direction, Direction>

const Directions = z
  .string()
  .regex(/^[APRLHF]{1,3}$/)
  .refine(
    (letters) => ![...letters].some((letter) => letters.includes(OPPOSITE[letter as Direction])),
    'a direction and its opposite exclude each other',
  )

/**
 * DICOM Patient Orientation (0020,0020): where the rows lead (x grows) and where the columns lead (y grows), the main
 * direction first. A right MLO as it is usually hung is `["P", "FL"]`, a left CC `["A", "R"]`.
 */
export const PatientOrientation = z.tuple([Directions, Directions])
export type PatientOrientation = z.infer<typeof PatientOrientation>

/** A step along one axis of the picture. */
export interface Step {
  readonly x: -1 | 0 | 1
  readonly y: -1 | 0 | 1
}

/** The axis of the picture that leads most toward `direction`; undefined where neither does. */
export function stepToward([row, column]: PatientOrientation, direction: Direction): Step | undefined {
  const opposite = OPPOSITE[direction]
  const candidates = [
    { rank: row.indexOf(direction), step: { x: 1, y: 0 } },
    { rank: row.indexOf(opposite), step: { x: -1, y: 0 } },
    { rank: column.indexOf(direction), step: { x: 0, y: 1 } },
    { rank: column.indexOf(opposite), step: { x: 0, y: -1 } },
  ] as const
  return candidates.filter(({ rank }) => rank >= 0).sort((a, b) => a.rank - b.rank)[0]?.step
}

/** Her left is on the picture's right, and her head up. */
export function facesViewer(orientation: PatientOrientation): boolean {
  return stepToward(orientation, 'L')?.x === 1 && stepToward(orientation, 'F')?.y === 1
}

/** Lateral of a breast is the side of the body that it lies on. */
export function lateralOf(side: Side): Direction {
  return side
}
