/** The wish for a recycle, before its turn has come. */
import { change, workerOf } from './turn.ts';
import type { Turn } from './turn.ts';
import type { PendingRecycle } from './types.ts';

/** The worker's processes are not made of what the configuration says (roll.ts). */
export const CHANGED = 'config.changed';

/** The worker lives in a shim that is not of the controller's build. */
export const OUTDATED = 'shim.outdated';

/** What a person asked for, also by changing workers.yaml or by an upgrade: it waits for its turn, but `recycle.budget` does not bind it. */
export const isWished = (rule: string): boolean => rule === 'command' || rule === CHANGED || rule === OUTDATED;

/** Which of two wishes stands: a person's command, and in it `--now`, before a changed configuration, before a rule. */
const weight = ({ rule, kill }: Pick<PendingRecycle, 'rule' | 'kill'>): number => {
  if (rule === 'command') return kill ? 3 : 2;
  return rule === CHANGED ? 1 : 0;
};

/** Ask for a recycle; it begins now if the budget grants it, else when it does (grantPending runs after every event). */
export const requestRecycle = (turn: Turn, name: string, wish: Omit<PendingRecycle, 'since' | 'hold'>): void => {
  const worker = workerOf(turn, name);
  if (worker.life.state !== 'RUNNING' || worker.recycle !== null) return;
  const { pending } = worker;
  if (pending !== null && weight(wish) <= weight(pending)) return;
  change(turn, name, { pending: { ...wish, since: turn.now, hold: pending?.hold ?? null } });
};
