/** Event listeners as processes for supervisord's clients: each pool a group of its own. */
import type { StartOutcome, StopOutcome, SupervisedProcess } from '../../api/rpc/supervisor.ts';
import type { WorkerStateName } from '../../api/types.ts';
import type { Listeners } from '../listeners/listeners.ts';
import type { Pool } from '../listeners/pool.ts';
import type { ListenerProcess } from '../listeners/process.ts';

/** What tells them from workers, whose names have no blank. */
const MARK = 'event listener ';

const STATES: Record<ListenerProcess['life']['state'], WorkerStateName> = {
  stopped: 'STOPPED',
  starting: 'STARTING',
  waiting: 'BACKOFF',
  running: 'RUNNING',
  stopping: 'STOPPING',
};

const infoOf = ({ config, errorLog }: Pool, process: ListenerProcess, index: number): SupervisedProcess => ({
  worker: `${MARK}${process.name}`,
  group: config.name,
  name: config.workers === 1 ? config.name : String(index),
  groupPriority: config.priority,
  priority: config.priority,
  state: STATES[process.life.state],
  pid: process.pid,
  ...process.past,
  spawnError: process.life.state === 'waiting' ? process.life.why : '',
  // Its stdout is for the protocol and kept nowhere.
  stdoutPath: '',
  stderrPath: errorLog,
});

export class ListenerProcesses {
  readonly #listeners: Listeners;

  constructor(listeners: Listeners) {
    this.#listeners = listeners;
  }

  all(): SupervisedProcess[] {
    return this.#listeners.pools.flatMap((pool) =>
      pool.processes.map((process, index) => infoOf(pool, process, index)),
    );
  }

  /** Null: it is a worker. */
  find(worker: string): ListenerProcess | null {
    if (!worker.startsWith(MARK)) return null;
    const name = worker.slice(MARK.length);
    return this.#listeners.pools.flatMap(({ processes }) => processes).find((process) => process.name === name) ?? null;
  }
}

export const startListener = async (process: ListenerProcess, wait: boolean): Promise<StartOutcome> => {
  const started = process.start();
  if (wait) await started;
  return { kind: !wait || process.life.state === 'running' ? 'running' : 'spawnError' };
};

export const stopListener = async (process: ListenerProcess, wait: boolean): Promise<StopOutcome> => {
  const stopped = process.stop();
  if (wait) await stopped;
  return { kind: 'stopped' };
};
