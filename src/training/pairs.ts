import type { Energy } from '#core/study.ts'
import { PAIRED } from '#sam/companion.ts'
import type { DatasetImage } from './dataset.ts'

/** The low-energy and the subtracted image of one view. */
type Pair = readonly [DatasetImage, DatasetImage]

/** The views of which both exposures are there, in the order of their low-energy images. */
export function pairsOf(images: readonly DatasetImage[]): Pair[] {
  const byFile = new Map(images.map((image) => [image.row.imageFile, image]))
  const [first, second] = PAIRED
  const of = (energy: Energy) => images.filter(({ row }) => row.energy === energy)
  return of(first).flatMap((image): Pair[] => {
    const companion = byFile.get(image.row.companionFile ?? '')
    return companion?.row.energy === second ? [[image, companion]] : []
  })
}
