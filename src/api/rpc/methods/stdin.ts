/** Input for a process. */
import { Fault } from '../faults.ts';
import { NAME } from '../method.ts';
import type { Methods } from '../method.ts';
import { namespec, oneProcess } from '../namespec.ts';

export const stdinMethods: Methods = {
  sendProcessStdin: {
    text: 'Write text to the standard input of a process.',
    parameters: [NAME, { name: 'chars', kind: 'string', text: 'the text' }],
    returns: 'boolean',
    run: (supervisor, given) => {
      const process = oneProcess(supervisor, given.string('name'));
      if (process.pid === null || process.state === 'STOPPING') throw new Fault('NOT_RUNNING', namespec(process));
      if (!supervisor.writeStdin(process.worker, given.string('chars'))) throw new Fault('NO_FILE', namespec(process));
      return true;
    },
  },
};
