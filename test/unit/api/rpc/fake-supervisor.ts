/** A supervisor with a few processes in given states; what it was told to do is in `done`. */
import type { SupervisedProcess, Supervisor } from '../../../../src/api/rpc/supervisor.ts';

export const aProcess = (fields: Partial<SupervisedProcess>): SupervisedProcess => ({
  worker: fields.worker ?? `${fields.group ?? 'cat'}/${fields.name ?? 'cat'}`,
  group: 'cat',
  name: 'cat',
  groupPriority: 999,
  priority: 999,
  state: 'RUNNING',
  pid: 7,
  startedAt: 1_000_000,
  endedAt: null,
  exitStatus: null,
  spawnError: '',
  stdoutPath: '/nonexistent/stdout.log',
  stderrPath: null,
  ...fields,
});

export interface FakeSupervisor extends Supervisor {
  done: string[];
}

export const fakeSupervisor = (processes: SupervisedProcess[], overrides: Partial<Supervisor> = {}): FakeSupervisor => {
  const done: string[] = [];
  return {
    done,
    activity: { text: () => 'first line\nsecond\n', follow: () => () => undefined, clear: () => done.push('clear') },
    isShuttingDown: () => false,
    processes: () => processes,
    executableProblem: () => null,
    start: (worker, wait) => {
      done.push(`start ${worker} ${wait}`);
      return Promise.resolve({ kind: 'running' });
    },
    stop: (worker, wait) => {
      done.push(`stop ${worker} ${wait}`);
      return Promise.resolve({ kind: 'stopped' });
    },
    signal: (worker, signal) => done.push(`signal ${worker} ${signal}`),
    tellListeners: (type, data) => done.push(`tell ${type} ${data}`),
    clearLogs: (worker) => {
      done.push(`clearLogs ${worker}`);
      return Promise.resolve(null);
    },
    shutdown: () => done.push('shutdown'),
    configs: () => [],
    reread: () => ({ kind: 'read', added: ['a'], changed: ['c'], removed: ['r'] }),
    addGroup: (name) => (name === 'new' ? 'added' : name === 'cat' ? 'alreadyAdded' : 'unknown'),
    removeGroup: (name) => (name === 'old' ? 'removed' : name === 'cat' ? 'stillRunning' : 'unknown'),
    restart: () => ({ kind: 'invalid', text: 'line 3' }),
    writeStdin: (worker, text) => {
      done.push(`write ${worker} ${text}`);
      return null;
    },
    ...overrides,
  };
};
