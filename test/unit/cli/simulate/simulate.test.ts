import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { runCommandLine } from '../../../../src/cli/command-line.ts';
import { parseTrace } from '../../../../src/cli/simulate/trace.ts';
import { fakeController } from '../fake-controller.ts';
import type { FakeController } from '../fake-controller.ts';
import { recordContext } from '../samples.ts';

let folder = '';
beforeEach(() => (folder = mkdtempSync(join(tmpdir(), 'ackwarden-simulate-'))));
afterEach(() => rmSync(folder, { recursive: true }));

const HEADER = 'seconds,rssBytes,anonBytes,swapBytes';
const leaky = Array.from({ length: 900 }, (_, index) => `${index * 5},${60e6 + index * 2e5},${40e6 + index * 2e5},0`);

const run = async (...argv: string[]): Promise<{ code: number; out: string; err: string }> => {
  const context = recordContext({ cwd: folder });
  const code = await runCommandLine(['simulate', ...argv], { version: '1', platform: 'linux' }, context);
  return { code, out: context.out(), err: context.err() };
};

const trace = (name: string, lines: readonly string[]): string => {
  writeFileSync(join(folder, name), `${lines.join('\n')}\n`);
  return name;
};

test('--json: one line a trace, by the contract', async () => {
  trace('leak.csv', [HEADER, ...leaky]);
  trace('flat.csv', [HEADER, ...leaky.slice(0, 200).map((_, index) => `${index * 5},60000000,40000000,0`)]);
  const { code, out } = await run('--json', '--soft', '200MiB', '--horizon', '10m', 'leak.csv', 'flat.csv');
  const lines = out
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as Record<string, unknown>);
  expect(code).toBe(0);
  expect(lines[0]).toMatchObject({ trace: 'leak.csv', verdict: 'leaking', action: 'recycle', rule: 'memory.growth' });
  expect(lines[0]?.['reason']).toMatch(
    /^leaking \(2\.3 MiB a minute over .*; recycled after .* before the soft ceiling of 200 MiB/,
  );
  expect(lines[1]).toMatchObject({ trace: 'flat.csv', verdict: 'flat', action: 'none', atSeconds: null });
});

test('a path that cannot even be looked at is refused in words', async () => {
  symlinkSync('loop', join(folder, 'loop'));
  const { code, err } = await run('--soft', '200MiB', 'loop');
  expect([code, err]).toEqual([2, expect.stringContaining('simulate: cannot read loop: ')]);
});

test('a bundle of evidence is a trace; one without a series is refused in words', async () => {
  mkdirSync(join(folder, 'bundle'));
  expect((await run('--soft', '200MiB', 'bundle')).err).toContain('cannot read bundle: it holds no trace.csv');
  trace('bundle/trace.csv', [HEADER, ...leaky]);
  const { code, out } = await run('--json', '--soft', '200MiB', 'bundle');
  expect(code).toBe(0);
  expect(JSON.parse(out)).toMatchObject({ trace: 'bundle', verdict: 'leaking', action: 'recycle' });
});

test.each([
  ['0', "outside PHP's own heap, by an extension or a library"],
  ['1', "in PHP's own heap, by PHP code"],
])(
  'with zendBytes and acknowledged the reason says where it grows, and by how much a message',
  async (share, place) => {
    const grown = (index: number): number => 4e7 + index * 2e5;
    const lines = leaky.map((line, index) => `${line},${Math.round(Number(share) * grown(index)) + 1e6},${index * 10}`);
    trace('leak.csv', [`${HEADER},zendBytes,acknowledged`, ...lines]);
    const { reason } = JSON.parse((await run('--json', '--soft', '200MiB', 'leak.csv')).out) as { reason: string };
    expect(reason).toContain(place);
    expect(reason).toMatch(/19\.5 KiB a message/);
  },
);

/** 52 KiB a message, forty a minute for half an hour in the evening and from the next evening on, a reading every 15 s. */
const shop = (counted: boolean): string[] =>
  Array.from({ length: 4 * (1_440 + 20) }, (_, index) => {
    const minutes = index / 4;
    const acknowledged = Math.floor(40 * (Math.min(33, minutes) + Math.max(0, minutes - 1_440)));
    const bytes = 2e7 + acknowledged * 52 * 1024;
    return `${index * 15},${bytes + 2e7},${bytes},0,${counted ? acknowledged : ''}`;
  });

