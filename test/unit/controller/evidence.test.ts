import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { JournalEntry } from '../../../src/api/types.ts';
import { EvidenceTaker } from '../../../src/controller/evidence.ts';
import { EvidenceStore, MOST_BUNDLES, MOST_BUNDLES_OF_A_WORKER } from '../../../src/controller/evidence-store.ts';
import type { TraceRow } from '../../../src/policy/replay.ts';
import { parseTrace } from '../../../src/cli/simulate/trace.ts';
import { startDiagnose } from '../../../src/controller/diagnose-process.ts';
import type { DiagnoseOrder } from '../../../src/controller/diagnose-process.ts';
import { explainEntry } from '../../../src/controller/explain.ts';
import { Journal } from '../../../src/controller/journal.ts';
import { Scribe } from '../../../src/controller/scribe.ts';
import { Driven } from '../core/driven.ts';
import { configOf, makeRoot } from './fixture.ts';
import type { Folder } from './fixture.ts';

type Result = { json: string } | { why: string };

let folder: Folder;
let journal: Journal;
let taker: EvidenceTaker;
let started: { order: DiagnoseOrder; end: (result: Result) => void; stopped: boolean }[] = [];
let core: Driven;
let rows: TraceRow[] = [];

const FOUND = JSON.stringify({
  conclusion: { kind: 'native', module: 'newrelic', confidence: 0.95, text: 'shop:0 leaks native memory.' },
});

beforeEach(() => {
  folder = makeRoot();
  started = [];
  rows = [];
  core = Driven.up({ workers: 13 });
  const config = configOf(folder.root, { shop: { command: 'sleep 1', workers: 13 } });
  journal = new Journal(config.journal);
  taker = new EvidenceTaker({
    config: () => config,
    core: () => core.state,
    scribe: new Scribe(journal, config.file, 't'),
    trace: () => rows,
    shimScript: '/opt/ackwarden/dist/shim.cjs',
    start: (order) => {
      let end: (result: Result) => void = () => undefined;
      const result = new Promise<Result>((settle) => (end = settle));
      const one = { order, end, stopped: false };
      started.push(one);
      return { result, stop: () => void (one.stopped = true) };
    },
  });
});
afterEach(() => {
  journal.close();
  folder.remove();
});

const pids = (): number[] => started.map(({ order }) => order.pid);
const pidOf = (worker: string): number => {
  const life = core.state.workers[worker]?.life;
  return life !== undefined && 'incarnation' in life ? (life.incarnation.pid ?? 0) : 0;
};
const last = (): JournalEntry => journal.entries().at(-1) ?? expect.fail('nothing was journaled');
const settled = (): Promise<void> => new Promise((settle) => setImmediate(settle));

