/** Robust statistics of a dozen points: one outlier moves none of them. */
export interface Point {
  x: number;
  y: number;
}

/** Median of the slopes between all pairs (Theil 1950, Sen 1968); null with fewer than two points. */
export const theilSen = (points: readonly Point[]): number | null => {
  const slopes = new Float64Array((points.length * (points.length - 1)) / 2);
  let count = 0;
  for (let later = 1; later < points.length; later += 1) {
    const b = points[later] as Point;
    for (let earlier = 0; earlier < later; earlier += 1) {
      const a = points[earlier] as Point;
      if (b.x !== a.x) slopes[count++] = (b.y - a.y) / (b.x - a.x);
    }
  }
  return middleOf(slopes.subarray(0, count).toSorted());
};

/** Kendall's rank correlation with time, −1 … 1; ties count as neither; 0 with fewer than two points. */
export const kendallTau = (points: readonly Point[]): number => {
  let score = 0;
  for (let later = 1; later < points.length; later += 1) {
    for (let earlier = 0; earlier < later; earlier += 1)
      score += Math.sign((points[later] as Point).y - (points[earlier] as Point).y);
  }
  const pairs = (points.length * (points.length - 1)) / 2;
  return pairs === 0 ? 0 : score / pairs;
};

/** Null of nothing. */
export const median = (values: readonly number[]): number | null => middleOf(Float64Array.from(values).toSorted());

const middleOf = (sorted: Float64Array): number | null => {
  if (sorted.length === 0) return null;
  const middle = Math.floor(sorted.length / 2);
  const upper = sorted[middle] ?? 0;
  return sorted.length % 2 === 1 ? upper : (upper + (sorted[middle - 1] ?? upper)) / 2;
};
