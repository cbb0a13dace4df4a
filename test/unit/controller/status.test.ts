import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { HostStatus, WorkerStatus } from '../../../src/api/types.ts';
import type { Config } from '../../../src/config/types.ts';
import { Journal } from '../../../src/controller/journal.ts';
import { SampleStore } from '../../../src/controller/sample-store.ts';
import { Scribe } from '../../../src/controller/scribe.ts';
import { buildStatus } from '../../../src/controller/status.ts';
import { Driven, shop } from '../core/driven.ts';
import { configOf, makeRoot } from './fixture.ts';
import type { Folder } from './fixture.ts';

const HOST: HostStatus = {
  memoryTotalBytes: null,
  memoryAvailableBytes: null,
  swapTotalBytes: null,
  swapFreeBytes: null,
  swapInBytesPerSecond: null,
  swapOutBytesPerSecond: null,
  load1: null,
  cpuPercent: null,
  softirqPercent: null,
  stallPercent: null,
};

let folder: Folder;
let config: Config;
let journal: Journal;
let samples: SampleStore;
beforeEach(() => {
  folder = makeRoot();
  config = configOf(folder.root, { shop: { command: 'php artisan work --password=hunter2', directory: '/' } });
  journal = new Journal(config.journal);
  samples = new SampleStore();
});
afterEach(() => {
  journal.close();
  folder.remove();
});

const statusOf = (core: Driven, scribe = new Scribe(journal, config.file, 't')): WorkerStatus => {
  const controller = { pid: 1, version: 't', uptimeSeconds: 0, shimPid: null };
  const sources = { config, core: core.state, samples, scribe, host: HOST, controller, warnings: [], now: core.now };
  const [only] = buildStatus(sources, ['shop:0', 'nobody:0']).workers;
  if (only === undefined) throw new Error('no worker');
  return only;
};

describe('a note says why a worker is not running; what to do is said once, by the client', () => {
  test.each([
    ['RUNNING', () => Driven.up(), null],
    ['STARTING', () => new Driven(), null],
    ['STOPPED', () => Driven.up().command('stop').exits('shop:0#1', 0), 'stopped on purpose'],
    ['STOPPED', () => new Driven([shop({ auto: false })]), 'stopped on purpose'],
    ['STOPPING', () => Driven.up().command('stop'), 'waiting for pid 101 to end'],
    ['BACKOFF', () => new Driven().spawnFailed('shop:0#1'), 'cannot be started; next try in 0.80 s'],
    ['BACKOFF', () => Driven.up().ceiling('shop:0#1', 'hard', 10), 'a fresh process passes the hard ceiling at once'],
    ['BACKOFF', () => Driven.up({ broker: 'm' }).broker(false, 'm').exits('shop:0#1'), 'the broker is away'],
    [
      'FATAL',
      () => new Driven([shop({ retries: 0 })]).spawnFailed('shop:0#1'),
      'it could not be started and was given',
    ],
    ['EXITED', () => Driven.up({ restart: 'never' }).exits('shop:0#1', 0), null],
  ] as const)('%s: %#', (state, make, note) => {
    const worker = statusOf(make());
    expect(worker.state).toBe(state);
    if (note === null) expect(worker.note).toBeNull();
    else expect(worker.note).toContain(note);
    expect(worker.note ?? '').not.toContain('ackwarden explain');
  });
});

test('what is not known is null, secrets are masked, unknown names are left out', () => {
  const worker = statusOf(Driven.up());
  expect(worker).toMatchObject({ pid: 101, incarnation: 1, startedAt: null, rssBytes: null, inFlight: null });
  expect(worker).toMatchObject({ cpuPercent: null, sampledAt: null, trend: 'unknown', lastAction: null });
  expect(worker.command).not.toContain('hunter2');
});

test('a replacement and what leaves stand beside the current incarnation', () => {
  const swapping = Driven.up().finding('shop:0#1').spawned('shop:0#2');
  expect(statusOf(swapping)).toMatchObject({ pid: 101, replacement: { pid: 102, incarnation: 2, state: 'STARTING' } });
  expect(statusOf(swapping.timer())).toMatchObject({
    pid: 102,
    replacement: null,
    leaving: [{ pid: 101, incarnation: 1, phase: 'signalled' }],
    recycles: 1,
  });
});

test('the last action with its outcome', () => {
  const scribe = new Scribe(journal, config.file, 't');
  const core = Driven.up();
  for (const effect of core.allEffects) {
    if (effect.type === 'journal') scribe.write(effect.entry);
    if (effect.type === 'outcome') scribe.conclude(effect.outcome);
  }
  expect(statusOf(core, scribe).lastAction).toMatchObject({
    action: 'start',
    text: 'Started shop:0; pid 101, running after 1.0 s',
  });
});
