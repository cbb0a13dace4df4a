/** The block at the bottom of the live view. Pure. */
import { paintOf, select, summary } from './watch-model.ts';
import type { WatchModel } from './watch-model.ts';
import { hostRow, outputRows, workerRows } from './watch-rows.ts';
import { truncate } from './width.ts';

/** How the rows that are left after the host line are shared out. Workers go first, outputs get what remains, at least one. */
function share(rows: number, workers: number, outputs: number): { workers: number; outputs: number } {
  const least = outputs > 0 && rows > 2 ? 1 : 0;
  const forWorkers = Math.min(workers, rows - least);
  return { workers: forWorkers, outputs: Math.min(outputs, rows - forWorkers) };
}

function workerBlock(model: WatchModel, columns: number, rows: number): string[] {
  const workers = model.status?.workers ?? [];
  if (rows <= 0) return [];
  if (workers.length <= rows) return workerRows(workers, columns, model);
  const { shown, hidden } = select(workers, rows - 1);
  return [...workerRows(shown, columns, model), paintOf(model)('dim', summary(hidden))];
}

/**
 * The whole block: the host, one row a worker, warnings, the latest output of each program; at most `rows` lines, none wider than
 * `columns`. Workers that do not fit are counted in one line.
 */
export function renderFrame(model: WatchModel, columns: number, rows: number): string[] {
  const { status } = model;
  const ellipsis = model.unicode ? '…' : '~';
  if (rows <= 0) return [];
  if (status === null) return outputRows(model, columns).slice(0, rows);
  const paint = paintOf(model);
  const [warning] = status.warnings;
  const warnings = warning === undefined || rows < 4 ? [] : [paint('yellow', `warning: ${warning}`)];
  const outputs = outputRows(model, columns);
  const parts = share(rows - 1 - warnings.length, status.workers.length, outputs.length);
  return [hostRow(status, model), ...warnings]
    .map((line) => truncate(line, columns, ellipsis))
    .concat(workerBlock(model, columns, parts.workers).map((line) => truncate(line, columns, ellipsis)))
    .concat(outputs.slice(0, parts.outputs));
}
