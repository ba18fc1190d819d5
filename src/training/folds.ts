import type { Random } from '#core/random.ts'

/**
 * Deals items into folds of about equal size, whole clusters at a time, since images of one patient or of one group of
 * near-duplicates are not independent. Every stratum is spread over all folds in equal shares: the largest clusters are
 * dealt first, each to the fold in which its strata are rarest so far.
 *
 * @param stratum of an item; the items of a cluster may be of several.
 * @returns the fold of each item, 0..folds-1.
 */
export function groupedFolds<T>(
  items: readonly T[],
  folds: number,
  { cluster, stratum = () => '' }: { cluster: (item: T) => string; stratum?: (item: T) => string },
  random: Random,
): number[] {
  const clusters = random
    .shuffled([...Map.groupBy(items, cluster)])
    .map(([name, of]) => ({ name, strata: countBy(of, stratum), size: of.length }))
    .sort((a, b) => b.size - a.size)
  const totals = countBy(items, stratum)
  const dealt = Array.from({ length: folds }, () => ({ strata: new Map<string, number>(), size: 0 }))
  const foldOf = new Map<string, number>()
  for (const { name, strata, size } of clusters) {
    const crowding = dealt.map((fold) => {
      const shares = [...strata].map(([of, count]) => ((fold.strata.get(of) ?? 0) * count) / totals.get(of)! ** 2)
      return shares.reduce((sum, share) => sum + share, 0)
    })
    const at = leastCrowded(crowding, dealt)
    for (const [of, count] of strata) dealt[at]!.strata.set(of, (dealt[at]!.strata.get(of) ?? 0) + count)
    dealt[at]!.size += size
    foldOf.set(name, at)
  }
  return items.map((item) => foldOf.get(cluster(item))!)
}

/** Of what is chosen or fitted by cross-validation on evaluated images. */
const FOLDS = 5
const REPEATS = 20
/** With fewer patients or groups of near-duplicates chance would choose. */
export const LEAST_CLUSTERS = 20

/** One fold of one deal, by indices into the items: it is judged by what the rest chose. */
export interface Turn {
  readonly held: readonly number[]
  readonly rest: readonly number[]
}

/** Five folds of whole clusters, dealt twenty times: every item is held in twenty turns. */
export function turnsOf<T>(
  items: readonly T[],
  by: { cluster: (item: T) => string; stratum?: (item: T) => string },
  randomOf: (repeat: number) => Random,
): Turn[] {
  return Array.from({ length: REPEATS }, (_, repeat) => {
    const foldOf = groupedFolds(items, FOLDS, by, randomOf(repeat))
    const indices = (is: (fold: number) => boolean) => [...foldOf.keys()].filter((i) => is(foldOf[i]!))
    return Array.from({ length: FOLDS }, (_, at): Turn => {
      return { held: indices((fold) => fold === at), rest: indices((fold) => fold !== at) }
    })
  }).flat()
}

function countBy<T>(items: readonly T[], key: (item: T) => string): Map<string, number> {
  return new Map([...Map.groupBy(items, key)].map(([name, of]) => [name, of.length]))
}

/** Of folds that are alike the smallest, then the first. */
function leastCrowded(crowding: readonly number[], dealt: readonly { readonly size: number }[]): number {
  let best = 0
  for (let fold = 1; fold < dealt.length; fold++) {
    const difference = crowding[fold]! - crowding[best]! || dealt[fold]!.size - dealt[best]!.size
    if (difference < 0) best = fold
  }
  return best
}
