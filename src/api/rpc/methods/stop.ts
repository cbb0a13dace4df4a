/**
 * Stopping, drain first. Whatever lives or would come back is stopped, also a process that waits for its next try and one that is
 * being stopped already: to answer "not running" of a process that lives would be a lie, and the caller would not wait for its end.
 */
import { inBatch } from '../batch.ts';
import { Fault } from '../faults.ts';
import { GROUP, NAMES, WAIT } from '../method.ts';
import type { Methods } from '../method.ts';
import { byPriority, findProcess, groupMembers, namespec, splitNamespec } from '../namespec.ts';
import type { SupervisedProcess, Supervisor } from '../supervisor.ts';
import type { RpcValue } from '../value.ts';

const STOPPABLE: ReadonlySet<string> = new Set(['RUNNING', 'DRAINING', 'STARTING', 'BACKOFF', 'STOPPING']);

const stopOne = async (supervisor: Supervisor, process: SupervisedProcess, wait: boolean): Promise<true> => {
  if (!STOPPABLE.has(process.state)) throw new Fault('NOT_RUNNING', namespec(process));
  const outcome = await supervisor.stop(process.worker, wait);
  if (outcome.kind === 'late') throw new Fault('FAILED', `${namespec(process)}: ${outcome.text}`);
  return true;
};

const stopMany = (supervisor: Supervisor, processes: SupervisedProcess[], wait: boolean): Promise<RpcValue> =>
  inBatch(
    processes.filter(({ state }) => STOPPABLE.has(state)),
    (process) => stopOne(supervisor, process, wait),
  );

export const stopMethods: Methods = {
  stopProcess: {
    text: 'Stop a process, or all of a group: no new work, what it holds is finished, then the stop signal.',
    parameters: [NAMES, WAIT],
    returns: 'boolean',
    run: (supervisor, given) => {
      const name = given.string('name');
      const process = findProcess(supervisor, name);
      if (process !== null) return stopOne(supervisor, process, given.boolean('wait'));
      return stopMany(supervisor, groupMembers(supervisor, splitNamespec(name).group), given.boolean('wait'));
    },
  },
  stopProcessGroup: {
    text: 'Stop all processes of a group.',
    parameters: [GROUP, WAIT],
    returns: 'array',
    run: (supervisor, given) =>
      stopMany(supervisor, groupMembers(supervisor, given.string('name')), given.boolean('wait')),
  },
  stopAllProcesses: {
    text: 'Stop all processes.',
    parameters: [WAIT],
    returns: 'array',
    run: (supervisor, given) =>
      stopMany(supervisor, supervisor.processes().toSorted(byPriority), given.boolean('wait')),
  },
};
