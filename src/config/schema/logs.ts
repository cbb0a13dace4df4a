/** The schema of worker logs. */
import * as z from 'zod';
import { boolean, choice, integer, path, size } from './kinds.ts';
import { key, keyInfo, leaf, map } from './leaf.ts';

function logKeys(defaultPath: string) {
  return {
    path: key(path, {
      description:
        'Log file, relative to logDir; {program}, {worker} (program-index) and {index} are filled in. `none`: nothing is written to a file.',
      default: defaultPath,
    }),
    maxSize: key(size(), {
      description: 'The file is rotated before it grows past this size; 0: never.',
      default: '50MiB',
    }),
    backups: key(integer(0, 1000), { description: 'How many rotated files are kept.', default: '10' }),
    daily: key(boolean, {
      description: 'It is also rotated before the first line of a new day (local time).',
      default: 'false',
    }),
    compress: key(boolean, { description: 'Rotated files are compressed, to `.gz`.', default: 'false' }),
    format: key(choice(['text', 'json']), {
      description:
        'How lines are written: `text` as they come, or `json`, one object a line with time, worker, program, stream, pid and line.',
      default: 'text',
    }),
    forward: key(boolean, {
      description: 'Each line is also printed by `ackwarden run`, as it is written to the file: for containers.',
      default: 'false',
    }),
    timestamps: key(boolean, {
      description: 'Each line of text begins with the time (RFC 3339, local).',
      default: 'false',
    }),
    prefix: key(boolean, {
      description: 'Each line of text begins with the name of its worker, after the time.',
      default: 'false',
    }),
    stripAnsi: key(boolean, {
      description: 'Colours and other terminal escape sequences are taken out.',
      default: 'false',
    }),
  };
}

export const stdout = map(logKeys('"{worker}.log"'), {
  description: 'Where the standard output of the workers is written.',
  example: '{ path: "{worker}.log", maxSize: 50MiB, backups: 10 }',
});

const word = choice(['stdout']);
const EXPECTED = 'stdout, or a map with a path';
const sameFile: typeof word = {
  ...word,
  expected: EXPECTED,
  read(text) {
    const parsed = word.read(text);
    return parsed.ok ? parsed : { ...parsed, expected: EXPECTED };
  },
};
const ownFile = z.strictObject(logKeys('"{worker}.stderr.log"'));

export const stderr = z
  .union([leaf({ ...sameFile, expected: 'stdout, or a map with a path' }), ownFile])
  .prefault('stdout');

keyInfo.add(stderr, {
  description: 'Where the standard error of the workers is written: `stdout` for the same file, or a map of its own.',
  type: '`stdout` or map',
  default: 'stdout',
  example: '{ path: "{worker}.stderr.log" }',
  json: null,
});
