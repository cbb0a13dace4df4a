import { afterEach, describe, expect, test } from 'vitest';
import { attention, shellWord } from '../../../src/cli/attention.ts';
import { showStatus, statusLines } from '../../../src/cli/status.ts';
import { truncateName } from '../../../src/cli/status-table.ts';
import { displayWidth } from '../../../src/cli/width.ts';
import { fakeController } from './fake-controller.ts';
import type { FakeController } from './fake-controller.ts';
import { makeStatus, makeWorker, MiB, NOW, PLAIN, recordContext } from './samples.ts';

let fake: FakeController | null = null;
afterEach(async () => {
  await fake?.close();
  fake = null;
});

const FLEET = makeStatus([
  makeWorker({ name: 'user-coupon-expire:0', rssBytes: 317 * MiB, growthBytesPerMinute: 25.1 * MiB, trend: 'leaking' }),
  makeWorker({ name: 'user-coupon-expire:1', state: 'FATAL', pid: null, rssBytes: null, note: 'exited 127: no php.' }),
]);

describe('statusLines', () => {
  test('one row a worker with its figures, and what is wrong under it', () => {
    const [header, first, leak] = statusLines(FLEET, { ...PLAIN, columns: 120 }, NOW);
    expect(header?.split(/ +/)).toEqual(['NAME', 'STATE', 'PID', 'UP', 'MEMORY', 'GROWTH', 'CPU', 'RST', 'RCY']);
    expect(first).toBe('user-coupon-expire:0 RUNNING 4711 10m00s ███▏░ 317M/512M +25.1M/m 12%   0   3');
    expect(leak).toMatch(/^ {2}└ it leaks 25\.1 MiB a minute; see `ackwarden explain user-coupon-expire:0`$/);
    const text = statusLines(FLEET, { ...PLAIN, columns: 120 }, NOW).join('\n');
    expect(text).toMatch(/user-coupon-expire:1 FATAL {6}- {6}- +-\/512M/);
    expect(statusLines(FLEET, { ...PLAIN, columns: 200 }, NOW).join('\n')).toMatch(
      /└ exited 127: no php; see `ackwarden explain .*:1` and `ackwarden logs .*:1`, then `ackwarden start .*:1`/,
    );
    expect(text).toContain('controller 1 (0.1.0) up 1 h 2 m, shim 2; memory 3 GiB of 8 GiB free, load 0.42');
  });

  test('what each worker holds, where a gate sees it: a column of its own', () => {
    const workers = [
      makeWorker({ inFlight: 3, prefetch: 10 }),
      makeWorker({ name: 'shop:1', inFlight: 0, prefetch: 0 }),
      makeWorker({ name: 'mail:0' }),
    ];
    const lines = statusLines(makeStatus(workers), { ...PLAIN, columns: 120 }, NOW);
    const at = lines[0]?.indexOf('HELD') ?? 0;
    expect(lines.slice(1, 4).map((line) => line.slice(at - 1, at + 4).trim())).toEqual(['3/10', '0', '-']);
    expect(statusLines(makeStatus(workers.slice(2)), PLAIN, NOW)[0]).not.toContain('HELD');
  });

  test.each([120, 80, 60, 40, 30])('fits %i columns and always shows name and state', (columns) => {
    const table = statusLines(FLEET, { ...PLAIN, columns }, NOW).filter((line) => !line.startsWith('controller'));
    for (const line of table) expect(displayWidth(line)).toBeLessThanOrEqual(columns);
    expect(table.join('\n')).toMatch(/:0 +RUNNING/);
    expect(table.join('\n')).toMatch(/:1 +FATAL/);
  });

  test('long names are cut in the middle, so that workers stay apart', () => {
    expect(truncateName('a-very-long-program-name:12', 14, true)).toBe('a-very-lon…:12');
    const workers = [0, 1].map((index) => makeWorker({ name: `${'program-'.repeat(8)}:${index}` }));
    const lines = statusLines(makeStatus(workers), PLAIN, NOW);
    expect(lines[1]).toMatch(/…:0 RUNNING/);
    expect(lines[2]).toMatch(/…:1 RUNNING/);
  });

  test('unknown is -, never 0', () => {
    const worker = makeWorker({
      cpuPercent: null,
      growthBytesPerMinute: null,
      rssBytes: null,
      hardBytes: null,
      pid: null,
    });
    expect(statusLines(makeStatus([worker]), PLAIN, NOW)[1]).toBe('shop:0 RUNNING   -  -       -      -   -   0   3');
  });

  test('warnings last; colours only where wanted', () => {
    const status = makeStatus(undefined, { warnings: ['workers.yaml is invalid; the last good one is in force'] });
    expect(statusLines(status, PLAIN, NOW).at(-1)).toMatch(/^warning: workers\.yaml is invalid/);
    expect(statusLines(status, PLAIN, NOW).join('')).not.toContain('\u001b');
    expect(statusLines(status, { ...PLAIN, colour: true }, NOW)[1]).toContain('\u001b[32mRUNNING\u001b[0m');
  });

  test('ASCII where the locale has no block characters', () => {
    // oxlint-disable-next-line no-control-regex -- anything outside ASCII
    expect(statusLines(FLEET, { ...PLAIN, unicode: false }, NOW).join('\n')).not.toMatch(/[^\u0000-\u007f]/);
  });
});

