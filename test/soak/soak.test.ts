/**
 * A whole site for many minutes: the real `run`, RabbitMQ, healthy and leaking PHP workers, and trouble in between. No message may be
 * lost or come twice, no healthy worker be recycled for its memory, no leak come to its hard ceiling.
 */
import { readFileSync } from 'node:fs';
import { cpus, loadavg } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { JournalEntry } from '../../src/api/types.ts';
import { Site } from '../e2e/controller/site.ts';
import { openSite } from '../e2e/gate/site.ts';
import type { Site as Messages } from '../e2e/gate/site.ts';
import { Feeder } from './feeder.ts';
import { isLeaking, programsOf } from './programs.ts';
import { Tally } from './tally.ts';
import { Trouble } from './trouble.ts';
import { faultsOf, recyclesOf, storyOf, tableOf } from './verdict.ts';

const MINUTES = Number(process.env['SOAK_MINUTES'] ?? 20);
const SEED = Number(process.env['SOAK_SEED'] ?? Math.floor(Math.random() * 1_000));
/** In less the slow leaks do not come near their ceilings. */
const LEAST_MINUTES = 10;
const PER_SECOND = 1;
/** So much trouble in all, evenly spread; the last part of the time is quiet. */
const TROUBLES = 6;
const LOOK_EVERY_MS = 5_000;
const SAY_EVERY_MS = 60_000;
const REST_MS = 120_000;

let messages: Messages;
let site: Site;
let feeder: Feeder;
/** Newest first: what could not be begun has nothing to end. */
const ends: (() => Promise<void>)[] = [];
const journal = new Map<string, JournalEntry>();

beforeAll(async () => {
  if (!(MINUTES >= LEAST_MINUTES))
    throw new Error(`SOAK_MINUTES is ${process.env['SOAK_MINUTES']}; expected a number from ${LEAST_MINUTES} on`);
  messages = await openSite();
  ends.unshift(() => messages.close());
});
afterAll(async () => {
  for (const end of ends) await end();
});

const say = (text: string): void => console.log(`${new Date().toISOString().slice(11, 19)} ${text}`);

const residentMib = (pid: number | null): number | null => {
  const found = pid === null ? null : /^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'));
  return found === null ? null : Math.round(Number(found[1]) / 1024);
};

/** The journal's newest, and the memory of ackwarden itself, in words. */
const look = async (): Promise<string> => {
  for (const entry of await site.client.journal({ limit: 500 })) journal.set(entry.id, entry);
  const { controller } = await site.client.status([]);
  return `controller ${residentMib(controller.pid)} MiB, shim ${residentMib(controller.shimPid)} MiB`;
};

/** All workers run, and messages come. */
const begin = async (programs: Record<string, unknown>): Promise<Trouble> => {
  feeder = new Feeder(messages.channel, Object.keys(programs), PER_SECOND);
  ends.unshift(() => feeder.stop());
  await feeder.start();
  const extra = { broker: { url: messages.broker.url }, host: { reserve: 0, maxConcurrent: 4 } };
  site = new Site(programs, extra);
  ends.unshift(() => site.dispose());
  const run = await site.run();
  if (run.process.exitCode !== null) throw new Error(run.output());
  await site.untilRunning();
  const load = loadavg()[0]?.toFixed(1);
  say(`${Object.keys(programs).length} workers run, seed ${SEED}; ${cpus().length} processors, load ${load}`);
  return new Trouble(site, run, { programs, extra });
};

/** Until the time is over. */
const goOn = async (trouble: Trouble, tally: Tally): Promise<void> => {
  const end = Date.now() + MINUTES * 60_000;
  const stepMs = (MINUTES * 60_000) / (TROUBLES + 2);
  let [nextTrouble, nextWord] = [Date.now() + stepMs, Date.now() + SAY_EVERY_MS];
  for (; Date.now() < end; await pause(LOOK_EVERY_MS)) {
    const own = await look();
    if (Date.now() > nextTrouble && nextTrouble < end - stepMs) {
      nextTrouble += stepMs;
      say(await trouble.next());
    }
    if (Date.now() < nextWord) continue;
    nextWord += SAY_EVERY_MS;
    tally.read();
    const recycles = [...journal.values()].filter(({ action }) => action === 'recycle').length;
    say(`published ${feeder.published}, done ${tally.done}, twice ${tally.twice}; ${recycles} recycles; ${own}`);
  }
};

const allDone = async (tally: Tally): Promise<void> => {
  await feeder.stop();
  const isDone = (): boolean => (tally.read(), tally.done === feeder.published);
  // What is not done by then counts as lost.
  await site.until(isDone, 'all is done', REST_MS).catch(() => undefined);
};

test(`${MINUTES} minutes, seed ${SEED}`, { timeout: (MINUTES + 10) * 60_000 }, async () => {
  const log = join(messages.dir, 'work.log');
  const tally = new Tally(log);
  const programs = programsOf({ minutes: MINUTES, perSecond: PER_SECOND, seed: SEED, log, broker: messages.broker });
  const names = Object.keys(programs);
  await goOn(await begin(programs), tally);
  await allDone(tally);
  const own = await look();
  const { done, twice, redelivered } = tally;
  const found = { lost: feeder.published - done, twice, redelivered: redelivered.length };
  const recycles = recyclesOf(journal.values());
  // Numbered in turn, queue after queue.
  for (const program of new Set(redelivered.map((id) => names[id % names.length] ?? '')))
    say(`delivered again: of ${program}\n${storyOf(program, journal.values())}`);
  say(`published ${feeder.published}, done ${done}, ${JSON.stringify(found)}; ${own}\n\n${tableOf(recycles)}\n`);
  expect(found).toEqual({ lost: 0, twice: 0, redelivered: 0 });
  expect(faultsOf(recycles, names.filter(isLeaking))).toEqual([]);
  const ended = [...journal.values()].filter(({ action }) => ['exit', 'fatal'].includes(action));
  expect(ended.map(({ reason }) => reason.text)).toEqual([]);
});