describe('taking evidence', () => {
  test('our own executable looks at the process; what it concludes is the outcome, which explain of the cause cites', async () => {
    taker.take('shop:0#1', { rule: 'stuck.inFlight', cause: 'x-1' });
    expect(started[0]?.order).toMatchObject({ script: '/opt/ackwarden/dist/main.js', pid: pidOf('shop:0') });
    expect(last()).toMatchObject({ action: 'diagnose', worker: 'shop:0', incarnation: 1, cause: 'x-1', outcome: null });
    started[0]?.end({ json: FOUND });
    await settled();
    const { id, outcome } = last();
    const path = started[0]?.order.folder ?? '';
    expect(outcome).toMatchObject({
      ok: true,
      text: `shop:0 leaks native memory (native, 95 % sure; evidence in ${path})`,
      evidence: { kind: 'native', module: 'newrelic', path },
    });
    expect(readFileSync(join(path, 'diagnosis.json'), 'utf8')).toBe(FOUND);
    expect(statSync(path).mode & 0o777).toBe(0o700);
    expect(statSync(join(path, 'diagnosis.json')).mode & 0o777).toBe(0o600);
    const recycle = { ...last(), id: 'x-1', cause: null, action: 'recycle' as const, outcome: null };
    expect(explainEntry([recycle, last()], 'x-1')?.text).toContain(path);
    expect(id).toMatch(/^t-c/);
  });

  test.each([
    ['Not shop:0 itself leaks but a process', /^not shop:0 itself leaks/],
    ['Nothing grows in shop:0', /^nothing grows/],
    ['Notary:0 leaks', /^Notary:0 leaks/],
  ])('its words go on in the sentence: %s', async (text, expected) => {
    taker.take('shop:0#1', { rule: 'growth.leaking', cause: null });
    started[0]?.end({ json: JSON.stringify({ conclusion: { kind: 'helper', text } }) });
    await settled();
    expect(last().outcome?.text).toMatch(expected);
  });

  test('what was read of it over its life is kept beside it, and stays where nothing was found', async () => {
    rows = [0, 5].map((seconds) => ({
      seconds,
      rssBytes: 100 + seconds,
      anonBytes: 50,
      swapBytes: 0,
      zendBytes: null,
      acknowledged: 7,
    }));
    taker.take('shop:0#1', { rule: 'memory.hard', cause: null });
    started[0]?.end({ why: 'pid 4 ended before anything was seen' });
    await settled();
    const path = started[0]?.order.folder ?? '';
    expect(last().outcome?.text).toBe(
      `no evidence, because pid 4 ended before anything was seen (what was read of it before is in ${path})`,
    );
    expect(readdirSync(path)).toEqual(['trace.csv']);
    expect(parseTrace('trace.csv', readFileSync(join(path, 'trace.csv'), 'utf8'))).toEqual(rows);
  });

  test('two at once, one for each worker; the others wait', async () => {
    for (const worker of ['shop:0', 'shop:1', 'shop:2', 'shop:3'])
      taker.take(`${worker}#1`, { rule: 'memory.soft', cause: null });
    expect(pids()).toEqual([pidOf('shop:0'), pidOf('shop:1')]);
    started[1]?.end({ json: FOUND });
    await settled();
    expect(pids()).toEqual([pidOf('shop:0'), pidOf('shop:1'), pidOf('shop:2')]);
    started[0]?.end({ json: FOUND });
    await settled();
    expect(pids().at(-1)).toBe(pidOf('shop:3'));
  });

  test('a process that is looked into, or waits for it, is not looked into twice: each reason has the same outcome', async () => {
    const reasons = ['memory.near', 'memory.soft'] as const;
    for (const rule of reasons)
      for (const worker of ['shop:0', 'shop:1', 'shop:2']) taker.take(`${worker}#1`, { rule, cause: null });
    started[0]?.end({ json: FOUND });
    await settled();
    started[2]?.end({ why: 'it is gone' });
    await settled();
    expect(pids()).toEqual([pidOf('shop:0'), pidOf('shop:1'), pidOf('shop:2')]);
    const told = (worker: string): unknown[] =>
      journal
        .entries()
        .filter((entry) => entry.worker === worker && entry.outcome !== null)
        .map(({ reason, outcome }) => [reason.evidence['because'], outcome?.ok]);
    expect(told('shop:0')).toEqual(reasons.map((rule) => [rule, true]));
    expect(told('shop:1')).toEqual([]);
    expect(told('shop:2')).toEqual(reasons.map((rule) => [rule, false]));
  });

  test('the queue is short: what does not fit is said', () => {
    for (let index = 0; index < 13; index += 1) taker.take(`shop:${index}#1`, { rule: 'memory.soft', cause: null });
    const failed = journal.entries().filter(({ outcome }) => outcome !== null);
    expect(started).toHaveLength(2);
    expect(failed.length).toBe(3);
    expect(failed[0]?.outcome?.text).toBe('no evidence, because too many others are being looked at');
  });

  test.each<[string, Result, RegExp]>([
    [
      'a child that failed',
      { why: 'there is no process with pid 7' },
      /no evidence, because there is no process with pid 7/,
    ],
    ['no JSON', { json: '{' }, /cannot be read/],
    ['no conclusion', { json: '{}' }, /came to no conclusion/],
  ])('%s is an outcome that tells why, and leaves no folder', async (_, result, expected) => {
    taker.take('shop:0#1', { rule: 'memory.soft', cause: null });
    started[0]?.end(result);
    await settled();
    expect(last().outcome).toMatchObject({ ok: false, text: expect.stringMatching(expected) as string });
    expect(existsSync(started[0]?.order.folder ?? '')).toBe(false);
  });

  test.each<[string, Result]>([
    ['is gone', { why: 'there is no process with pid 7' }],
    ['was seen too short', { json: FOUND.replace('native"', 'unknown"') }],
  ])('of a process that %s, what was concluded of it before is told again', async (_, result) => {
    taker.take('shop:0#1', { rule: 'growth.leaking', cause: null });
    started[0]?.end({ json: FOUND });
    await settled();
    taker.take('shop:0#1', { rule: 'memory.hard', cause: null });
    started[1]?.end(result);
    await settled();
    const path = started[0]?.order.folder ?? '';
    expect(last().outcome?.text).toContain(`; before that: shop:0 leaks native memory (evidence in ${path})`);
    taker.take('shop:1#1', { rule: 'memory.hard', cause: null });
    started[2]?.end(result);
    await settled();
    expect(last().outcome?.text).not.toContain('before that');
  });

  test('a data directory that cannot be written is an outcome, too', () => {
    writeFileSync(join(folder.root, 'data', 'evidence'), 'in the way');
    taker.take('shop:0#1', { rule: 'memory.soft', cause: null });
    expect(last().outcome?.ok).toBe(false);
  });

  test('nothing for who is not there, and nothing once the controller ends: what runs is ended', async () => {
    taker.take('shop:99#1', { rule: 'memory.soft', cause: null });
    expect(journal.entries()).toEqual([]);
    taker.take('shop:0#1', { rule: 'memory.soft', cause: null });
    taker.close();
    expect(started[0]?.stopped).toBe(true);
    taker.take('shop:1#1', { rule: 'memory.soft', cause: null });
    started[0]?.end({ json: FOUND });
    await settled();
    expect(started).toHaveLength(1);
    expect(last()).toMatchObject({ worker: 'shop:0', outcome: null });
  });
});