test('a leak that stood still all day is recycled for the messages to come, and not while it is idle', async () => {
  trace('counted.csv', [`${HEADER},acknowledged`, ...shop(true)]);
  trace('uncounted.csv', [`${HEADER},acknowledged`, ...shop(false)]);
  const { out } = await run('--json', '--soft', '128MiB', 'counted.csv', 'uncounted.csv');
  const [counted, uncounted] = out
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as { atSeconds: number; reason: string });
  const evening = 24 * 3_600;
  expect(counted?.atSeconds).toBeGreaterThan(evening);
  expect(counted?.atSeconds).toBeLessThan(evening + 300);
  expect(counted?.reason).toMatch(
    /recycled after .*, \d m .* before the soft ceiling of 128 MiB \(\+52 KiB a message over [\d,]+ messages, at \d+(\.\d)? messages a minute\)$/,
  );
  expect(uncounted?.atSeconds).toBeGreaterThan((counted?.atSeconds ?? 0) + 60);
});

test('a staircase: how many leaps, and that the next one is too much', async () => {
  const stairs = Array.from({ length: 100 }, (_, index) => 4e7 + 6e7 * Math.floor(index / 30));
  trace('stairs.csv', [HEADER, ...stairs.map((bytes, index) => `${index * 5},${bytes + 2e7},${bytes},0`)]);
  const { reason } = JSON.parse((await run('--json', '--soft', '205MiB', 'stairs.csv')).out) as { reason: string };
  expect(reason).toContain('one more leap before the soft ceiling of 205 MiB (2 leaps of about 57.2 MiB)');
});

test('--hard alone: the growth is stopped in time before it, a leap over it is recycled, one over a quarter more is killed', async () => {
  trace('leak.csv', [HEADER, ...leaky]);
  const leap = (bytes: number): string[] =>
    Array.from({ length: 60 }, (_, at) => `${at * 5},${at === 30 ? bytes : 6e7},4e7,0`);
  trace('over.csv', [HEADER, ...leap(220e6)]);
  trace('far.csv', [HEADER, ...leap(270e6)]);
  const { code, out } = await run('--json', '--hard', '200MiB', 'leak.csv', 'over.csv', 'far.csv');
  const [leak, over, far] = out
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as Record<string, unknown>);
  expect(code).toBe(0);
  expect(leak).toMatchObject({ verdict: 'leaking', action: 'recycle', rule: 'memory.growth' });
  expect(leak?.['reason']).toMatch(/recycled after .* before the hard ceiling of 200 MiB/);
  expect(over).toMatchObject({ action: 'recycle', rule: 'memory.hard', atSeconds: 150 });
  expect(over?.['reason']).toMatch(/recycled after 2 m 30 s at 210 MiB, over the hard ceiling of 200 MiB$/);
  expect(far).toMatchObject({ rule: 'memory.kill', atSeconds: 150 });
  expect(far?.['reason']).toMatch(/killed after 2 m 30 s at 257 MiB, over the kill ceiling of 250 MiB$/);
});

test('for people: a line of blocks and a sentence', async () => {
  trace('leak.csv', [HEADER, ...leaky]);
  const { out } = await run('--soft', '200MiB', 'leak.csv');
  expect(out).toMatch(
    /leak\.csv\n {2}[^\n]+57\.2 MiB to 229 MiB, top 229 MiB\n {2}0-+\^-+ 1 h 14 m {3}\^ after [^\n]+\n {2}leaking/,
  );
});

test('the picture is by time: what was not read is a gap', async () => {
  trace('gap.csv', [HEADER, ...leaky.slice(0, 30), ...leaky.slice(600, 900)]);
  expect((await run('--soft', '900MiB', 'gap.csv')).out).toMatch(/gap\.csv\n {2}[_.:=-]+ {10,}[_.:=-]+ 57\.2 MiB/);
});

