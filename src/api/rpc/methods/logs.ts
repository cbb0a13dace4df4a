/** Logs of the processes, by windows of bytes. */
import { Fault } from '../faults.ts';
import { readWindow, tailWindow, withFile } from '../log-window.ts';
import { NAME } from '../method.ts';
import type { Method, Methods, Parameter } from '../method.ts';
import { oneProcess } from '../namespec.ts';
import type { SupervisedProcess } from '../supervisor.ts';

export const OFFSET: Parameter = {
  name: 'offset',
  kind: 'int',
  text: 'byte to begin with; below 0: so many bytes before the end',
};
export const LENGTH: Parameter = { name: 'length', kind: 'int', text: 'so many bytes; 0: all there are' };
const TAIL_OFFSET: Parameter = { name: 'offset', kind: 'int', text: 'end of what the caller has already' };
const TAIL_LENGTH: Parameter = { name: 'length', kind: 'int', text: 'most bytes to return' };

export type Channel = 'stdout' | 'stderr';

/** Null: the stream has no file of its own. */
export const logPathOf = (process: SupervisedProcess, channel: Channel): string | null =>
  channel === 'stdout' ? process.stdoutPath : process.stderrPath;

const reading = (channel: Channel): Method => ({
  text: `A window of the ${channel} log.`,
  parameters: [NAME, OFFSET, LENGTH],
  returns: 'string',
  run: async (supervisor, given) => {
    const path = logPathOf(oneProcess(supervisor, given.string('name')), channel);
    const window = (bytes: Parameters<typeof readWindow>[0]) =>
      readWindow(bytes, given.int('offset'), given.int('length'));
    const text = path === null ? null : await withFile(path, window);
    if (text === null) throw new Fault('NO_FILE', path ?? 'None');
    return text;
  },
});

const tailing = (channel: Channel): Method => ({
  text: `What came to the ${channel} log since: text, the offset for the next call, and whether more than length came.`,
  parameters: [NAME, TAIL_OFFSET, TAIL_LENGTH],
  returns: 'array',
  run: async (supervisor, given) => {
    const path = logPathOf(oneProcess(supervisor, given.string('name')), channel);
    const window = (bytes: Parameters<typeof tailWindow>[0]) =>
      tailWindow(bytes, given.int('offset'), given.int('length'));
    return (path === null ? null : await withFile(path, window)) ?? ['', 0, false];
  },
});

export const logMethods: Methods = {
  readProcessStdoutLog: reading('stdout'),
  readProcessLog: reading('stdout'),
  readProcessStderrLog: reading('stderr'),
  tailProcessStdoutLog: tailing('stdout'),
  tailProcessLog: tailing('stdout'),
  tailProcessStderrLog: tailing('stderr'),
};