describe('a step of the core', () => {
  const entryOf = (rule: string, action: 'recycle' | 'kill' = 'recycle') =>
    ({
      type: 'journal',
      entry: {
        id: 'e-1',
        action,
        worker: 'shop:1',
        program: 'shop',
        pid: 1,
        incarnation: 1,
        cause: null,
        rule,
        evidence: {},
        text: null,
        policy: null,
      },
    }) as const;

  test.each(['memory.soft', 'memory.hard', 'memory.growth'])(
    'that recycles for %s: evidence, with the recycle as its cause',
    (rule) => {
      taker.onStep([entryOf(rule)]);
      expect(pids()).toEqual([pidOf('shop:1')]);
      expect(last()).toMatchObject({ action: 'diagnose', cause: 'e-1', worker: 'shop:1' });
    },
  );

  test.each([entryOf('lifetime.age'), entryOf('command.recycle'), entryOf('memory.kill', 'kill')])(
    'any other leads to none',
    (effect) => {
      taker.onStep([effect]);
      expect(started).toEqual([]);
    },
  );
});

describe('the store', () => {
  let root = '';
  beforeEach(() => (root = mkdtempSync(join(tmpdir(), 'ackwarden evidence '))));
  afterEach(() => rmSync(root, { recursive: true, force: true }));
  const names = (): string[] => readdirSync(join(root, 'evidence'));

  test('keeps the newest of each worker, and the newest of all', () => {
    const store = new EvidenceStore(root);
    for (let at = 0; at < MOST_BUNDLES_OF_A_WORKER + 5; at += 1)
      store.open('shop:0', { pid: 7, wall: 1_700_000_000_000 + at * 1000, rows: [] });
    expect(names()).toHaveLength(MOST_BUNDLES_OF_A_WORKER);
    expect(names().toSorted()[0]).toBe('20231114T221325000Z-shop-0-7');
    for (let at = 0; at < MOST_BUNDLES + 5; at += 1)
      store.open(`other:${at}`, { pid: 7, wall: 1_800_000_000_000 + at * 1000, rows: [] });
    expect(names()).toHaveLength(MOST_BUNDLES);
    expect(names().some((name) => name.includes('shop-0'))).toBe(false);
  });

  test('a worker whose name looks like a path has a folder like all others, and what is not ours stays', () => {
    mkdirSync(join(root, 'evidence'));
    writeFileSync(join(root, 'evidence', 'note.txt'), 'mine');
    new EvidenceStore(root).open('../../etc:0', { pid: 7, wall: 0, rows: [] });
    expect(names().toSorted()).toEqual(['19700101T000000000Z--etc-0-7', 'note.txt']);
  });

  test('where the series cannot be written no empty folder is left', () => {
    const row: TraceRow = {
      get seconds(): number {
        throw new Error('no space left on device');
      },
    } as TraceRow;
    expect(() => new EvidenceStore(root).open('shop:0', { pid: 7, wall: 0, rows: [row] })).toThrow('no space left');
    expect(names()).toEqual([]);
  });

  test('a picture that is too large is not kept', () => {
    const store = new EvidenceStore(root);
    const path = store.open('shop:0', { pid: 7, wall: 0, rows: [] });
    writeFileSync(join(path, 'timeline.svg'), 'x'.repeat(2 * 1024 * 1024));
    store.keep(path, '{}');
    expect(readdirSync(path)).toEqual(['diagnosis.json']);
  });
});

