/** One line of the result: what was measured, ours and the peer's figures, and the goal of the project. */

export interface Peer {
  name: string;
  /** Empty: could not be measured; `absent` says why. */
  values: number[];
  absent?: string;
}

export interface Goal {
  text: string;
  met: boolean;
}

export interface Row {
  what: string;
  unit: string;
  digits: number;
  ours: number[];
  peer: Peer | null;
  goal: Goal | null;
  note: string | null;
}

export interface Spread {
  median: number;
  min: number;
  max: number;
  count: number;
}

/** Null of an empty list: not measured. */
export const spreadOf = (values: readonly number[]): Spread | null => {
  const sorted = values.toSorted((a, b) => a - b);
  const [min, max] = [sorted[0], sorted.at(-1)];
  const [low, high] = [sorted[Math.floor((sorted.length - 1) / 2)], sorted[Math.floor(sorted.length / 2)]];
  if (min === undefined || max === undefined || low === undefined || high === undefined) return null;
  return { median: (low + high) / 2, min, max, count: sorted.length };
};

/** Ours by the peer's median; null without either. */
export const ratioOf = (row: Row): number | null => {
  const [ours, peer] = [spreadOf(row.ours), spreadOf(row.peer?.values ?? [])];
  return ours === null || peer === null || peer.median === 0 ? null : ours.median / peer.median;
};

export const medianAtMost = (values: readonly number[], limit: number): Goal => ({
  text: `median ≤ ${limit}`,
  met: (spreadOf(values)?.median ?? Infinity) <= limit,
});

export const medianAndWorst = (values: readonly number[], median: number, worst: number): Goal => {
  const spread = spreadOf(values);
  return {
    text: `median ≤ ${median}, worst ≤ ${worst}`,
    met: spread !== null && spread.median <= median && spread.max <= worst,
  };
};

export const ratioAtLeast = (row: Row, limit: number): Goal => ({
  text: `≥ ${limit} × ${row.peer?.name ?? 'the peer'}`,
  met: (ratioOf(row) ?? 0) >= limit,
});

export const ratioAtMost = (row: Row, limit: number): Goal => ({
  text: `≤ ${limit} × ${row.peer?.name ?? 'the peer'}`,
  met: (ratioOf(row) ?? Infinity) <= limit,
});
