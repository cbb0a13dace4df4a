/** What the live view knows, and the order in which its rows are chosen when not all fit. Pure. */
import type { Status, WorkerStateName, WorkerStatus } from '../api/types.ts';
import { attention } from './attention.ts';
import { painter } from './colour.ts';
import type { Paint } from './colour.ts';
import { shareOfHard } from './status-table.ts';

export interface WatchModel {
  /** Null until the first status. */
  status: Status | null;
  /** Latest output line of each program, in the order in which they first spoke. */
  outputs: ReadonlyMap<string, string>;
  colour: boolean;
  unicode: boolean;
}

export const paintOf = (model: WatchModel): Paint => painter(model.colour);

/** Most worth seeing first: trouble, then what is nearest to its ceiling. */
function urgency(worker: WorkerStatus): number {
  const share = shareOfHard(worker) ?? 0;
  return (attention(worker) === null ? 0 : 10) + Math.min(9, share);
}

export interface Selection {
  shown: WorkerStatus[];
  hidden: WorkerStatus[];
}

/** At most `count` workers, the most urgent ones, in their usual order. */
export function select(workers: readonly WorkerStatus[], count: number): Selection {
  if (workers.length <= count) return { shown: [...workers], hidden: [] };
  const chosen = new Set(workers.toSorted((a, b) => urgency(b) - urgency(a)).slice(0, Math.max(0, count)));
  return {
    shown: workers.filter((worker) => chosen.has(worker)),
    hidden: workers.filter((worker) => !chosen.has(worker)),
  };
}

/** `12 more: 11 RUNNING, 1 STOPPED`. */
export function summary(hidden: readonly WorkerStatus[]): string {
  const counts = new Map<WorkerStateName, number>();
  for (const { state } of hidden) counts.set(state, (counts.get(state) ?? 0) + 1);
  return `${hidden.length} more: ${[...counts].map(([state, count]) => `${count} ${state}`).join(', ')}`;
}
