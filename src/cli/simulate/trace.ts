/**
 * A recorded series from CSV: a header, then one row a reading. Columns `seconds` and `rssBytes` must be there; `anonBytes`, `swapBytes`,
 * `zendBytes`, `acknowledged` (cumulative) may be; others are ignored. An empty cell is unknown.
 */
import type { TraceRow } from '../../policy/replay.ts';
import { NEEDED, OPTIONAL } from '../../policy/trace-text.ts';
import { UsageError } from '../context.ts';

type Column = (typeof NEEDED)[number] | (typeof OPTIONAL)[number];

/** @throws UsageError that names file, line and column */
export function parseTrace(file: string, text: string): TraceRow[] {
  const [header = '', ...lines] = text.replace(/^\uFEFF/, '').split(/\r?\n/);
  const columns = columnsOf(file, header);
  const rows: TraceRow[] = [];
  for (const [index, line] of lines.entries()) {
    if (line.trim() === '') continue;
    const place = { file, line: index + 2 };
    const row = rowOf(line.split(','), columns, place);
    const before = rows.at(-1);
    if (before !== undefined && row.seconds <= before.seconds)
      throw new UsageError(
        `${file}:${place.line}: found seconds ${row.seconds} after ${before.seconds}, expected rows in the order of time`,
      );
    rows.push(row);
  }
  if (rows.length === 0)
    throw new UsageError(`${file}: there is no row below the header, so there is nothing to replay`);
  return rows;
}

function columnsOf(file: string, header: string): Map<Column, number> {
  const names = header.split(',').map((name) => name.trim());
  const missing = NEEDED.filter((name) => !names.includes(name));
  if (missing.length > 0)
    throw new UsageError(
      `${file}:1: found the header "${header.slice(0, 80)}", expected columns named ${[...NEEDED, ...OPTIONAL].join(',')} (the first two at least)`,
    );
  const known = [...NEEDED, ...OPTIONAL].filter((name) => names.includes(name));
  return new Map(known.map((name) => [name, names.indexOf(name)]));
}

function rowOf(
  cells: readonly string[],
  columns: ReadonlyMap<Column, number>,
  { file, line }: { file: string; line: number },
): TraceRow {
  const at = (column: Column): number | null => {
    const index = columns.get(column);
    const text = index === undefined ? '' : (cells[index] ?? '').trim();
    if (text === '') return null;
    const value = Number(text);
    if (Number.isFinite(value) && value >= 0) return value;
    throw new UsageError(
      `${file}:${line}: found ${JSON.stringify(text.slice(0, 40))} in column ${column}, expected a number of at least 0`,
    );
  };
  const needed = (column: Column): number => {
    const value = at(column);
    if (value === null) throw new UsageError(`${file}:${line}: column ${column} is empty, expected a number`);
    return value;
  };
  return {
    seconds: needed('seconds'),
    rssBytes: needed('rssBytes'),
    anonBytes: at('anonBytes'),
    swapBytes: at('swapBytes'),
    zendBytes: at('zendBytes'),
    acknowledged: at('acknowledged'),
  };
}
