/** Logs of the processes, emptied; rotated files stay. */
import { inBatch } from '../batch.ts';
import { Fault } from '../faults.ts';
import { NAME } from '../method.ts';
import type { Method, Methods } from '../method.ts';
import { byPriority, namespec, oneProcess } from '../namespec.ts';
import type { SupervisedProcess, Supervisor } from '../supervisor.ts';

const clear = async (supervisor: Supervisor, process: SupervisedProcess): Promise<true> => {
  const why = await supervisor.clearLogs(process.worker);
  if (why !== null) throw new Fault('FAILED', `${namespec(process)}: ${why}`);
  return true;
};

const clearOne: Method = {
  text: 'Empty the stdout and stderr logs of a process.',
  parameters: [NAME],
  returns: 'boolean',
  run: (supervisor, given) => clear(supervisor, oneProcess(supervisor, given.string('name'))),
};

export const clearLogMethods: Methods = {
  clearProcessLogs: clearOne,
  clearProcessLog: clearOne,
  clearAllProcessLogs: {
    text: 'Empty the stdout and stderr logs of all processes.',
    parameters: [],
    returns: 'array',
    run: (supervisor) => inBatch(supervisor.processes().toSorted(byPriority), (process) => clear(supervisor, process)),
  },
};
