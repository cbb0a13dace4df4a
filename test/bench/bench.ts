/** What it costs and how fast it is, next to supervisord in the same run. Measures and prints; asserts nothing. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { readArguments } from './arguments.ts';
import type { Arguments } from './arguments.ts';
import { endAll, endForGood, going, later } from './cleanup.ts';
import { machine } from './machine.ts';
import { load } from './proc.ts';
import type { Part } from './part.ts';
import { containment } from './parts/containment.ts';
import { diagnose } from './parts/diagnose.ts';
import { gateIdle } from './parts/gate-idle.ts';
import { gateRecycle } from './parts/gate-recycle.ts';
import { gateThroughput, gateWork } from './parts/gate-throughput.ts';
import { gateTrip } from './parts/gate-trip.ts';
import { idle } from './parts/idle.ts';
import { logs } from './parts/logs.ts';
import { restartGroup } from './parts/restart-group.ts';
import { sample } from './parts/sample.ts';
import { respawn } from './parts/respawn.ts';
import { shutdown } from './parts/shutdown.ts';
import { start } from './parts/start.ts';
import { stop } from './parts/stop.ts';
import type { Row } from './row.ts';
import { renderPart, renderTable } from './table.ts';
import { writeScripts } from './scripts.ts';

const PARTS: Part[] = [
  containment('hard'),
  containment('kill'),
  respawn,
  start,
  stop,
  shutdown,
  restartGroup,
  idle('idle', 100),
  idle('idle500', 500),
  sample,
  logs,
  diagnose,
  gateThroughput('gate100B'),
  gateThroughput('gate10KiB'),
  gateThroughput('gate1MiB'),
  gateWork,
  gateTrip,
  gateIdle,
  gateRecycle,
];
/** Between parts: what one leaves behind (page cache, exiting processes) is not to be in the next. */
const REST_MS = 2_000;

interface Done {
  part: string;
  loadBefore: number;
  loadAfter: number;
  seconds: number;
  rows: Row[];
  /** Why it could not be measured. */
  failed: string | null;
}

const progress = (text: string): void => void process.stderr.write(`bench: ${text}\n`);

const measure = async (part: Part, chosen: Arguments, scripts: string): Promise<Done> => {
  const began = performance.now();
  const loadBefore = load();
  const ends = (rows: Row[], failed: string | null): Done => {
    const seconds = Math.round((performance.now() - began) / 1000);
    return { part: part.name, loadBefore, loadAfter: load(), seconds, rows, failed };
  };
  progress(`${part.name}: ${part.about}`);
  try {
    going();
    const bench = { quick: chosen.quick, scripts, progress: (text: string) => progress(`${part.name}: ${text}`) };
    return ends(await part.run(bench), null);
  } catch (error) {
    progress(`${part.name} could not be measured: ${String(error)}`);
    return ends([], String(error));
  } finally {
    await endAll();
    await pause(REST_MS);
  }
};

const main = async (): Promise<void> => {
  const chosen = readArguments(process.argv.slice(2), PARTS);
  if (chosen === null) return;
  const scripts = mkdtempSync(join(tmpdir(), 'ackwarden-bench-php-'));
  process.once('exit', () => rmSync(scripts, { recursive: true, force: true }));
  writeScripts(scripts);
  const about = machine();
  if (!chosen.json) process.stdout.write(`${about.text}\n\n`);
  const done: Done[] = [];
  for (const part of PARTS.filter(({ name }) => chosen.only === null || chosen.only.includes(name))) {
    const result = await measure(part, chosen, scripts);
    done.push(result);
    for (const row of result.rows) progress(renderPart(row));
  }
  if (chosen.json) process.stdout.write(`${JSON.stringify({ machine: about, quick: chosen.quick, parts: done })}\n`);
  else process.stdout.write(`${renderTable(done)}\n`);
};

const interrupt = (): void => {
  progress('interrupted: ending what was started');
  void endForGood().then(() => process.exit(130));
};
process.once('SIGINT', interrupt);
process.once('SIGTERM', interrupt);
// Nothing of a part may outlive the bench, whatever went wrong in it.
later.onFault = (error) => progress(`could not be ended: ${String(error)}`);
await main();