describe('attention', () => {
  test.each([
    ['a healthy worker', {}, null],
    ['a stopped one nobody explained', { state: 'STOPPED', pid: null } as const, null],
    ['a note', { note: 'ceiling too low' }, /^ceiling too low$/],
    [
      'backoff',
      { state: 'BACKOFF', note: 'exited with 1, next try in 4 s.' } as const,
      /next try in 4 s; more: `ackwarden explain shop:0`/,
    ],
    ['over the hard ceiling', { rssBytes: 600 * MiB }, /88 MiB over its hard ceiling of 512 MiB/],
    ['swap counts', { rssBytes: 500 * MiB, swapBytes: 100 * MiB }, /over its hard ceiling/],
    [
      'leaking below soft',
      { trend: 'leaking', rssBytes: 156 * MiB, growthBytesPerMinute: 10 * MiB } as const,
      /10 MiB a minute, so it meets its soft ceiling in about 10 m/,
    ],
  ])('%s', (_, over, expected) => {
    const sentence = attention(makeWorker(over));
    if (expected === null) expect(sentence).toBeNull();
    else expect(sentence).toMatch(expected);
  });

  test('names in commands can be pasted', () => {
    expect(shellWord('shop:0')).toBe('shop:0');
    expect(shellWord("it's $HOME")).toBe(String.raw`'it'\''s $HOME'`);
  });
});

describe('showStatus', () => {
  const options = (json = false): { config: null; socket: string; json: boolean } => ({
    config: null,
    socket: fake?.socketPath ?? '',
    json,
  });

  test.each([
    ['RUNNING', 0],
    ['DRAINING', 0],
    ['STARTING', 3],
    ['STOPPED', 3],
    ['FATAL', 3],
  ] as const)('%s exits %i', async (state, code) => {
    fake = await fakeController(() => makeStatus([makeWorker(), makeWorker({ state })]));
    expect(await showStatus(['shop:*'], options(), recordContext())).toBe(code);
    expect(fake.requests[0]?.query.getAll('name')).toEqual(['shop:*']);
  });

  test('--json prints the object as received, whatever the exit code', async () => {
    const extra = { ...FLEET, fieldOfANewerController: 1 };
    fake = await fakeController(() => extra);
    const context = recordContext();
    expect(await showStatus([], options(true), context)).toBe(3);
    expect(JSON.parse(context.out())).toEqual(extra);
  });
});
