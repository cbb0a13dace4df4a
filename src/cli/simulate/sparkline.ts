/** A series as one line of block characters, with its range: people look rather than read. */
import type { ReplayPolicy, TraceRow } from '../../policy/replay.ts';
import type { Context } from '../context.ts';
import { formatBytes } from '../format.ts';
import { localeIsUtf8 } from '../terminal.ts';

const BLOCKS = ['▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'];
const ASCII = ['_', '.', ':', '-', '=', '+', '*', '#'];
const MOST_COLUMNS = 60;
const TEXT_COLUMNS = 40;

/** From nothing to the soft ceiling, or to the highest reading where that is more. */
export function sparkline(rows: readonly TraceRow[], policy: ReplayPolicy, { stdout, env }: Context): string {
  const columns = Math.max(10, Math.min(MOST_COLUMNS, rows.length, stdout.terminal.columns - TEXT_COLUMNS));
  const values = rows.map((row) => row.rssBytes + (row.swapBytes ?? 0));
  let highest = 0;
  let lowest = Infinity;
  for (const value of values) {
    highest = Math.max(highest, value);
    lowest = Math.min(lowest, value);
  }
  const top = Math.max(highest, policy.softBytes ?? policy.hardBytes ?? 0, 1);
  const marks = localeIsUtf8(env) ? BLOCKS : ASCII;
  const line = Array.from({ length: columns }, (_, column) => {
    const part = values.slice(
      Math.floor((column * values.length) / columns),
      Math.floor(((column + 1) * values.length) / columns),
    );
    const most = part.reduce((a, b) => Math.max(a, b), 0);
    return marks[Math.min(marks.length - 1, Math.floor((most / top) * marks.length))] ?? '';
  });
  return `${line.join('')} ${formatBytes(lowest)} to ${formatBytes(highest)}, top ${formatBytes(top)}`;
}
