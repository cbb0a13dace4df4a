/** Starting. A batch takes what is not running, whether or not it would start by itself. */
import { inBatch } from '../batch.ts';
import { Fault } from '../faults.ts';
import { GROUP, NAMES, WAIT } from '../method.ts';
import type { Methods } from '../method.ts';
import { byPriority, findProcess, groupMembers, namespec, splitNamespec } from '../namespec.ts';
import type { SupervisedProcess, Supervisor } from '../supervisor.ts';
import type { RpcValue } from '../value.ts';

/** A process that waits for its next try counts as started: it is on its way. */
const STARTED: ReadonlySet<string> = new Set(['RUNNING', 'DRAINING', 'STARTING', 'BACKOFF']);

const startOne = async (supervisor: Supervisor, process: SupervisedProcess, wait: boolean): Promise<true> => {
  const problem = supervisor.executableProblem(process.worker);
  if (problem !== null) throw new Fault(problem.kind === 'missing' ? 'NO_FILE' : 'NOT_EXECUTABLE', problem.text);
  if (STARTED.has(process.state)) throw new Fault('ALREADY_STARTED', namespec(process));
  const outcome = await supervisor.start(process.worker, wait);
  switch (outcome.kind) {
    case 'running':
      return true;
    case 'spawnError':
      throw new Fault('SPAWN_ERROR', namespec(process));
    case 'ended':
      throw new Fault('ABNORMAL_TERMINATION', namespec(process));
    case 'late':
      // No other code would be understood: supervisorctl knows six for a start.
      throw new Fault('ABNORMAL_TERMINATION', `${namespec(process)}: ${outcome.text}`);
  }
};

const startMany = (supervisor: Supervisor, processes: SupervisedProcess[], wait: boolean): Promise<RpcValue> =>
  inBatch(
    processes.filter(({ state }) => !STARTED.has(state)),
    (process) => startOne(supervisor, process, wait),
  );

export const startMethods: Methods = {
  startProcess: {
    text: 'Start a process, or all of a group.',
    parameters: [NAMES, WAIT],
    returns: 'boolean',
    run: (supervisor, given) => {
      const name = given.string('name');
      const process = findProcess(supervisor, name);
      if (process !== null) return startOne(supervisor, process, given.boolean('wait'));
      return startMany(supervisor, groupMembers(supervisor, splitNamespec(name).group), given.boolean('wait'));
    },
  },
  startProcessGroup: {
    text: 'Start all processes of a group.',
    parameters: [GROUP, WAIT],
    returns: 'array',
    run: (supervisor, given) =>
      startMany(supervisor, groupMembers(supervisor, given.string('name')), given.boolean('wait')),
  },
  startAllProcesses: {
    text: 'Start all processes.',
    parameters: [WAIT],
    returns: 'array',
    run: (supervisor, given) =>
      startMany(supervisor, supervisor.processes().toSorted(byPriority), given.boolean('wait')),
  },
};
