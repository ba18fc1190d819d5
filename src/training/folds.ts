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
