/**
 * Names, for every item, what it is connected to: items that share a tie have the same name, and so have those that only
 * others connect.
 * @param tiesOf at least one for each item.
 */
export function connected<T>(items: readonly T[], tiesOf: (item: T) => readonly string[]): Map<T, string> {
  const parents = new Map<string, string>()
  const rootOf = (tie: string): string => {
    const parent = parents.get(tie)
    if (parent === undefined) return tie
    const root = rootOf(parent)
    parents.set(tie, root)
    return root
  }
  for (const item of items) {
    const [first = '', ...others] = tiesOf(item)
    for (const tie of others) {
      const [root, other] = [rootOf(first), rootOf(tie)]
      if (other !== root) parents.set(other, root)
    }
  }
  return new Map(items.map((item) => [item, rootOf(tiesOf(item)[0] ?? '')]))
}
