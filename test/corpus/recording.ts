/**
 * A recording as a line of text: columns of differences, memory in pages of 4 KiB. Small, and no reading of the kernel is lost.
 * Swap is not among it: no machine that recorded had any.
 */
import type { Row, Series } from './generate.ts';

const PAGE = 4096;

export type Recording = Omit<Series, 'softBytes'>;

interface Line extends Omit<Recording, 'rows'> {
  interval: number;
  rss: number[];
  anon: number[];
  zend: number[];
  acknowledged: number[];
}

export const encodeRecording = ({ name, kind, label, rows }: Recording): string => {
  const column = (figure: (row: Row) => number): number[] =>
    rows.map((row, index) => figure(row) - (index === 0 ? 0 : figure(rows[index - 1] ?? row)));
  const line: Line = {
    name,
    kind,
    label,
    interval: (rows[1]?.seconds ?? 0) - (rows[0]?.seconds ?? 0),
    rss: column(({ rssBytes }) => rssBytes / PAGE),
    anon: column(({ anonBytes }) => anonBytes / PAGE),
    zend: column(({ zendBytes }) => zendBytes / PAGE),
    acknowledged: column(({ acknowledged }) => acknowledged),
  };
  return JSON.stringify(line);
};

export const decodeRecording = (text: string): Recording => {
  const { name, kind, label, interval, ...columns } = JSON.parse(text) as Line;
  const rss = sums(columns.rss);
  const [anon, zend, acknowledged] = [sums(columns.anon), sums(columns.zend), sums(columns.acknowledged)];
  const rows = rss.map((pages, sample) => ({
    seconds: sample * interval,
    rssBytes: pages * PAGE,
    anonBytes: (anon[sample] ?? 0) * PAGE,
    swapBytes: 0,
    zendBytes: (zend[sample] ?? 0) * PAGE,
    acknowledged: acknowledged[sample] ?? 0,
  }));
  return { name, kind, label, rows };
};

const sums = (differences: readonly number[]): number[] => {
  let sum = 0;
  return differences.map((difference) => (sum += difference));
};
