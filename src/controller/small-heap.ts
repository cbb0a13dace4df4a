import { setFlagsFromString } from 'node:v8';

/**
 * The controller lives for months and makes little garbage, but V8 lets the young generation of a process grow to 16 MB and more while
 * it starts, and never gives that back. It cannot be bounded on a command line, for the process a person starts *is* the controller;
 * the factor by which it grows is looked up each time, though, so it can still be made one. 8 MB less at 100 workers.
 *
 * Nor need V8 look again and again whether so small a heap could be smaller: twice in the first two minutes that took 0.1 s of CPU, for
 * 1.6 MB. It cannot be told not to any more, but it looks in steps, and leaves it where it may not. A collection of the old generation
 * is then one pause: 7 to 50 ms, of a process that no message of a worker goes through.
 */
export const keepHeapSmall = (): void => {
  setFlagsFromString('--semi-space-growth-factor=1');
  setFlagsFromString('--no-incremental-marking');
};
