/** What is told of the processes. */
import type { Methods } from '../method.ts';
import { NAME } from '../method.ts';
import { lexically, oneProcess } from '../namespec.ts';
import { processInfo } from '../process-info.ts';

export const processMethods: Methods = {
  getProcessInfo: {
    text: 'One process.',
    parameters: [NAME],
    returns: 'struct',
    run: (supervisor, given) => processInfo(oneProcess(supervisor, given.string('name')), Date.now()),
  },
  getAllProcessInfo: {
    text: 'All processes, by name.',
    parameters: [],
    returns: 'array',
    run: (supervisor) => {
      const now = Date.now();
      return supervisor
        .processes()
        .toSorted(lexically)
        .map((process) => processInfo(process, now));
    },
  },
};
