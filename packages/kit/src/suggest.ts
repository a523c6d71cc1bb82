/**
 * Which of `candidates` were probably meant by `word`: at most `max`, the nearest first. A typo of one letter in three is
 * forgiven, and a candidate that begins with what was typed counts as near.
 */
export function suggest(word: string, candidates: Iterable<string>, max = 3): string[] {
  const wanted = word.toLowerCase()
  const near: {candidate: string; distance: number}[] = []
  for (const candidate of candidates) {
    const lower = candidate.toLowerCase()
    const begins = wanted.length >= 2 && (lower.startsWith(wanted) || wanted.startsWith(lower))
    const forgiven = Math.max(1, Math.floor(Math.max(wanted.length, lower.length) / 3))
    // Each letter more or less is one change at least.
    if (!begins && Math.abs(wanted.length - lower.length) > forgiven) continue
    const distance = begins ? 0.5 : editDistance(wanted, lower)
    if (distance <= forgiven) near.push({candidate, distance})
  }
  near.sort((a, b) => a.distance - b.distance || (a.candidate < b.candidate ? -1 : 1))
  return near.slice(0, max).map(({candidate}) => candidate)
}

/** Insertions, deletions, replacements and swaps of neighbours (optimal string alignment). */
function editDistance(a: string, b: string): number {
  let before: number[] = []
  let above = Array.from({length: b.length + 1}, (_, column) => column)
  for (let row = 1; row <= a.length; row++) {
    const line = [row]
    for (let column = 1; column <= b.length; column++) {
      const same = a[row - 1] === b[column - 1]
      let best = Math.min(above[column]! + 1, line[column - 1]! + 1, above[column - 1]! + (same ? 0 : 1))
      if (row > 1 && column > 1 && a[row - 1] === b[column - 2] && a[row - 2] === b[column - 1]) {
        best = Math.min(best, before[column - 2]! + 1)
      }
      line.push(best)
    }
    before = above
    above = line
  }
  return above[b.length]!
}
