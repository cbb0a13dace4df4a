/** A recorded series as CSV, the form in which `simulate` takes it (cli/simulate/trace.ts reads it). */
import type { TraceRow } from './replay.ts';

/** Where a bundle of evidence keeps what was read of its worker. */
export const TRACE_FILE = 'trace.csv';

export const NEEDED = ['seconds', 'rssBytes'] as const;
export const OPTIONAL = ['anonBytes', 'swapBytes', 'zendBytes', 'acknowledged'] as const;

/** An unknown figure is an empty cell. */
export function traceText(rows: readonly TraceRow[]): string {
  const columns = [...NEEDED, ...OPTIONAL];
  const lines = rows.map((row) => columns.map((column) => row[column] ?? '').join(','));
  return `${[columns.join(','), ...lines].join('\n')}\n`;
}
