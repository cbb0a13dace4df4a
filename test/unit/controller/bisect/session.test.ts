/** A bisect with canaries that are made up: when it begins which, what ends it, and what it leaves. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { BisectSession } from '../../../../src/controller/bisect/session.ts';
import type { Config } from '../../../../src/config/types.ts';
import type { CoreState } from '../../../../src/core/types.ts';
import { configOf, makeRoot } from '../fixture.ts';
import type { Folder } from '../fixture.ts';

const SECOND = 1_000;
const KiB = 1024;

let folder: Folder;
let config: Config;
let core: { mode: string; workers: Record<string, unknown>; strays: Record<string, unknown> };
let now: number;
/** What canaries without an extension grow by for each message; `control` for the one with all. */
let growth: Record<string, number>;
let messages: number;

beforeEach(() => {
  folder = makeRoot();
  config = configOf(folder.root, {
    shop: { command: 'php x', workers: 3, after: ['db'], amqp: {} },
    db: { command: 'x' },
  });
  core = { mode: 'running', workers: {}, strays: {} };
  now = 0;
  messages = 0;
  growth = { control: 50 * KiB };
});
afterEach(() => folder.remove());

const canariesIn = (of: Config): string[] => Object.keys(of.programs).filter((name) => name.includes('.bisect-'));

/** What the core makes of a configuration: a worker that is gone is a stray until it is drained. */
const apply = (next: Config): void => {
  for (const name of canariesIn(config)) if (next.programs[name] === undefined) core.strays[`${name}:0#1`] = {};
  config = next;
  const living = canariesIn(next).map((name) => [
    `${name}:0`,
    { life: { state: 'RUNNING', incarnation: { id: name } } },
  ]);
  core.workers = Object.fromEntries(living) as Record<string, unknown>;
};

const begin = (suspects: string[], more: object = {}): BisectSession => {
  const request = { program: 'shop', suspects, messages: 1_000_000, seconds: 600, atOnce: 4, ...more };
  const program = config.programs['shop'];
  if (program === undefined) throw new Error('no shop');
  return new BisectSession(
    {
      config: () => config,
      core: () => core as unknown as CoreState,
      readingOf: (incarnation) => ({
        messages,
        bytes: 20e6 + messages * (growth[incarnation.replace(/^.*bisect-(no-)?/, '')] ?? growth['control'] ?? 0),
      }),
      apply,
    },
    request,
    { suspects: suspects.map((extension) => ({ extension, why: 'it was named' })), spared: [], program, now },
  );
};

const look = (session: BisectSession, times: number): void => {
  for (let time = 0; time < times && session.phase.state === 'running'; time += 1) {
    now += SECOND;
    messages += 100;
    session.keep(now);
    session.look(now);
  }
};

const conclusionOf = (session: BisectSession): object | null =>
  session.phase.state === 'running' ? null : session.phase.conclusion;

describe('canaries', () => {
  it('are like their program, with one worker and one extension less', () => {
    begin(['leaky', 'Zend OPcache']);
    expect(canariesIn(config)).toEqual(['shop.bisect-control', 'shop.bisect-no-leaky', 'shop.bisect-no-Zend-OPcache']);
    const { shop } = config.programs;
    expect(config.programs['shop.bisect-no-leaky']).toEqual({
      ...shop,
      name: 'shop.bisect-no-leaky',
      workers: 1,
      workerName: '{program}:{index}',
      after: [],
      php: { ...shop?.php, disableExtensions: ['leaky'] },
    });
  });

  it('take turns where there are more suspects than are tried at once', () => {
    growth['c'] = 0;
    const session = begin(['a', 'b', 'c'], { atOnce: 1 });
    expect(canariesIn(config)).toEqual(['shop.bisect-control', 'shop.bisect-no-a']);
    look(session, 40);
    expect(session.suspects.map(({ state }) => state)).toEqual(['ended', 'ended', 'running']);
  });

  it('are in no configuration that outlives the controller', () => {
    const before = config;
    const session = begin(['leaky']);
    expect(config).not.toEqual(before);
    expect(session.without(config)).toEqual(before);
  });

  it('are removed at its end, and it is done once they are gone', () => {
    const session = begin(['leaky']);
    session.end('it was interrupted');
    expect([canariesIn(config), session.phase.state]).toEqual([[], 'ending']);
    session.look(now);
    expect(session.phase.state).toBe('ending');
    core.strays = { 'other:0#1': {} };
    session.look(now);
    expect(session.phase.state).toBe('done');
  });
});

describe('its end', () => {
  it('names the extension whose absence ends the growth', () => {
    growth['leaky'] = 0;
    const session = begin(['innocent', 'leaky']);
    look(session, 100);
    expect(conclusionOf(session)).toMatchObject({ kind: 'found', extension: 'leaky' });
    expect(conclusionOf(session)).toMatchObject({
      text: 'leaky leaks 50.0 KiB for each message (surely 50.0 KiB to 50.0 KiB): a worker of shop grew by 50.0 KiB a message, and by 0 bytes without it. Take it away with programs.shop.php.disableExtensions: [leaky]',
    });
    expect(session.elapsedMs).toBeLessThan(60 * SECOND);
  });

  it('says that none of them is it', () => {
    const session = begin(['a', 'b']);
    look(session, 100);
    expect(conclusionOf(session)).toMatchObject({
      kind: 'none',
      text: expect.stringContaining('without a, or without b') as string,
    });
  });

  it('says that nothing leaks, at its limits', () => {
    growth['control'] = 0;
    const session = begin(['a'], { seconds: 50 });
    look(session, 100);
    expect(conclusionOf(session)).toMatchObject({ kind: 'noGrowth' });
    expect(session.elapsedMs).toBe(50 * SECOND);
  });

  it('says that the messages were too few', () => {
    const session = begin(['a'], { messages: 300 });
    look(session, 100);
    expect(conclusionOf(session)).toMatchObject({
      kind: 'undecided',
      text: 'Not enough messages to tell anything after 400 messages in 2.0 s',
    });
  });

  it('says that the worker does not run without it', () => {
    const session = begin(['a']);
    core.workers['shop.bisect-no-a:0'] = { life: { state: 'FATAL' } };
    look(session, 20);
    expect(conclusionOf(session)).toMatchObject({
      kind: 'undecided',
      text: expect.stringContaining('(the worker does not run without a)') as string,
    });
  });

  it.each([
    ['a reload', () => apply({ ...config, programs: {} }), 'workers.yaml was reloaded meanwhile'],
    ['a shutdown', () => (core.mode = 'shuttingDown'), 'ackwarden shuts down'],
    ['nobody who asks any more', () => (now += 21 * SECOND), 'whoever began it has gone away'],
  ])('follows %s', (_what, happens, text) => {
    const session = begin(['a']);
    happens();
    session.look(now);
    expect(conclusionOf(session)).toEqual({ kind: 'cancelled', extension: null, text });
  });
});