describe('a living worker', () => {
  const rows = Array.from({ length: 900 }, (_, index) => ({
    seconds: index * 5,
    rssBytes: 60e6 + index * 2e5,
    anonBytes: 40e6 + index * 2e5,
    swapBytes: 0,
    zendBytes: index === 1 ? null : 2e6,
    acknowledged: index,
  }));
  let fake: FakeController | null = null;
  afterEach(() => fake?.close());
  const ask = async (...argv: string[]): ReturnType<typeof run> => {
    fake = await fakeController(() => ({ name: 'shop:0', program: 'shop', pid: 7, rows }));
    return run('--worker', 'shop:0', '--socket', fake.socketPath, ...argv);
  };

  test('what was read of it is a trace', async () => {
    const { code, out } = await ask('--json', '--soft', '200MiB');
    expect({ code, ...(JSON.parse(out) as object) }).toMatchObject({ code: 0, trace: 'shop:0', action: 'recycle' });
    expect(fake?.requests[0]?.query.get('name')).toBe('shop:0');
  });

  test('under the policy of its own program', async () => {
    const yaml =
      'version: 1\nprograms:\n  shop: { command: "true", memory: { soft: 200MiB, growth: { action: warn } } }\n';
    writeFileSync(join(folder, 'workers.yaml'), `${yaml}  mail: { command: "true" }\n`);
    expect(JSON.parse((await ask('--json')).out)).toMatchObject({ action: 'warn' });
  });

  test('--csv prints it, and it is read again as it was', async () => {
    const { out } = await ask('--csv');
    expect(parseTrace('t.csv', out)).toEqual(rows);
  });

  test.each([
    [['--csv'], /--csv prints the trace of a worker; name it with --worker/],
    [['--soft', '1GiB'], /what is to be replayed\? Give CSV files, or a living worker/],
  ])('%j alone', async (argv, sentence) => {
    const { code, err } = await run(...argv);
    expect(code).toBe(2);
    expect(err).toMatch(sentence);
  });
});

test('the policy of a program of workers.yaml', async () => {
  writeFileSync(
    join(folder, 'workers.yaml'),
    'version: 1\nprograms:\n  shop:\n    command: "true"\n    memory: { soft: 200MiB, growth: { action: warn } }\n',
  );
  trace('leak.csv', [HEADER, ...leaky]);
  const { out } = await run('--json', '-p', 'shop', 'leak.csv');
  expect(JSON.parse(out)).toMatchObject({ verdict: 'leaking', action: 'warn' });
});

describe('mistakes are one sentence with the place, and exit 2', () => {
  const rows = leaky.slice(0, 3);
  test.each<[string, string[], string[], RegExp]>([
    ['no such file', [], ['x.csv'], /cannot read x\.csv: there is no such file/],
    ['no header', rows, ['t.csv'], /t\.csv:1: found the header "0,60000000.*expected columns named seconds,rssBytes/],
    ['a word', [HEADER, '0,much,0,0'], ['t.csv'], /t\.csv:2: found "much" in column rssBytes, expected a number/],
    ['an empty cell', [HEADER, '0,,0,0'], ['t.csv'], /t\.csv:2: column rssBytes is empty/],
    [
      'back in time',
      [HEADER, ...rows, '1,1,1,1'],
      ['t.csv'],
      /t\.csv:5: found seconds 1 after 10, expected rows in the/,
    ],
    ['no row', [HEADER], ['t.csv'], /t\.csv: there is no row below the header/],
    [
      'a size without unit',
      [HEADER, ...rows],
      ['--soft', '200', 't.csv'],
      /--soft 200: expected a size.*did you mean 200MiB/,
    ],
    ['horizon alone', [HEADER, ...rows], ['--horizon', '5m', 't.csv'], /--horizon needs --soft or --hard/],
    [
      'a soft ceiling above the hard one',
      [HEADER, ...rows],
      ['--soft', '1GiB', '--hard', '512MiB', 't.csv'],
      /--soft 1GiB is above --hard 512MiB/,
    ],
    ['both', [HEADER, ...rows], ['-p', 'shop', '--soft', '1GiB', 't.csv'], /either --program, or --soft/],
  ])('%s', async (_, lines, argv, sentence) => {
    trace('t.csv', lines);
    const flags = argv.includes('--soft') || argv.includes('--horizon') ? [] : ['--soft', '200MiB'];
    const { code, out, err } = await run(...flags, ...argv);
    expect(err).toMatch(sentence);
    expect({ code, out }).toEqual({ code: 2, out: '' });
  });
});

test('unknown figures stay unknown: without anonBytes resident memory is judged', async () => {
  trace('t.csv', ['seconds,rssBytes', ...leaky.map((line) => line.split(',').slice(0, 2).join(','))]);
  const { out } = await run('--json', '--soft', '200MiB', 't.csv');
  expect(JSON.parse(out)).toMatchObject({ verdict: 'leaking' });
});
