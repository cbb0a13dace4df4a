import { ratioOf, spreadOf } from './row.ts';
import type { Row } from './row.ts';

interface Measured {
  part: string;
  loadBefore: number;
  loadAfter: number;
  seconds: number;
  rows: readonly Row[];
  failed: string | null;
}

const HEAD = ['what', 'unit', 'ackwarden', 'peer', 'ratio', 'goal', 'met'];

const figures = (values: readonly number[], digits: number): string => {
  const spread = spreadOf(values);
  if (spread === null) return '-';
  const median = spread.median.toFixed(digits);
  return spread.count === 1
    ? median
    : `${median} [${spread.min.toFixed(digits)} to ${spread.max.toFixed(digits)}] n=${spread.count}`;
};

const cells = (row: Row): string[] => {
  const { peer, goal } = row;
  const ratio = ratioOf(row);
  const theirs =
    peer === null
      ? '-'
      : `${peer.name}: ${peer.values.length === 0 ? (peer.absent ?? '-') : figures(peer.values, row.digits)}`;
  return [
    row.what,
    row.unit,
    figures(row.ours, row.digits),
    theirs,
    ratio === null ? '-' : ratio.toFixed(2),
    goal?.text ?? '-',
    goal === null ? '-' : goal.met ? 'yes' : 'NO',
  ];
};

/** One row for the progress on stderr. */
export const renderPart = (row: Row): string => `  ${cells(row).join(' | ')}`;

/** Aligned columns; a line per part with its load, and the notes of its rows, below them. */
export const renderTable = (parts: readonly Measured[]): string => {
  const all = [HEAD, ...parts.flatMap(({ rows }) => rows.map(cells))];
  const widths = HEAD.map((_, column) => Math.max(...all.map((line) => line[column]?.length ?? 0)));
  const align = (line: readonly string[]): string =>
    line
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join('  ')
      .trimEnd();
  const lines = [align(HEAD), widths.map((width) => '-'.repeat(width)).join('  ')];
  for (const part of parts) {
    for (const row of part.rows) {
      lines.push(align(cells(row)));
      if (row.note !== null) lines.push(`    ${row.note}`);
    }
    const load = `load ${part.loadBefore.toFixed(2)} before, ${part.loadAfter.toFixed(2)} after`;
    lines.push(`  (${part.part}: ${part.failed === null ? '' : `FAILED, ${part.failed}; `}${load}, ${part.seconds} s)`);
  }
  return lines.join('\n');
};
