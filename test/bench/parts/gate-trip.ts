/** The round trip of a worker's question to the broker (basic.qos), alone and while the same shim starts a hundred workers. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { onEnd } from '../cleanup.ts';
import type { Trip } from '../gate/agent.ts';
import { openWays } from '../gate/ways.ts';
import type { Way, Ways } from '../gate/ways.ts';
import { cli } from '../ours.ts';
import type { Bench, Part } from '../part.ts';
import { medianAtMost, spreadOf } from '../row.ts';
import type { Goal, Row } from '../row.ts';
import { command } from '../scripts.ts';
import { untilBooted } from '../timing.ts';

const WORKERS = 100;
const ALONE_SECONDS = 2;
/** Trips before the first worker starts, which are not counted. */
const LEAD_MS = 300;
const LONGEST_SECONDS = 90;

type ByWay = Record<Way['name'], number[]>;

const percentile = (trips: readonly Trip[], share: number): number => {
  const sorted = trips.map(([, us]) => us).toSorted((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? NaN;
};

const clock = (): number => Number(process.hrtime.bigint()) / 1e9;

const alone = async ({ agent }: Way): Promise<Trip[]> => {
  await agent.open('php');
  const trips = await agent.trips(ALONE_SECONDS);
  await agent.close();
  return trips;
};

/** The trips from the order to start until the last worker has booted. */
const inTheStorm = async ({ agent }: Way, { site }: Ways, mark: string, booted: number): Promise<Trip[]> => {
  await agent.open('php');
  const running = agent.trips(LONGEST_SECONDS);
  await pause(LEAD_MS);
  const from = clock();
  const started = cli(site, 'start', 'idle');
  await untilBooted(mark, booted);
  const to = clock();
  agent.enough();
  const trips = await running;
  await started;
  await agent.close();
  await cli(site, 'stop', 'idle');
  return trips.filter(([at]) => at >= from && at <= to);
};

const added = (ours: readonly number[], direct: readonly number[], limit: number): Goal => ({
  text: `direct + ≤ ${limit}`,
  met: (spreadOf(ours)?.median ?? Infinity) - (spreadOf(direct)?.median ?? 0) <= limit,
});

const pair = (what: string, unit: string, digits: number, by: ByWay, goal: Goal | null): Row[] => {
  const common = { what, unit, digits, ours: by.gate, note: null };
  return [
    { ...common, peer: { name: 'direct', values: by.direct }, goal },
    { ...common, what: '  the same', peer: { name: 'forwarder', values: by.forwarder }, goal: null },
  ];
};

const empty = (): ByWay => ({ direct: [], forwarder: [], gate: [] });

const measure = async (ways: Ways, mark: string, bench: Bench): Promise<Row[]> => {
  const [p50, p99, storm] = [empty(), empty(), empty()];
  const order = [ways.forwarder, ways.gate, ways.direct];
  const rounds = bench.quick ? 1 : 4;
  for (const way of order) await alone(way);
  // All of these before any storm: what a shim still has to do for a hundred that have just ended is not part of them.
  for (let round = 1; round <= rounds; round += 1) {
    for (const way of order) {
      const trips = await alone(way);
      p50[way.name].push(percentile(trips, 0.5));
      p99[way.name].push(percentile(trips, 0.99));
    }
    order.push(...order.splice(0, 1));
  }
  let booted = 0;
  for (let round = 1; round <= rounds; round += 1) {
    for (const way of order) {
      bench.progress(`storm ${round} of ${rounds}, ${way.name}`);
      booted += WORKERS;
      storm[way.name].push(percentile(await inTheStorm(way, ways, mark, booted), 0.99) / 1000);
    }
    order.push(...order.splice(0, 1));
  }
  return [
    ...pair('round trip, p50', 'µs', 0, p50, added(p50.gate, p50.direct, 80)),
    ...pair('round trip, p99', 'µs', 0, p99, null),
    ...pair(`p99 while ${WORKERS} PHP workers start`, 'ms', 1, storm, medianAtMost(storm.gate, 50)),
  ];
};

export const gateTrip: Part = {
  name: 'gateTrip',
  about: `round trips through the gate, alone and while its shim starts ${WORKERS} workers`,
  run: async (bench) => {
    const root = mkdtempSync(join(tmpdir(), 'ackwarden-bench-mark-'));
    onEnd(() => rmSync(root, { recursive: true, force: true }));
    const mark = join(root, 'mark');
    const idle = {
      command: command(bench.scripts, 'idle.php'),
      workers: WORKERS,
      environment: { MARK: mark },
      start: { auto: false, seconds: '100ms' },
    };
    return measure(await openWays({ idle }), mark, bench);
  },
};
