/** The candidate that a mistyped word probably means; null: none is similar. */
export function nearest(word: string, candidates: readonly string[]): string | null {
  const [best] = candidates
    .map((candidate) => ({
      candidate,
      distance: editDistance(word.toLowerCase(), candidate.toLowerCase()),
    }))
    .filter(({ candidate, distance }) => distance <= Math.max(1, Math.floor(candidate.length / 3)))
    .toSorted((a, b) => a.distance - b.distance)
  return best?.candidate ?? candidates.find((c) => word.length > 2 && c.startsWith(word)) ?? null
}

/** The same question within a sentence, in brackets. */
export function perhaps(word: string, candidates: readonly string[]): string {
  const meant = nearest(word, candidates)
  return meant === null ? '' : ` (did you mean ${meant}?)`
}

/** The question that ends a message; empty: no candidate is similar. */
export function didYouMean(
  word: string,
  candidates: readonly string[],
  shown: (meant: string) => string = (meant) => meant,
): string {
  const meant = nearest(word, candidates)
  return meant === null ? '' : ` Did you mean ${shown(meant)}?`
}

/**
 * The edit distance: the least number of letters to insert, delete, replace or swap with a
 * neighbour.
 */
function editDistance(a: string, b: string): number {
  const first = Array.from({ length: b.length + 1 }, (_, i) => i)
  const rows = [first]
  for (let i = 1; i <= a.length; i++) {
    const row = rows[i - 1] ?? first
    const before = rows[i - 2]
    const next = [i]
    for (let j = 1; j <= b.length; j++) {
      const replaced = (row[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1)
      const isSwap = a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]
      const swapped = before && isSwap ? (before[j - 2] ?? 0) + 1 : Infinity
      next.push(Math.min(replaced, swapped, (row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1))
    }
    rows.push(next)
  }
  return rows.at(-1)?.[b.length] ?? 0
}
