/** What a worker feels of being looked into: its own processor time for each message, with and without `diagnose`, in turns. */
import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { setTimeout as pause } from 'node:timers/promises';
import { MAIN } from '../../e2e/controller/site.ts';
import { going, onEnd } from '../cleanup.ts';
import type { Bench, Part } from '../part.ts';
import { medianAtMost } from '../row.ts';
import type { Row } from '../row.ts';
import { command } from '../scripts.ts';

const WARM_UP_MS = 3_000;

interface Count {
  messages: number;
  micros: number;
}

/** A worker that tells, every so many messages, how many it has had and what they took. */
const startWorker = async (argv: readonly string[]): Promise<{ pid: number; count: () => Count }> => {
  going();
  const [file = '', ...args] = argv;
  const child = spawn(file, args, { stdio: ['ignore', 'pipe', 'inherit'] });
  onEnd(() => ended(child));
  let last: Count = { messages: 0, micros: 0 };
  createInterface({ input: child.stdout }).on('line', (line) => {
    const [messages = 0, micros = 0] = line.split(' ').map(Number);
    last = { messages, micros };
  });
  await pause(WARM_UP_MS);
  return { pid: child.pid ?? 0, count: () => last };
};

const ended = async (child: ChildProcess): Promise<void> => {
  if (child.exitCode !== null || child.signalCode !== null) return;
  // Not SIGKILL: perf's recording would stay behind.
  child.kill('SIGTERM');
  await once(child, 'exit');
};

/** Microseconds a message over a window in which `beside` runs. */
const costOver = async (count: () => Count, seconds: number, beside: () => ChildProcess | null): Promise<number> => {
  const child = beside();
  // What starts takes processor time of its own for a moment; the window is that of the looking.
  if (child !== null) await pause(500);
  const before = count();
  await pause(seconds * 1000);
  const after = count();
  if (child !== null) await ended(child);
  return (after.micros - before.micros) / Math.max(1, after.messages - before.messages);
};

const look = (pid: number, seconds: number, ...more: string[]): ChildProcess => {
  going();
  const child = spawn(
    process.execPath,
    [MAIN, 'diagnose', '--pid', String(pid), '--seconds', String(seconds + 2), '--json', ...more],
    {
      stdio: 'ignore',
      cwd: '/',
    },
  );
  onEnd(() => ended(child));
  return child;
};

const run = async (bench: Bench): Promise<Row[]> => {
  const [rounds, seconds] = bench.quick ? [3, 4] : [7, 8];
  const { pid, count } = await startWorker(command(bench.scripts, 'messages.php'));
  const more = { plain: [] as number[], perf: [] as number[] };
  for (let round = 0; round < rounds; round += 1) {
    const alone = await costOver(count, seconds, () => null);
    const plain = await costOver(count, seconds, () => look(pid, seconds, '--no-perf'));
    const perf = await costOver(count, seconds, () => look(pid, seconds));
    more.plain.push((plain / alone - 1) * 100);
    more.perf.push((perf / alone - 1) * 100);
    bench.progress(
      `round ${round + 1}: ${alone.toFixed(0)} µs a message, ${plain.toFixed(0)}, with perf ${perf.toFixed(0)}`,
    );
  }
  const common = { unit: '%', digits: 1, peer: null, note: `in turns of ${seconds} s; 5 new pages a message` };
  return [
    {
      ...common,
      what: "a worker's own CPU a message while it is diagnosed, without perf",
      ours: more.plain,
      goal: medianAtMost(more.plain, 2),
    },
    { ...common, what: 'the same, with perf', ours: more.perf, goal: medianAtMost(more.perf, 5) },
  ];
};

export const diagnose: Part = { name: 'diagnose', about: 'what a worker feels of being looked into', run };
