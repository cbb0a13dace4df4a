/** `reread`, `update`, `add`, `remove`, `reload`: the configuration, group by group. */
import { Fault } from '../faults.ts';
import { GROUP } from '../method.ts';
import type { Methods } from '../method.ts';

export const groupMethods: Methods = {
  reloadConfig: {
    text: 'Read the configuration again; the groups that are new, changed or gone. Nothing is applied.',
    parameters: [],
    returns: 'array',
    run: (supervisor) => {
      const read = supervisor.reread();
      if (read.kind === 'invalid') throw new Fault('CANT_REREAD', read.text);
      return [[read.added, read.changed, read.removed]];
    },
  },
  addProcessGroup: {
    text: 'Bring a group of the configuration that was read last into force, and start what starts by itself.',
    parameters: [GROUP],
    returns: 'boolean',
    run: (supervisor, given) => {
      const name = given.string('name');
      const result = supervisor.addGroup(name);
      if (result === 'unknown') throw new Fault('BAD_NAME', name);
      if (result === 'alreadyAdded') throw new Fault('ALREADY_ADDED', name);
      return true;
    },
  },
  removeProcessGroup: {
    text: 'Forget a group of which no process runs.',
    parameters: [GROUP],
    returns: 'boolean',
    run: (supervisor, given) => {
      const name = given.string('name');
      const result = supervisor.removeGroup(name);
      if (result === 'unknown') throw new Fault('BAD_NAME', name);
      if (result === 'stillRunning') throw new Fault('STILL_RUNNING', name);
      return true;
    },
  },
  restart: {
    text: 'Read the configuration again and restart everything, drain first. Answers before it begins.',
    parameters: [],
    returns: 'boolean',
    run: (supervisor) => {
      const read = supervisor.restart();
      if (read.kind === 'invalid') throw new Fault('CANT_REREAD', read.text);
      return true;
    },
  },
};