describe('the child', () => {
  let root = '';
  beforeEach(() => (root = mkdtempSync(join(tmpdir(), 'ackwarden child '))));
  afterEach(() => rmSync(root, { recursive: true, force: true }));
  const run = (source: string): Promise<Result> => {
    const script = join(root, 'main.js');
    writeFileSync(script, source);
    return startDiagnose({ script, pid: 7, seconds: 1, folder: root, socketPath: '/s', advisories: ['/a b.yaml'] })
      .result;
  };

  test('is given its order as arguments, has no environment of ours, and little priority', async () => {
    process.env['ACKWARDEN_TEST_SECRET'] = 'x';
    const source =
      "const os = require('os'); process.stdout.write(JSON.stringify({ argv: process.argv.slice(2), env: Object.keys(process.env) }))";
    const result = await run(source);
    delete process.env['ACKWARDEN_TEST_SECRET'];
    const told = JSON.parse('json' in result ? result.json : '{}') as { argv: string[]; env: string[] };
    expect(told.argv).toEqual([
      'diagnose',
      '--pid',
      '7',
      '--seconds',
      '1',
      '--svg',
      join(root, 'timeline.svg'),
      '--save',
      join(root, 'diagnosis.json'),
      '--advisories',
      '/a b.yaml',
      '--json',
      '--socket',
      '/s',
    ]);
    expect(told.env.filter((name) => name.startsWith('ACKWARDEN'))).toEqual([]);
  });

  test.each([
    [
      "process.stderr.write('ackwarden: there is no process with pid 7\\n'); process.exit(1)",
      'there is no process with pid 7',
    ],
    ['process.exit(3)', 'it ended with status 3'],
    ["process.kill(process.pid, 'SIGKILL'); setTimeout(() => {}, 9999)", 'it ended with SIGKILL'],
    [
      "process.stdout.write('x'.repeat(3 * 1024 * 1024)); setTimeout(() => {}, 60000)",
      'it has more to tell than a bundle may hold',
    ],
  ])('%s', async (source, why) => {
    expect(await run(source)).toEqual({ why });
  });
});
