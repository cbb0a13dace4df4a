/**
 * A series for people who look rather than read: one line of block characters with its range, and under it the time, with a mark where
 * the first thing would have been done.
 *
 *     ▂▂▃▃▄▄▅▅▆▆▇▇██ 57.2 MiB to 229 MiB, top 229 MiB
 *     0─────────▲────1h 15m   ▲ after 53m 20s
 */
import type { Replay, ReplayPolicy, TraceRow } from '../../policy/replay.ts';
import type { Context } from '../context.ts';
import { formatBytes, formatDuration } from '../format.ts';
import { localeIsUtf8 } from '../terminal.ts';

const UTF8 = { blocks: ['▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'], line: '─', mark: '▲' };
const ASCII = { blocks: ['_', '.', ':', '-', '=', '+', '*', '#'], line: '-', mark: '^' };
const MOST_COLUMNS = 60;
const TEXT_COLUMNS = 44;

export function pictureOf(
  rows: readonly TraceRow[],
  policy: ReplayPolicy,
  { found, context }: { found: Replay; context: Context },
): string[] {
  const { stdout, env } = context;
  const columns = Math.max(10, Math.min(MOST_COLUMNS, rows.length, stdout.terminal.columns - TEXT_COLUMNS));
  const marks = localeIsUtf8(env) ? UTF8 : ASCII;
  return [
    sparkline(rows, policy, { columns, blocks: marks.blocks }),
    timeAxis(rows, found.first?.atSeconds ?? null, { columns, ...marks }),
  ];
}

/** By time, so that a gap is one: from nothing to the soft ceiling, or to the highest reading where that is more. */
function sparkline(
  rows: readonly TraceRow[],
  policy: ReplayPolicy,
  { columns, blocks }: { columns: number; blocks: readonly string[] },
): string {
  const highest: (number | undefined)[] = Array.from({ length: columns });
  let [least, most] = [Infinity, 0];
  for (const row of rows) {
    const bytes = row.rssBytes + (row.swapBytes ?? 0);
    const column = columnOf(rows, row.seconds, columns);
    highest[column] = Math.max(highest[column] ?? 0, bytes);
    [least, most] = [Math.min(least, bytes), Math.max(most, bytes)];
  }
  const top = Math.max(most, policy.softBytes ?? policy.hardBytes ?? 0, 1);
  const line = highest.map((bytes) =>
    bytes === undefined ? ' ' : (blocks[Math.min(blocks.length - 1, Math.floor((bytes / top) * blocks.length))] ?? ''),
  );
  return `${line.join('')} ${formatBytes(least)} to ${formatBytes(most)}, top ${formatBytes(top)}`;
}

function timeAxis(
  rows: readonly TraceRow[],
  actedAt: number | null,
  { columns, line, mark }: { columns: number; line: string; mark: string },
): string {
  const cells = Array.from({ length: columns }, () => line);
  cells[0] = '0';
  const acted = actedAt === null ? '' : `   ${mark} after ${formatDuration(actedAt - (rows[0]?.seconds ?? 0))}`;
  if (actedAt !== null) cells[columnOf(rows, actedAt, columns)] = mark;
  return `${cells.join('')} ${formatDuration(lengthOf(rows))}${acted}`;
}

const lengthOf = (rows: readonly TraceRow[]): number => (rows.at(-1)?.seconds ?? 0) - (rows[0]?.seconds ?? 0);

const columnOf = (rows: readonly TraceRow[], seconds: number, columns: number): number =>
  Math.min(columns - 1, Math.floor(((seconds - (rows[0]?.seconds ?? 0)) / Math.max(1e-9, lengthOf(rows))) * columns));
