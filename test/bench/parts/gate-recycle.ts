/** How long a worker's place handles no message while its process is replaced, at work on a queue that never empties. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { openSite } from '../../e2e/gate/site.ts';
import type { Site as Messages } from '../../e2e/gate/site.ts';
import { onEnd } from '../cleanup.ts';
import { beside } from '../files.ts';
import { fillQueue } from '../gate/fill.ts';
import { environmentOf } from '../gate/ways.ts';
import { cli, startOurs } from '../ours.ts';
import type { Bench, Part } from '../part.ts';
import { ABSENT, startPeer } from '../peer.ts';
import { medianAtMost } from '../row.ts';
import type { Row } from '../row.ts';
import { until } from '../timing.ts';

const WORKERS = 2;
const MESSAGES = 40_000;
/** What was cut short shows within this time after the command has ended. */
const AFTER_SECONDS = 1;

interface Done {
  slot: string;
  at: number;
  isAgain: boolean;
}

interface Recycles {
  /** Milliseconds. */
  pauses: number[];
  /** Messages delivered a second time, a recycle. */
  again: number[];
}

const clock = (): number => Number(process.hrtime.bigint()) / 1e9;

const readDone = (file: string): Done[] =>
  readFileSync(file, { encoding: 'utf8', flag: 'a+' })
    .split('\n')
    .slice(0, -1)
    .map((line) => line.split(' '))
    .map(([slot = '', at, how]) => ({ slot, at: Number(at), isAgain: how === 'again' }));

/** Milliseconds of the longest time between two messages of a slot. */
const longestGap = (done: readonly Done[], slot: string, from: number, to: number): number => {
  const times = done
    .filter((one) => one.slot === slot)
    .map(({ at }) => at)
    .toSorted((a, b) => a - b);
  const gaps = times.slice(1).map((at, index) => [times[index] ?? at, at] as const);
  return Math.max(...gaps.filter(([a, b]) => b > from && a < to).map(([a, b]) => (b - a) * 1000));
};

/** Replace one worker after the other, `rounds` times. */
const recycleAll = async (
  file: string,
  slots: readonly string[],
  rounds: number,
  recycle: (slot: string) => Promise<unknown>,
): Promise<Recycles> => {
  const busy = (slot: string): boolean => readDone(file).some((one) => one.slot === slot);
  await until(() => slots.every(busy), 'all work', { everyMs: 50 });
  const pauses: number[] = [];
  const again: number[] = [];
  for (let round = 0; round < rounds; round += 1) {
    for (const slot of slots) {
      const before = readDone(file).filter(({ isAgain }) => isAgain).length;
      const from = clock();
      await recycle(slot);
      const to = clock() + AFTER_SECONDS;
      await pause(AFTER_SECONDS * 1000);
      const works = (): boolean => readDone(file).some((one) => one.slot === slot && one.at > to);
      await until(works, `${slot} works again`, { everyMs: 50 });
      const done = readDone(file);
      pauses.push(longestGap(done, slot, from, to));
      again.push(done.filter(({ isAgain }) => isAgain).length - before);
    }
  }
  return { pauses, again };
};

const ours = async (messages: Messages, rounds: number): Promise<Recycles> => {
  const file = join(messages.dir, 'ours');
  const { site, end } = await startOurs({
    shop: {
      command: ['php', beside('consumer.php'), 'bench-recycle', file],
      workers: WORKERS,
      environment: environmentOf(messages, messages.broker.port),
      amqp: {},
      recycle: { budget: '1000 per 1m' },
    },
  });
  const slots = Array.from({ length: WORKERS }, (_, index) => `shop:${index}`);
  const found = await recycleAll(file, slots, rounds, (slot) => cli(site, 'recycle', slot));
  await end();
  return found;
};

const supervisord = async (messages: Messages, rounds: number): Promise<Recycles | null> => {
  const file = join(messages.dir, 'theirs');
  const run = startPeer({
    command: ['php', beside('consumer.php'), 'bench-recycle', file],
    count: WORKERS,
    environment: environmentOf(messages, messages.broker.port),
  });
  if (run === null) return null;
  const slots = Array.from({ length: WORKERS }, (_, index) => `w_${index}`);
  const found = await recycleAll(file, slots, rounds, (slot) => run.ctl('restart', `w:${slot}`));
  await run.end();
  return found;
};

const rowsOf = (own: Recycles, theirs: Recycles | null): Row[] => {
  const peer = (values: number[] | undefined): Row['peer'] => ({
    name: 'supervisord',
    values: values ?? [],
    absent: ABSENT,
  });
  return [
    {
      what: 'longest pause of a slot in a recycle, 5 ms of work a message',
      unit: 'ms',
      digits: 0,
      ours: own.pauses,
      peer: peer(theirs?.pauses),
      goal: medianAtMost(own.pauses, 100),
      note: 'workers without a signal handler, ten prefetched; `recycle` next to `supervisorctl restart`',
    },
    {
      what: '  messages delivered again, a recycle',
      unit: '',
      digits: 0,
      ours: own.again,
      peer: peer(theirs?.again),
      goal: medianAtMost(own.again, 0),
      note: null,
    },
  ];
};

export const gateRecycle: Part = {
  name: 'gateRecycle',
  about: 'the pause of a slot while its process is replaced, overlapping, on a busy queue',
  run: async (bench: Bench) => {
    const messages = await openSite();
    onEnd(() => messages.close());
    await fillQueue(messages, 'bench-recycle', MESSAGES, 100);
    const rounds = bench.quick ? 2 : 5;
    bench.progress('ours');
    const own = await ours(messages, rounds);
    bench.progress('supervisord');
    return rowsOf(own, await supervisord(messages, rounds));
  },
};
