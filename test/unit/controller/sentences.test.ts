import { readFileSync, readdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { canaryName } from '../../../src/controller/bisect/canaries.ts';
import { KNOWN_OUTCOMES, KNOWN_RULES, entryText, outcomeText } from '../../../src/controller/sentences.ts';
import { seconds } from '../../../src/controller/words.ts';
import type { EntryDraft } from '../../../src/core/types.ts';

const MIB = 1024 * 1024;
const draft = (fields: Partial<EntryDraft>): EntryDraft => ({
  id: 'x-1',
  action: 'recycle',
  worker: 'user-coupon-expire:2',
  program: 'user-coupon-expire',
  pid: 5481,
  incarnation: 7,
  cause: null,
  rule: 'memory.hard',
  evidence: {},
  text: null,
  policy: null,
  ...fields,
});
const say = (fields: Partial<EntryDraft>): string =>
  entryText(draft(fields), { configFile: '/etc/ackwarden/workers.yaml' });

describe('entries', () => {
  test('what is gone from workers.yaml, and a canary, which was never in it', () => {
    const gone = (program: string): string => say({ action: 'stop', rule: 'config.removed', program });
    expect(gone('shop')).toMatch(/: it is no longer in workers\.yaml$/);
    expect(gone(canaryName('shop', null))).toMatch(/: the bisect needs it no longer$/);
    expect(gone(canaryName('shop', 'redis'))).toMatch(/: the bisect needs it no longer$/);
  });

  test('a hard ceiling: numbers, line of workers.yaml, growth', () => {
    const evidence = {
      metric: 'rss',
      bytes: 517 * MIB,
      ceilingBytes: 512 * MIB,
      growthBytesPerSecond: 25.1 * MIB,
      growingSeconds: 19,
    };
    expect(say({ evidence, policy: { key: 'programs.user-coupon-expire.memory.hard', line: 14 } })).toBe(
      'Recycled user-coupon-expire:2 (pid 5481): resident memory 517 MiB passed the hard ceiling of 512 MiB (workers.yaml:14) after growing 25.1 MiB/s for 19 s',
    );
    expect(say({ evidence: { ...evidence, growthBytesPerMessage: 52_224 } })).toMatch(
      /after growing 25\.1 MiB\/s for 19 s, 51\.0 KiB for each message it acknowledged$/,
    );
  });

  test.each<[string, Partial<EntryDraft>, string]>([
    ['a person’s words', { rule: 'command', text: 'deploy 42' }, 'Recycled user-coupon-expire:2 (pid 5481): deploy 42'],
    [
      'an exit',
      { rule: 'exit.unexpected', evidence: { code: 255, signal: null, ranMs: 3_210, swept: 1 } },
      'user-coupon-expire:2 (pid 5481) exited with status 255 after 3.2 s, unexpectedly; 1 process it left behind killed',
    ],
    [
      'the shim’s own sentence within ours',
      { rule: 'spawn.failed', evidence: { attempt: 1, retries: 3, text: 'There is no such command.', delayMs: 850 } },
      'user-coupon-expire:2 could not be started (try 1 of 3): There is no such command; next try in 0.85 s',
    ],
    [
      'a log that can be written again',
      { rule: 'logTrouble', evidence: { path: '/l', text: 'The log /l can be written again.', droppedLines: 3 } },
      'The log /l can be written again; 3 lines were dropped',
    ],
    [
      'unknown growth is left out, not shown as 0',
      {
        evidence: {
          metric: 'anon',
          bytes: 9 * MIB,
          ceilingBytes: 8 * MIB,
          growthBytesPerSecond: null,
          growingSeconds: null,
        },
      },
      'Recycled user-coupon-expire:2 (pid 5481): anonymous memory 9.0 MiB passed the hard ceiling of 8.0 MiB',
    ],
  ])('%s', (_, fields, expected) => {
    expect(say(fields)).toBe(expected);
  });
});

test.each([
  [310, '0.31 s'],
  [9_000, '9.0 s'],
  [119_400, '119 s'],
  [179_700, '3 min 0 s'],
  [250_000, '4 min 10 s'],
  [7_199_900, '2 h 0 min'],
])('%i ms are %s', (ms, expected) => {
  expect(seconds(ms)).toBe(expected);
});

describe('outcomes', () => {
  const gone = {
    code: 0,
    exitSignal: null,
    stopSignal: 'TERM',
    signalledWall: new Date(2026, 10, 22, 21, 3, 11, 204).getTime(),
    tookMs: 310,
    killed: false,
  };
  test.each<[string, Record<string, number | string | boolean | null>, string]>([
    ['recycled', { ...gone, replacedBy: 5533 }, 'SIGTERM at 21:03:11.204, exited in 0.31 s; replaced by pid 5533'],
    [
      'recycled',
      { ...gone, replacedBy: null, startsInMs: 4_000 },
      'SIGTERM at 21:03:11.204, exited in 0.31 s; the replacement starts in 4.0 s',
    ],
    [
      'recycled',
      { ...gone, killed: true, killedAfterMs: 10_020, replacedBy: 8 },
      'SIGTERM at 21:03:11.204, killed after 10 s; replaced by pid 8',
    ],
    ['overtaken', { by: 'command.shutdown' }, 'overtaken by the shutdown'],
    ['running', { pid: 8, afterMs: 1_000 }, 'pid 8, running after 1.0 s'],
  ])('%s', (rule, evidence, expected) => {
    expect(outcomeText({ of: 'x-1', ok: true, rule, evidence })).toBe(expected);
  });
});

test('the catalogue has words for every rule that the core writes', () => {
  const folder = fileURLToPath(new URL('../../../src/core', import.meta.url));
  const source = readdirSync(folder)
    .map((file) => readFileSync(`${folder}/${file}`, 'utf8'))
    .join('\n');
  const known = new Set([...KNOWN_RULES, ...KNOWN_OUTCOMES]);
  const written = [
    ...source.matchAll(
      /(?:rule: |start\(turn, \w+, |stopAgain\(turn, \w+, |giveUpSwap\(turn, [\w.]+, |conclude\(turn, [\w.]+, (?:true|false), )'([\w.]+)'/g,
    ),
  ].map((match) => match[1] ?? '');
  expect(written.length).toBeGreaterThan(30);
  expect([...new Set(written)].filter((rule) => !known.has(rule) && rule !== 'memory.soft')).toEqual([]);
});
