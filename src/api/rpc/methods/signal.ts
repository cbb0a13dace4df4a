/** Signals to processes, never to their groups of processes. */
import { constants } from 'node:os';
import { inBatch } from '../batch.ts';
import { Fault } from '../faults.ts';
import { GROUP, NAMES } from '../method.ts';
import type { Methods, Parameter } from '../method.ts';
import { byPriority, findProcess, groupMembers, namespec, splitNamespec } from '../namespec.ts';
import type { SupervisedProcess, Supervisor } from '../supervisor.ts';
import type { RpcValue } from '../value.ts';

const SIGNAL: Parameter = { name: 'signal', kind: 'string', text: 'a signal: HUP, SIGHUP or 1' };
const SIGNALLABLE: ReadonlySet<string> = new Set(['RUNNING', 'DRAINING', 'STARTING', 'STOPPING']);

/** `HUP`, `sighup` or `1` → `HUP`. @throws Fault BAD_SIGNAL */
const signalName = (text: string): string => {
  const upper = text.trim().toUpperCase();
  const name = upper.startsWith('SIG') ? upper : `SIG${upper}`;
  const known = Object.entries(constants.signals);
  const found = known.find(([signal, number]) => signal === name || String(number) === upper);
  if (found === undefined) throw new Fault('BAD_SIGNAL', text);
  return found[0].slice('SIG'.length);
};

const signalOne = (supervisor: Supervisor, process: SupervisedProcess, signal: string): true => {
  const name = signalName(signal);
  if (!SIGNALLABLE.has(process.state) || process.pid === null) throw new Fault('NOT_RUNNING', namespec(process));
  supervisor.signal(process.worker, name);
  return true;
};

const signalMany = (supervisor: Supervisor, processes: SupervisedProcess[], signal: string): Promise<RpcValue> =>
  inBatch(
    processes.filter(({ state }) => SIGNALLABLE.has(state)),
    (process) => signalOne(supervisor, process, signal),
  );

export const signalMethods: Methods = {
  signalProcess: {
    text: 'Send a signal to a process, or to all of a group.',
    parameters: [NAMES, SIGNAL],
    returns: 'boolean',
    run: (supervisor, given) => {
      const name = given.string('name');
      const process = findProcess(supervisor, name);
      if (process !== null) return signalOne(supervisor, process, given.string('signal'));
      return signalMany(supervisor, groupMembers(supervisor, splitNamespec(name).group), given.string('signal'));
    },
  },
  signalProcessGroup: {
    text: 'Send a signal to all processes of a group.',
    parameters: [GROUP, SIGNAL],
    returns: 'array',
    run: (supervisor, given) =>
      signalMany(supervisor, groupMembers(supervisor, given.string('name')), given.string('signal')),
  },
  signalAllProcesses: {
    text: 'Send a signal to all processes.',
    parameters: [SIGNAL],
    returns: 'array',
    run: (supervisor, given) =>
      signalMany(supervisor, supervisor.processes().toSorted(byPriority), given.string('signal')),
  },
};
