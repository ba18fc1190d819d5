import type { Energy } from './study.ts'

/** What tells which exposure of which view an image is. */
export interface ExposureOfView {
  /** The same for both exposures of a view, and for no other image; nullish where it is not known. */
  readonly view: string | null | undefined
  readonly energy: Energy | null | undefined
}

/** Of each image the one of the other exposure of its view, where a view has just one of either. */
export function companionsOf<T>(images: readonly T[], describe: (image: T) => ExposureOfView): Map<T, T> {
  const views = Map.groupBy(images, (image) => describe(image).view ?? '')
  views.delete('')
  const pairs = [...views.values()].flatMap((of): [T, T][] => {
    const [low, subtracted] = (['low-energy', 'subtracted'] as const).map((energy) =>
      of.filter((image) => describe(image).energy === energy),
    )
    return low?.length === 1 && subtracted?.length === 1 ? [[low[0]!, subtracted[0]!]] : []
  })
  return new Map(
    pairs.flatMap(([low, subtracted]) => [
      [low, subtracted],
      [subtracted, low],
    ]),
  )
}
