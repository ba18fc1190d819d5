import fc from 'fast-check'
import { type Absent, isAbsent } from '#core/absent.ts'
import type { GreyLevels } from './grey-levels.ts'

/** A small ragged region of up to five levels. */
export const raggedRegion: fc.Arbitrary<GreyLevels> = fc
  .tuple(fc.integer({ min: 2, max: 9 }), fc.integer({ min: 2, max: 9 }))
  .chain(([width, height]) =>
    fc
      .array(fc.integer({ min: 0, max: 5 }), { minLength: width * height, maxLength: width * height })
      .map((levels) => ({ data: Uint32Array.from(levels), width, height })),
  )

export function mirrored({ data, width, height }: GreyLevels): GreyLevels {
  const at = (i: number) => data[Math.floor(i / width) * width + width - 1 - (i % width)]!
  return { data: data.map((_, i) => at(i)), width, height }
}

export function turned({ data, width, height }: GreyLevels): GreyLevels {
  const at = (i: number) => data[(height - 1 - (i % height)) * width + Math.floor(i / height)]!
  return { data: data.map((_, i) => at(i)), width: height, height: width }
}

/** Levels spread out by a strictly increasing map; outside stays outside. */
export function relabelled({ data, width, height }: GreyLevels): GreyLevels {
  return { data: data.map((level) => (level === 0 ? 0 : level ** 2 + 1)), width, height }
}

/** Names of the features that differ by more than rounding. */
export function differing<T extends Record<string, number>>(a: T | Absent, b: T | Absent): string[] {
  if (isAbsent(a) || isAbsent(b)) return isAbsent(a) === isAbsent(b) ? [] : ['absence']
  return Object.keys(a).filter((name) => Math.abs(a[name]! - b[name]!) > 1e-9 * Math.max(1, Math.abs(a[name]!)))
}
