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
      const refusal = supervisor.writeStdin(process.worker, given.string('chars'));
      if (refusal?.why === 'tooLong') throw new Fault('BAD_ARGUMENTS', refusal.text);
      if (refusal !== null) throw new Fault(refusal.why === 'closed' ? 'NO_FILE' : 'NOT_RUNNING', namespec(process));
      return true;
    },
  },
};
