/** Robust statistics of a dozen points: one outlier moves none of them. */
export interface Point {
  x: number;
  y: number;
}

/** Median of the slopes between all pairs (Theil 1950, Sen 1968); null with fewer than two points. */
export const theilSen = (points: readonly Point[]): number | null => {
  const slopes: number[] = [];
  for (const [index, a] of points.entries()) {
    for (const b of points.slice(index + 1)) if (b.x !== a.x) slopes.push((b.y - a.y) / (b.x - a.x));
  }
  return median(slopes);
};

/** Kendall's rank correlation with time, −1 … 1; ties count as neither; 0 with fewer than two points. */
export const kendallTau = (points: readonly Point[]): number => {
  let score = 0;
  let pairs = 0;
  for (const [index, a] of points.entries()) {
    for (const b of points.slice(index + 1)) {
      pairs += 1;
      score += Math.sign(b.y - a.y);
    }
  }
  return pairs === 0 ? 0 : score / pairs;
};

export const median = (values: readonly number[]): number | null => {
  if (values.length === 0) return null;
  const sorted = values.toSorted((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  const upper = sorted[middle] ?? 0;
  return sorted.length % 2 === 1 ? upper : (upper + (sorted[middle - 1] ?? upper)) / 2;
};
