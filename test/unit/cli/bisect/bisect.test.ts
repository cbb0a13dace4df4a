import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { BisectReport } from '../../../../src/api/bisect-types.ts';
import { introduction, lines, runBisect } from '../../../../src/cli/bisect/bisect.ts';
import { runCommandLine } from '../../../../src/cli/command-line.ts';
import type { Context, Output } from '../../../../src/cli/context.ts';
import { fakeController } from '../fake-controller.ts';
import type { FakeController } from '../fake-controller.ts';

const growth = (bytesPerMessage: number): BisectReport['control']['growth'] => ({
  bytesPerMessage,
  lowBytesPerMessage: bytesPerMessage - 1024 ** 2,
  highBytesPerMessage: bytesPerMessage + 1024 ** 2,
});
const suspect = {
  why: 'it looks on',
  state: 'running',
  verdict: 'undecided',
  messages: 7,
  growth: null,
  share: null,
} as const;
const RUNNING: BisectReport = {
  program: 'shop',
  state: 'running',
  elapsedSeconds: 75,
  messages: 1234,
  limitMessages: 100_000,
  limitSeconds: 900,
  control: { canary: 'shop.bisect-control', messages: 700, growth: growth(3 * 1024 ** 2) },
  suspects: [
    { ...suspect, extension: 'newrelic', canary: 'n', verdict: 'leaks', growth: growth(0) },
    { ...suspect, extension: 'xdebug', canary: 'x', state: 'waiting' },
  ],
  spared: [],
  conclusion: null,
};
const DONE: BisectReport = {
  ...RUNNING,
  state: 'done',
  conclusion: { kind: 'found', extension: 'newrelic', text: 'newrelic leaks' },
};

it('shows how it goes, one line a canary', () =>
  expect(lines(RUNNING)).toEqual([
    'bisect shop: 1234 of at most 100000 messages, 1 m 15 s of at most 15 m',
    '  with all          3 MiB a message (2 MiB to 4 MiB)  700 messages',
    '  without newrelic   0 B a message (-1 MiB to 1 MiB)    7 messages  it leaks',
    '  without xdebug                                   -    7 messages  waits for its turn',
  ]));

it('says which it has chosen, why, and what it has left out', () => {
  const spared = [{ extension: 'redis', text: 'redis 6.0.0 is known to leak, and is not tried' }];
  expect(introduction({ ...RUNNING, spared }, 44)).toEqual([
    'shop: these are tried, each by a canary that',
    'runs without it.',
    '  newrelic: it looks on.',
    '  xdebug: it looks on.',
    '  redis 6.0.0 is known to leak, and is not',
    '    tried.',
  ]);
});

describe('the command', () => {
  let controller: FakeController;
  let interrupt: AbortController;
  let answers: BisectReport[];
  let written: string;
  beforeEach(async () => {
    written = '';
    interrupt = new AbortController();
    controller = await fakeController(({ path }) => {
      if (path === '/api/v1/bisect/end') {
        const conclusion = { kind: 'cancelled', extension: null, text: 'it was interrupted' } as const;
        answers = [{ ...DONE, conclusion }];
        return { ...RUNNING, state: 'ending', conclusion };
      }
      return answers.length > 1 ? answers.shift() : answers[0];
    });
  });
  afterEach(() => controller.close());

  const output = (tty: boolean): Output => ({
    terminal: { tty, columns: 80, rows: 24, colour: false, unicode: true },
    write: (text) => {
      written += text;
      // As a person who has seen enough: not before it has begun.
      if (tty) interrupt.abort();
    },
    writeBytes: () => undefined,
  });
  const context = (tty = false): Context => ({
    stdout: output(false),
    stderr: output(tty),
    env: {},
    cwd: '/',
    uid: 0,
    now: () => 0,
    interrupted: () => interrupt.signal,
  });
  const request = { program: 'shop', suspects: ['newrelic'], messages: 10, seconds: 20, atOnce: 4 };
  const options = (json: boolean) => ({ config: null, socket: controller.socketPath, json });

  it('asks until the canaries are gone, and says what was found', async () => {
    answers = [RUNNING, DONE];
    expect(await runBisect(request, options(false), context())).toBe(0);
    expect(controller.requests[0]).toMatchObject({ method: 'POST', path: '/api/v1/bisect', body: request });
    expect(written).toMatch(/^bisect shop: [^]*\nnewrelic leaks\.\n$/);
  });

  it('introduces those that nobody has named, and no others', async () => {
    answers = [DONE];
    await runBisect({ ...request, suspects: null }, options(false), context());
    expect(written).toMatch(/^shop: these are tried, [^]*\n {2}newrelic: it looks on\.\n/);
    written = '';
    answers = [DONE];
    await runBisect(request, options(false), context());
    expect(written).not.toContain('these are tried');
  });

  it('--json is the report', async () => {
    answers = [DONE];
    expect(await runBisect(request, options(true), context())).toBe(0);
    expect(JSON.parse(written)).toEqual(DONE);
  });

  it('an interrupt ends it, and is waited for', async () => {
    answers = [RUNNING];
    expect(await runBisect(request, options(false), context(true))).toBe(1);
    expect(controller.requests.map(({ path }) => path)).toContain('/api/v1/bisect/end');
    expect(written).toMatch(/No answer, and all canaries are drained and gone: it was interrupted\.\n$/);
  });

  it.each([
    [['shop', '--suspects', 'a,,b'], '--suspects a,,b: expected names of extensions'],
    [['shop', '--messages', '0'], '--messages 0: expected a whole number'],
    [['shop', '--time', '30'], '--time 30: expected a duration of at least 1s'],
    [['shop', '--at-once', 'x'], '--at-once x: expected a whole number'],
    [[], "missing required argument 'PROGRAM'"],
  ])('%j is refused', async (argv, text) => {
    expect(await runCommandLine(['bisect', ...argv], { version: '1', platform: 'linux' }, context())).toBe(2);
    expect(written).toContain(text);
    expect(controller.requests).toEqual([]);
  });

  it('flags become the request', async () => {
    answers = [DONE];
    const flags = ['--suspects', 'a, b', '--messages', '7', '--time', '2m', '--at-once', '3'];
    const argv = ['bisect', 'shop', '--socket', controller.socketPath, ...flags];
    expect(await runCommandLine(argv, { version: '1', platform: 'linux' }, context())).toBe(0);
    expect(controller.requests[0]?.body).toEqual({
      program: 'shop',
      suspects: ['a', 'b'],
      messages: 7,
      seconds: 120,
      atOnce: 3,
    });
  });
});
