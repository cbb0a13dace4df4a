/** From exec to 100 booted PHP workers. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onEnd } from '../cleanup.ts';
import { allRun, prepare } from '../ours.ts';
import type { Bench, Part } from '../part.ts';
import { ABSENT, startPeer } from '../peer.ts';
import { ratioAtMost } from '../row.ts';
import type { Row } from '../row.ts';
import { command } from '../scripts.ts';
import { shellLoop } from '../shell-loop.ts';
import { secondsSince, untilBooted } from '../timing.ts';

const WORKERS = 100;

const ours = async (bench: Bench, mark: string): Promise<{ booted: number; running: number }> => {
  const program = { command: command(bench.scripts, 'idle.php'), workers: WORKERS, start: { seconds: '0s' } };
  const { site, end } = prepare({ w: { ...program, environment: { MARK: mark } } });
  const began = performance.now();
  const controller = site.run();
  await untilBooted(mark, WORKERS);
  const booted = secondsSince(began);
  await controller;
  await allRun(site);
  const running = secondsSince(began);
  await end();
  return { booted, running };
};

const supervisord = async (bench: Bench, mark: string): Promise<number[]> => {
  const began = performance.now();
  const options = { command: command(bench.scripts, 'idle.php'), count: WORKERS, environment: { MARK: mark } };
  const run = startPeer(options);
  if (run === null) return [];
  await untilBooted(mark, WORKERS);
  const seconds = secondsSince(began);
  await run.end();
  return [seconds];
};

export const start: Part = {
  name: 'start',
  about: `from exec to ${WORKERS} booted PHP workers, against a shell loop of the same exec chain and supervisord`,
  run: async (bench) => {
    const root = mkdtempSync(join(tmpdir(), 'ackwarden-bench-mark-'));
    const tidy = onEnd(() => rmSync(root, { recursive: true, force: true }));
    const [booted, running, loop, theirs]: [number[], number[], number[], number[]] = [[], [], [], []];
    const rounds = bench.quick ? 2 : 5;
    for (let round = 1; round <= rounds; round += 1) {
      bench.progress(`round ${round} of ${rounds}`);
      const times = await ours(bench, join(root, `ours-${round}`));
      booted.push(times.booted);
      running.push(times.running);
      loop.push(await shellLoop(command(bench.scripts, 'idle.php'), WORKERS));
      theirs.push(...(await supervisord(bench, join(root, `theirs-${round}`))));
    }
    await tidy();
    return rows(booted, running, loop, theirs);
  },
};

const rows = (booted: number[], running: number[], loop: number[], theirs: number[]): Row[] => {
  const common = { unit: 's', digits: 2, goal: null, note: null };
  const floor: Row = {
    ...common,
    what: `${WORKERS} PHP workers booted, from exec`,
    ours: booted,
    peer: { name: 'shell loop', values: loop },
  };
  const peer = { name: 'supervisord', values: theirs, absent: ABSENT };
  return [
    { ...floor, goal: ratioAtMost(floor, 1.2) },
    { ...common, what: `the same`, ours: booted, peer },
    { ...common, what: 'until `status` says all RUNNING (seconds: 0s)', ours: running, peer: null },
  ];
};
