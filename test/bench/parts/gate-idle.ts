/** What connections without traffic cost: memory for each, and CPU of them all. */
import { setTimeout as pause } from 'node:timers/promises';
import { fillQueue } from '../gate/fill.ts';
import { openWays } from '../gate/ways.ts';
import type { Way } from '../gate/ways.ts';
import type { Part } from '../part.ts';
import { cpuSeconds, rssBytes } from '../proc.ts';
import { medianAtMost } from '../row.ts';

const MB = 1e6;
const CONNECTIONS = 200;
const QUEUE = 'bench-idle';
const SETTLE_MS = 5_000;
const LOOKS = 20;
const LOOK_MS = 100;
const CPU_SECONDS = 20;
/** CPU seconds are told for this window, whatever was measured. */
const TOLD_SECONDS = 120;

/** The least of some readings: what the collector has not got to yet is not the connection's. */
const settled = async (pid: number): Promise<number> => {
  await pause(SETTLE_MS);
  let least = Infinity;
  for (let look = 0; look < LOOKS; look += 1) {
    least = Math.min(least, rssBytes(pid) ?? Infinity);
    await pause(LOOK_MS);
  }
  return least / MB;
};

const cpuOver = async (pid: number): Promise<number> => {
  const before = cpuSeconds(pid);
  await pause(CPU_SECONDS * 1000);
  return ((cpuSeconds(pid) - before) * TOLD_SECONDS) / CPU_SECONDS;
};

interface Held {
  emptyMb: number;
  fullMb: number;
  cpu: number;
}

const hold = async ({ agent, pid }: Way): Promise<Held> => {
  if (pid === null) throw new Error('nothing holds these connections');
  // One that came and went: what the first connection of a process loads is not counted either.
  await agent.open('php');
  await agent.close();
  const emptyMb = await settled(pid);
  await agent.hold(CONNECTIONS, QUEUE);
  const fullMb = await settled(pid);
  return { emptyMb, fullMb, cpu: await cpuOver(pid) };
};

const each = ({ emptyMb, fullMb }: Held): number => (fullMb - emptyMb) / CONNECTIONS;

export const gateIdle: Part = {
  name: 'gateIdle',
  about: `${CONNECTIONS} connections with an idle consumer through one shim`,
  run: async (bench) => {
    const ways = await openWays();
    await fillQueue(ways.messages, QUEUE, 0, 1);
    bench.progress('forwarder');
    const theirs = await hold(ways.forwarder);
    bench.progress('gate');
    const ours = await hold(ways.gate);
    const memory = [each(ours)];
    return [
      {
        what: `memory of an idle connection, ${CONNECTIONS} of them`,
        unit: 'MB',
        digits: 3,
        ours: memory,
        peer: { name: 'forwarder', values: [each(theirs)] },
        goal: medianAtMost(memory, 0.1),
        note: `RSS of the shim ${ours.emptyMb.toFixed(1)} MB without, ${ours.fullMb.toFixed(1)} MB with them`,
      },
      {
        what: `  CPU with all ${CONNECTIONS}, the sampling of one worker included`,
        unit: 'CPU s / 120 s',
        digits: 2,
        ours: [ours.cpu],
        peer: { name: 'forwarder', values: [theirs.cpu] },
        goal: null,
        note: null,
      },
    ];
  },
};
