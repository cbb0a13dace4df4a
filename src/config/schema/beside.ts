/** The schema of what runs beside a worker: the check that says when it is ready, and hooks. */
import { refuse } from '../parsed.ts';
import { commandKey } from './command.ts';
import { boolean, choice, duration, line, path } from './kinds.ts';
import { key, optionalKey, optionalMap } from './leaf.ts';
import type { Kind } from './leaf.ts';

const compiles = (source: string, flags: string): boolean => {
  try {
    return new RegExp(source, flags).source !== '';
  } catch {
    return false;
  }
};

/** Text on one line, or a regular expression between slashes. */
const logPattern: Kind<string> = {
  ...line('text or /regular expression/', 'a text, or a regular expression between slashes'),
  read(value) {
    const plain = line('', 'a text, or a regular expression between slashes').read(value);
    const [, source, flags = ''] = /^\/(.+)\/([imsu]*)$/.exec(value) ?? [];
    if (!plain.ok || source === undefined || compiles(source, flags)) return plain;
    return refuse('a regular expression between slashes that JavaScript understands, such as /ready in \\d+/');
  },
};

export const ready = optionalMap(
  {
    log: optionalKey(logPattern, {
      description:
        'Ready when a line of its output has this text in it, or matches this regular expression between slashes (flags i, m, s, u; the first 4096 characters of a line are judged).',
      example: '/ready in \\d+ ms/',
    }),
    file: optionalKey(path, {
      description:
        'Ready when this file is there and newer than the process; relative to the directory of the program.',
      example: 'storage/worker.ready',
    }),
    consuming: key(boolean, { description: 'Ready when its gate has seen it consume.', default: 'false' }),
    command: commandKey({
      description: 'Ready when this command, run as the worker would be, ends with status 0; each try may take 10 s.',
      defaultText: 'not set',
      example: 'php artisan queue:ping',
    }),
    timeout: key(duration({ min: 100, max: 86_400_000 }), {
      description: 'A worker that is not ready by then has failed to start.',
      default: '60s',
    }),
    interval: key(duration({ min: 50, max: 3_600_000 }), {
      description: 'Time between two looks at the file, or two runs of the command.',
      default: '1s',
    }),
  },
  {
    description: 'When a new worker counts as RUNNING; exactly one of log, file, consuming, command.',
    example: '{ log: "Processing jobs from", timeout: 30s }',
  },
);

const hook = (when: string) =>
  commandKey({ description: `Command that runs ${when}`, defaultText: 'not set', example: 'php artisan app:hook' });

export const hooks = optionalMap(
  {
    beforeStart: hook('before each start of a process.'),
    afterStart: hook('once a process has started (with `ready`: once it is ready).'),
    beforeStop: hook('before a process is stopped; not with --now, nor at a ceiling.'),
    afterStop: hook('once a process is gone, however it ended.'),
    timeout: key(duration({ min: 100, max: 3_600_000 }), {
      description: 'Each hook is killed after this time, and has failed.',
      default: '30s',
    }),
    onFailure: key(choice(['fail', 'ignore']), {
      description: 'What a beforeStart that fails is: a failed start, or a line in the journal as all others.',
      default: 'fail',
    }),
  },
  {
    description: 'Commands run as the worker would be, at moments of its life.',
    example: '{ beforeStart: php artisan config:clear, timeout: 30s }',
  },
);
