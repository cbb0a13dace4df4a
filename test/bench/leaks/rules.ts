/** Our rule, and what peers use, as functions of a series: when would each recycle, and when does each call it a leak? */
import { replay } from '../../../src/policy/replay.ts';
import { judged } from '../../corpus/generate.ts';
import type { Row, Series } from '../../corpus/generate.ts';

const HORIZON_MS = 600_000;
/** Peers compare with a limit; a careful person sets it below the ceiling that must not be passed. */
const LIMIT_SHARE = 0.8;
const IN_A_ROW = 6;
const OLS_WINDOW = 240;

export interface Judged {
  /** Seconds of the first recycle before the ceiling does it itself; null: none. */
  actedAt: number | null;
  leaking: boolean;
}

export interface LeakRule {
  name: string;
  judge: (series: Series) => Judged;
}

const ours: LeakRule = {
  name: 'ackwarden',
  judge: ({ rows, softBytes }) => {
    const policy = { softBytes, hardBytes: null, killBytes: null, metric: 'anon' } as const;
    const growth = { windowMs: 1_200_000, horizonMs: HORIZON_MS, action: 'recycle' } as const;
    const { first, verdict } = replay(rows, { ...policy, growth });
    return { actedAt: first?.rule === 'memory.growth' ? first.atSeconds : null, leaking: verdict === 'leaking' };
  },
};

const lastSample: LeakRule = {
  name: `one sample over ${LIMIT_SHARE} of it`,
  judge: ({ rows, softBytes }) => at(rows.find((row) => judged(row) > softBytes * LIMIT_SHARE)),
};

const someInARow: LeakRule = {
  name: `${IN_A_ROW} samples in a row over it`,
  judge: ({ rows, softBytes }) => {
    let over = 0;
    return at(rows.find((row) => (over = judged(row) > softBytes * LIMIT_SHARE ? over + 1 : 0) >= IN_A_ROW));
  },
};

const regression: LeakRule = {
  name: 'linear regression, projected',
  judge: ({ rows, softBytes }) =>
    at(rows.find((row, index) => reaches(rows.slice(Math.max(0, index - OLS_WINDOW + 1), index + 1), row, softBytes))),
};

export const RULES: readonly LeakRule[] = [ours, lastSample, someInARow, regression];

const at = (row: Row | undefined): Judged => ({ actedAt: row?.seconds ?? null, leaking: row !== undefined });

const reaches = (window: readonly Row[], { seconds }: Row, softBytes: number): boolean => {
  const n = window.length;
  if (n < 12) return false;
  let [sx, sy, sxx, sxy] = [0, 0, 0, 0];
  for (const row of window) {
    const [x, y] = [row.seconds - seconds, judged(row)];
    sx += x;
    sy += y;
    sxx += x * x;
    sxy += x * y;
  }
  const slope = (n * sxy - sx * sy) / (n * sxx - sx * sx);
  return slope > 0 && (sy - slope * sx) / n + (slope * HORIZON_MS) / 1000 >= softBytes;
};
