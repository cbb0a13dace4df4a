/** Three workers leak 100 MB/s each, at once: how far past the ceiling does each come before it is gone? */
import { spawn } from 'node:child_process';
import { setTimeout as pause } from 'node:timers/promises';
import { going, onEnd } from '../cleanup.ts';
import { beside } from '../files.ts';
import type { Seen } from '../observer.ts';
import { prepare, shimPid } from '../ours.ts';
import type { Bench, Part } from '../part.ts';
import { medianAndWorst } from '../row.ts';
import { command } from '../scripts.ts';

const MB = 1e6;
const CASES = {
  hard: {
    argument: 'term',
    ceilingMb: 256,
    memory: { hard: '256MB', kill: '600MB' },
    what: 'overshoot of hard 256 MB, 3 × 100 MB/s, handles TERM',
  },
  kill: {
    argument: 'ignore',
    ceilingMb: 320,
    memory: { hard: '256MB', kill: '320MB' },
    what: 'overshoot of kill 320 MB, 3 × 100 MB/s, ignores TERM',
  },
} as const;
/** 256 MB are reached in 2.6 s: three or more generations of the three workers. */
const RUN_MS = 10_000;

export const containment = (name: keyof typeof CASES): Part => ({
  name,
  about: `three workers leaking 100 MB/s at once, against memory.${name}`,
  run: async (bench) => {
    const { what, ceilingMb } = CASES[name];
    const seen: Seen[] = [];
    const runs = bench.quick ? 1 : 5;
    for (let run = 1; run <= runs; run += 1) {
      bench.progress(`run ${run} of ${runs}`);
      seen.push(...(await once(name, bench)));
    }
    const over = seen.filter(({ overAt, goneAt }) => overAt !== null && goneAt !== null);
    const ours = over.map(({ peakBytes }) => peakBytes / MB - ceilingMb);
    const worst = Math.max(...over.map(({ overAt, goneAt }) => (goneAt ?? 0) - (overAt ?? 0)));
    const note = `${over.length} processes in ${runs} runs; from the ceiling to being gone at most ${worst.toFixed(0)} ms`;
    const peer = { name: 'supervisord', values: [], absent: 'watches no memory' };
    return [{ what, unit: 'MB', digits: 1, ours, peer, goal: medianAndWorst(ours, 12, 30), note }];
  },
});

const once = async (name: keyof typeof CASES, bench: Bench): Promise<Seen[]> => {
  const { argument, ceilingMb, memory } = CASES[name];
  const ours = prepare({
    leaker: {
      command: command(bench.scripts, 'leak.php', argument),
      workers: 3,
      start: { seconds: '100ms', backoff: '100ms..1s' },
      memory,
      recycle: { stopTimeout: '60s' },
    },
  });
  await ours.site.run();
  const observer = observe(await shimPid(ours.site), ceilingMb * MB);
  await pause(RUN_MS);
  const seen = await observer();
  await ours.end();
  return seen;
};

const observe = (parent: number, ceilingBytes: number): (() => Promise<Seen[]>) => {
  going();
  const child = spawn(process.execPath, [beside('observer.mjs'), String(parent), String(ceilingBytes)], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  let text = '';
  child.stdout.on('data', (chunk: Buffer) => (text += chunk.toString()));
  const gone = new Promise<void>((resolve) => child.once('close', () => resolve()));
  const end = onEnd(async () => {
    child.stdin.end();
    await gone;
  });
  return async () => {
    await end();
    return JSON.parse(text) as Seen[];
  };
};
