const GUESSES_MAX = 3

/**
 * Those of `candidates` that may have been meant by `text`, the likeliest first; none when nothing is near. Compared by
 * letters changed, added, left out or swapped, of which a third of the text may be wrong.
 *
 * @param distance how far a candidate is from what was typed; the number of such edits when left out
 */
export function nearest(text: string, candidates: readonly string[], distance = editDistance): string[] {
  const allowed = Math.max(1, Math.floor(text.length / 3))
  return candidates
    .map((candidate) => ({candidate, edits: distance(text, candidate)}))
    .filter(({edits}) => edits <= allowed)
    .sort((a, b) => a.edits - b.edits || (a.candidate < b.candidate ? -1 : 1))
    .slice(0, GUESSES_MAX)
    .map(({candidate}) => candidate)
}

/** Damerau-Levenshtein (optimal string alignment): a swap of neighbours is one mistake. */
export function editDistance(a: string, b: string): number {
  let before: number[] = []
  let previous = Array.from({length: b.length + 1}, (_, index) => index)
  for (let row = 1; row <= a.length; row += 1) {
    const current = [row]
    for (let column = 1; column <= b.length; column += 1) {
      const cost = a[row - 1] === b[column - 1] ? 0 : 1
      current[column] = Math.min(previous[column]! + 1, current[column - 1]! + 1, previous[column - 1]! + cost)
      const swapped = row > 1 && column > 1 && a[row - 1] === b[column - 2] && a[row - 2] === b[column - 1]
      if (swapped) current[column] = Math.min(current[column]!, before[column - 2]! + 1)
    }
    before = previous
    previous = current
  }
  return previous[b.length]!
}
