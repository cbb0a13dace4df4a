import type { CoreState, WorkerState } from './types.ts';

/** A worker that has done nothing yet, or nothing any more. */
export const AT_REST: Omit<WorkerState, 'name' | 'program' | 'wanted' | 'nextNumber'> = {
  life: { state: 'STOPPED' },
  leaving: [],
  pending: null,
  recycle: null,
  attempts: 0,
  crashes: [],
  quickHards: 0,
  bornOf: null,
  restarts: 0,
  recycles: 0,
};

/**
 * What the next run takes over after a complete shutdown: what a person wants of each worker, and the numbers that are never
 * reused. Counters, backoff and budgets belong to the run that is over.
 */
export const rested = (state: CoreState): CoreState => ({
  ...state,
  mode: 'running',
  shim: 'lost',
  brokers: {},
  granted: {},
  futile: {},
  storms: {},
  workers: Object.fromEntries(Object.entries(state.workers).map(([name, worker]) => [name, restedWorker(worker)])),
});

const restedWorker = (worker: WorkerState): WorkerState => ({ ...worker, ...AT_REST });

/**
 * What is left of a checkpoint from before a reboot: the incarnation numbers, never reused within a state directory. Every process
 * is gone, and its monotonic times mean nothing any more.
 */
export const afterReboot = (state: CoreState): Pick<CoreState, 'retiredNumbers'> => ({
  retiredNumbers: {
    ...state.retiredNumbers,
    ...Object.fromEntries(Object.values(state.workers).map((worker) => [worker.name, worker.nextNumber])),
  },
});
