import { expect, test } from 'vitest';
import { entryText } from '../../../src/controller/sentences.ts';
import type { Evidence } from '../../../src/core/types.ts';

const MIB = 1024 * 1024;
const say = (rule: string, evidence: Evidence, line: number | null = null): string =>
  entryText(
    {
      id: 'x-1',
      action: 'recycle',
      worker: 'shop:2',
      program: 'shop',
      pid: 5481,
      incarnation: 7,
      cause: null,
      rule,
      evidence,
      text: null,
      policy: line === null ? null : { key: 'any', line },
    },
    { configFile: '/etc/ackwarden/workers.yaml' },
  );

const CPU = { percent: 97, userPercent: 80, systemPercent: 17, forMs: 300_000, limitPercent: 90 };
const SHORT = { forMs: 10_000, availableBytes: 412 * MIB, totalBytes: 16 * 1024 * MIB, stallPercent: 34 };
const HELD = { ageMs: 723_000, limitMs: 600_000, cpuMs: 20, inFlight: 1, waits: 'in recvfrom on a socket' };

test.each<[string, Evidence, string]>([
  [
    'memory.soft.tooLow',
    { bytes: 240 * MIB, ceiling: 'soft', ceilingBytes: 256 * MIB, leastBytes: 300 * MIB },
    'The soft ceiling of shop is too low for its workers (workers.yaml:12): a fresh one settles at 240 MiB, and 256 MiB is allowed; recycling does not help, so it is not recycled for that any more until workers.yaml changes; set memory.soft to at least 300 MiB, or find out what takes it (ackwarden diagnose shop:2)',
  ],
  [
    'cpu.high',
    { ...CPU, acknowledged: 1 },
    'shop:2 (pid 5481) is busy: it has used 97 % of a processor for 5 min 0 s (user 80 %, system 17 %), and cpu.limit is 90 % (workers.yaml:12); it acknowledged 1 message meanwhile: high, but it may be the work',
  ],
  [
    'cpu.limit',
    { ...CPU, acknowledged: 0 },
    'Recycled shop:2 (pid 5481): it has used 97 % of a processor for 5 min 0 s (user 80 %, system 17 %), and cpu.limit is 90 % (workers.yaml:12); it acknowledged no message meanwhile: it may be caught in a loop, or in one long job',
  ],
  [
    'cpu.high',
    { ...CPU, acknowledged: null },
    'shop:2 (pid 5481) is busy: it has used 97 % of a processor for 5 min 0 s (user 80 %, system 17 %), and cpu.limit is 90 % (workers.yaml:12)',
  ],
  [
    'stuck.holds',
    HELD,
    'shop:2 (pid 5481) is stuck: it holds a message for 12 min 3 s, and stuck.inFlight is 10 min 0 s (workers.yaml:12), has used 0.02 s of CPU since and is now in recvfrom on a socket',
  ],
  [
    'stuck.inFlight',
    { ...HELD, cpuMs: null, waits: null },
    'Recycled shop:2 (pid 5481): it holds a message for 12 min 3 s, and stuck.inFlight is 10 min 0 s (workers.yaml:12); it gets recycle.drainTimeout to finish, then the message goes back to the queue',
  ],
  [
    'host.acts',
    { ...SHORT, wanted: 'host.pressure', limitPercent: 20, why: 'leaks' },
    'The host is short of memory: work waited for memory in 34 % of the time for 10 s, and host.pressure is 20 % (workers.yaml:12); 412 MiB of 16.0 GiB available; shop:2 is recycled for that, because it leaks',
  ],
  [
    'host.pressure',
    { ...SHORT, wanted: 'host.pressure', limitPercent: 20, why: 'largest', freesBytes: 180 * MIB },
    'Recycled shop:2 (pid 5481) for the host: work waited for memory in 34 % of the time for 10 s, and host.pressure is 20 % (workers.yaml:12); 412 MiB of 16.0 GiB available; it holds most, in the program that matters least, and about 180 MiB come back',
  ],
  [
    'host.noVictim',
    { ...SHORT, wanted: 'host.low', reserveBytes: 1024 * MIB },
    'The host is short of memory: 412 MiB of 16.0 GiB available for 10 s, and host.reserve is 1024 MiB (workers.yaml:12); nothing is done, because no worker may be recycled now that would give back anything: see what else runs here',
  ],
  [
    'host.low',
    { ...SHORT, wanted: 'host.low', reserveBytes: 1024 * MIB, why: 'grows', freesBytes: 180 * MIB },
    'Recycled shop:2 (pid 5481) for the host: 412 MiB of 16.0 GiB available for 10 s, and host.reserve is 1024 MiB (workers.yaml:12); it grows, and about 180 MiB come back',
  ],
  [
    'host.stallAlone',
    { ...SHORT, wanted: 'host.pressure', limitPercent: 20 },
    'On this host work waited for memory in 34 % of the time for 10 s, and host.pressure is 20 % (workers.yaml:12); 412 MiB of 16.0 GiB available; but memory is available and nothing is swapped: nothing is done, for no recycle would help',
  ],
  [
    'hold.storm',
    { count: 10, windowMs: 600_000, waiting: 30, nextInMs: 240_000 },
    'shop has used up recycle.budget of 10 per 10 min 0 s (workers.yaml:12): 30 workers wait for a recycle, and until the next one in 4 min 0 s only hard ceilings recycle',
  ],
  [
    'oom.suspect',
    { from: 900, to: 950, room: 100 },
    'Set oom_score_adj of shop:2 (pid 5481) from 900 to 950: it leaks, so the kernel shall take it before its siblings (workers.yaml:12); above its scoreAdj are only 100 points of room',
  ],
])('%s', (rule, evidence, expected) => {
  expect(say(rule, evidence, 12)).toBe(expected);
});
