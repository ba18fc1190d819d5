import { type Absent, absent } from '#core/absent.ts'
import { Mask } from '#core/mask.ts'

/** Less of a region than this share free of marks: no grey of it is known. */
const LEAST_FREE_SHARE = 0.5

/** A region and its surroundings, with what is drawn over them. All masks H×W, 0/1. */
interface DrawnOver {
  readonly region: Mask
  readonly tissue?: Mask | undefined
  readonly burnedIn?: Mask | undefined
}

/** Visible tissue less what is drawn over it. */
export function tissueOf({ tissue, burnedIn }: DrawnOver): Mask | undefined {
  if (burnedIn === undefined) return tissue
  return Mask.from(
    burnedIn.data.map((drawn, i) => (drawn === 0 && tissue?.data[i] !== 0 ? 1 : 0)),
    burnedIn,
  )
}

/**
 * The pixels whose grey is the region's own: IBSI's intensity mask beside the morphological one; `drawn-over` where that is less
 * than half of the region.
 */
export function greyOf({ region, burnedIn }: DrawnOver): Mask | Absent {
  if (burnedIn === undefined) return region
  const free = region.without(burnedIn)
  return free.areaPx >= LEAST_FREE_SHARE * region.areaPx ? free : absent('drawn-over')
}
