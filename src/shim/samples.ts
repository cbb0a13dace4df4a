import type { Floor } from './floor-ring.ts';
import type { GateFigures, Sample } from './protocol.ts';

/** Anonymous memory and swap, and all memory of descendants: what growth is judged by, for a helper may leak while the worker itself is flat. */
export const ownBytes = ({
  anonBytes,
  swapBytes,
  treeBytes,
  rssBytes,
}: Pick<Sample, 'anonBytes' | 'swapBytes' | 'treeBytes' | 'rssBytes'>): number | null =>
  anonBytes === null
    ? null
    : anonBytes + (swapBytes ?? 0) + (treeBytes === null ? 0 : Math.max(0, treeBytes - rssBytes));

export interface HandledSample {
  handle: number;
  sample: Sample;
}

/**
 * One row of `SamplesMessage.slow`: the handle, then the figures, in an order that is only ever extended at the end; `decodeRow` reads the
 * same one. Written out, because it is done for every worker that moves. `at` is that of the message.
 */
export const encodeRow = (handle: number, sample: Sample): (number | null)[] => [
  handle,
  sample.rssBytes,
  sample.virtualBytes,
  sample.anonBytes,
  sample.swapBytes,
  sample.pssBytes,
  sample.treeBytes,
  sample.userTicks,
  sample.systemTicks,
  sample.voluntarySwitches,
  sample.involuntarySwitches,
  sample.threads,
  sample.oomScore,
  sample.oomScoreAdj,
  sample.zendHeapBytes,
  sample.zendHeapRealBytes,
  sample.treeUserTicks,
  sample.treeSystemTicks,
  sample.treeJudgedBytes,
];

/** Back to a sample; null when the row lacks its handle or RSS. Columns that an older shim does not send are null. */
export function decodeRow(row: readonly (number | null)[], at: number): HandledSample | null {
  const [handle, rssBytes] = row;
  if (typeof handle !== 'number' || typeof rssBytes !== 'number') return null;
  const figure = (index: number): number | null => row[index + 1] ?? null;
  const sample: Sample = {
    at,
    rssBytes,
    virtualBytes: figure(1),
    anonBytes: figure(2),
    swapBytes: figure(3),
    pssBytes: figure(4),
    treeBytes: figure(5),
    userTicks: figure(6),
    systemTicks: figure(7),
    voluntarySwitches: figure(8),
    involuntarySwitches: figure(9),
    threads: figure(10),
    oomScore: figure(11),
    oomScoreAdj: figure(12),
    zendHeapBytes: figure(13),
    zendHeapRealBytes: figure(14),
    treeUserTicks: figure(15),
    treeSystemTicks: figure(16),
    treeJudgedBytes: figure(17),
  };
  return { handle, sample };
}

/** Order of the figures in a row of `IncarnationReport.past`. */
const PAST_COLUMNS = [
  'at',
  'rssBytes',
  'ownBytes',
  'swapBytes',
  'zendBytes',
  'acknowledged',
] as const satisfies readonly (keyof Floor)[];

export const encodePast = (floors: readonly Floor[]): (number | null)[][] =>
  floors.map((floor) => PAST_COLUMNS.map((column) => floor[column]));

/** Rows that are none are left out. */
export const decodePast = (rows: readonly (readonly (number | null)[])[]): Floor[] =>
  rows.flatMap(([at, rssBytes, own, swapBytes, zendBytes = null, acknowledged = null]) =>
    typeof at === 'number' && typeof rssBytes === 'number' && typeof own === 'number'
      ? [{ at, rssBytes, ownBytes: own, swapBytes: swapBytes ?? 0, zendBytes, acknowledged }]
      : [],
  );

/** Order of the figures in a row of `SamplesMessage.gates`, behind the handle. Only ever extended at the end. */
const GATE_COLUMNS = [
  'inFlight',
  'prefetch',
  'delivered',
  'acknowledged',
  'rejected',
  'redelivered',
  'returned',
  'oldestUnacknowledgedAt',
  'connections',
  'draining',
] as const satisfies readonly (keyof GateFigures)[];

export function encodeGate(handle: number, figures: GateFigures): (number | null)[] {
  return [handle, ...GATE_COLUMNS.map((column) => figures[column])];
}

/** Null when the row is not one. */
export function decodeGate(row: readonly (number | null)[]): { handle: number; figures: GateFigures } | null {
  const [handle] = row;
  if (typeof handle !== 'number' || row.length <= GATE_COLUMNS.length) return null;
  const figure = (index: number): number | null => row[index + 1] ?? null;
  const figures: GateFigures = {
    inFlight: figure(0) ?? 0,
    prefetch: figure(1),
    delivered: figure(2) ?? 0,
    acknowledged: figure(3) ?? 0,
    rejected: figure(4) ?? 0,
    redelivered: figure(5) ?? 0,
    returned: figure(6) ?? 0,
    oldestUnacknowledgedAt: figure(7),
    connections: figure(8) ?? 0,
    draining: figure(9) ?? 0,
  };
  return { handle, figures };
}
