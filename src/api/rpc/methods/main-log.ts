/** The main log: what was done, in the lines of supervisord's activity log. */
import { readWindow } from '../log-window.ts';
import type { Bytes } from '../log-window.ts';
import type { Method, Methods } from '../method.ts';
import { LENGTH, OFFSET } from './logs.ts';

const readLog: Method = {
  text: 'A window of the main log.',
  parameters: [OFFSET, LENGTH],
  returns: 'string',
  run: (supervisor, given) => readWindow(bytesOf(supervisor.activity.text()), given.int('offset'), given.int('length')),
};

const bytesOf = (text: string): Bytes => {
  const all = Buffer.from(text);
  return { size: all.length, read: (from, to) => Promise.resolve(all.subarray(from, to)) };
};

export const mainLogMethods: Methods = {
  readLog,
  readMainLog: readLog,
  clearLog: {
    text: 'Empty the main log. The journal, of which it is made, is never emptied.',
    parameters: [],
    returns: 'boolean',
    run: (supervisor) => {
      supervisor.activity.clear();
      return true;
    },
  },
};
