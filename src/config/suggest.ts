/** Which of the allowed words was meant: edit distance (optimal string alignment), after case and separators are ignored. */

function distance(a: string, b: string): number {
  let before: number[] = [];
  let above = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (let row = 1; row <= a.length; row++) {
    const current = [row];
    for (let column = 1; column <= b.length; column++) {
      const cost = a[row - 1] === b[column - 1] ? 0 : 1;
      let best = Math.min((current[column - 1] ?? 0) + 1, (above[column] ?? 0) + 1, (above[column - 1] ?? 0) + cost);
      const swapped = row > 1 && column > 1 && a[row - 1] === b[column - 2] && a[row - 2] === b[column - 1];
      if (swapped) best = Math.min(best, (before[column - 2] ?? 0) + 1);
      current.push(best);
    }
    [before, above] = [above, current];
  }
  return above[b.length] ?? 0;
}

function fold(word: string): string {
  return word.toLowerCase().replaceAll(/[-_. ]/g, '');
}

/**
 * The candidate nearest to `word` if it is near enough to be a typo (one edit for each three letters), else the only one that is a part
 * of it, else null.
 */
export function nearest(word: string, candidates: readonly string[]): string | null {
  const folded = fold(word).slice(0, 64);
  const most = Math.max(1, Math.floor(folded.length / 3));
  let best: { candidate: string; edits: number } | null = null;
  for (const candidate of candidates) {
    const edits = distance(folded, fold(candidate).slice(0, 64));
    // A word replaced whole (`m` for `s`) is a guess, not a typo.
    if (edits > most || edits >= candidate.length) continue;
    if (best === null || edits < best.edits) best = { candidate, edits };
  }
  if (best !== null) return best.candidate;
  const within = candidates.filter((candidate) => candidate.length >= 4 && folded.includes(fold(candidate)));
  return within.length === 1 ? (within[0] ?? null) : null;
}
