import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parseShimArguments } from '../../../src/shim/arguments.ts';
import { JsonLines, LineError, encodeLine } from '../../../src/shim/json-lines.ts';
import { parseMessage, subjectOf } from '../../../src/shim/messages.ts';
import { decodeRow, encodeRow } from '../../../src/shim/samples.ts';
import type { Sample } from '../../../src/shim/protocol.ts';
import type { SpawnSpec } from '../../../src/shim/spawn-spec.ts';
import { target as logTarget } from '../../e2e/shim/specs.ts';
import { MessageError } from '../../../src/shim/validate.ts';

const PLAN = {
  quiesce: false,
  drainTimeoutMs: 0,
  drainAttempts: 1,
  onStuckDrain: 'wait',
  settleMs: 0,
  stopSignal: 'TERM',
  stopTimeoutMs: 1,
  kill: 'afterTimeout',
} as const;
const SPEC: SpawnSpec = {
  incarnation: 'shop:0#7',
  note: { worker: 'shop:0', program: 'shop', number: 7, role: 'current', specHash: 'x', cause: null },
  argv: ['php', 'artisan'],
  environment: { PATH: '/bin' },
  directory: '/srv',
  user: null,
  umask: 0o022,
  nice: 0,
  limits: { nofile: 10, core: null },
  oomScoreAdj: -17,
  ceilings: { softBytes: 1, hardBytes: 2, killBytes: null, metric: 'rss' },
  hardPlan: PLAN,
  gate: {
    upstreams: [
      { host: 'rabbit', port: 5672, tls: null },
      { host: 'r2', port: 5671, tls: { ca: '/ca.pem', cert: null, key: null, verify: true, serverName: 'rabbit' } },
    ],
    hostVariable: 'H',
    portVariable: 'P',
    dsn: { variable: 'D', before: 'amqp://u:p@', after: '/%2f' },
    prefetch: 10,
    poison: { deaths: 3, action: 'reject', exitCodes: [12] },
  },
  ready: { check: 'log', text: 'up', timeoutMs: 1, intervalMs: 10 },
  hooks: {
    beforeStart: ['a', 'b'],
    afterStart: null,
    beforeStop: null,
    afterStop: null,
    timeoutMs: 1,
    onFailure: 'ignore',
  },
  stdin: 'open',
  stdout: logTarget('/log'),
  stderr: 'stdout',
};

describe('parseMessage', () => {
  test.each([
    { type: 'hello', protocol: 1, version: '1', pid: 5 },
    { type: 'spawn', spec: SPEC },
    { type: 'stop', incarnation: 'a#1', plan: PLAN },
    { type: 'setLimits', incarnation: 'a#1', ceilings: SPEC.ceilings },
    { type: 'setOom', incarnation: 'a#1', scoreAdj: 1000 },
    { type: 'signal', incarnation: 'a#1', signal: 'USR1' },
    { type: 'sampling', intervalMs: 250 },
    { type: 'writeStdin', incarnation: 'a#1', text: 'a line\n' },
    { type: 'ack', seq: 0 },
    { type: 'reopenLogs' },
    { type: 'outputTaken', seq: 3 },
    { type: 'clearLogs', paths: ['/a', '/b'] },
    { type: 'setLogLimits', path: '/a', limits: { maxSizeBytes: 1, backups: 2, daily: true, compress: true } },
    { type: 'leave' },
  ])('takes $type as it is, and drops what it does not know', (message) => {
    expect(parseMessage({ ...message, later: 1 })).toEqual(message);
  });

  test.each<[string, unknown, string]>([
    ['nothing', null, 'message: expected an object, found null'],
    ['a list', [], 'expected an object, found a list'],
    ['an unknown type', { type: 'fly' }, 'unsupported'],
    ['a bad incarnation', { type: 'stop', incarnation: 'a', plan: PLAN }, '<worker>#<number>'],
    [
      'an incarnation too long for a file name',
      { type: 'stop', incarnation: `${'/'.repeat(200)}#1`, plan: PLAN },
      'file name',
    ],
    ['a bad signal', { type: 'signal', incarnation: 'a#1', signal: 'SIGTERM' }, 'such as TERM, found "SIGTERM"'],
    ['a bad oom_score_adj', { type: 'setOom', incarnation: 'a#1', scoreAdj: 1001 }, 'from -1000 to 1000, found 1001'],
    ['an interval that is too short', { type: 'sampling', intervalMs: 1 }, 'from 50'],
    ['no argv', { type: 'spawn', spec: { ...SPEC, argv: [] } }, 'argv'],
    ['a relative directory', { type: 'spawn', spec: { ...SPEC, directory: 'x' } }, 'absolute path, found "x"'],
    ['an option as a limit', { type: 'spawn', spec: { ...SPEC, limits: { pid: 1 } } }, 'prlimit(1)'],
    ['a zero byte', { type: 'spawn', spec: { ...SPEC, argv: ['a\0b'] } }, 'zero byte'],
    ['a bad variable', { type: 'spawn', spec: { ...SPEC, environment: { 'a=b': 'c' } } }, 'cannot be the name'],
    ['a number as a value', { type: 'spawn', spec: { ...SPEC, environment: { A: 1 } } }, 'environment.A'],
    ['NaN', { type: 'ack', seq: Number.NaN }, 'seq'],
  ])('refuses %s with a sentence', (_, message, text) => {
    expect(() => parseMessage(message)).toThrow(MessageError);
    expect(() => parseMessage(message)).toThrow(text);
  });

  test('never quotes a secret', () => {
    const message = { type: 'spawn', spec: { ...SPEC, environment: { PASSWORD: 's3cret'.repeat(400_000) } } };
    expect(() => parseMessage(message)).toThrow(/^(?!.*s3cret).*$/);
  });

  test('any JSON is a message or a MessageError', () => {
    fc.assert(
      fc.property(fc.jsonValue(), fc.constantFrom('spawn', 'stop', 'hello', 'ack', 'signal'), (value, type) => {
        for (const message of [value, { ...(value as object), type }, { type, spec: value, plan: value }]) {
          try {
            parseMessage(message);
          } catch (error) {
            expect(error).toBeInstanceOf(MessageError);
          }
          expect(typeof subjectOf(message).what).toBe('string');
        }
      }),
    );
  });
});

describe('JsonLines', () => {
  test('a round trip, however the bytes are cut', () => {
    fc.assert(
      fc.property(fc.array(fc.object()), fc.integer({ min: 1, max: 50 }), (messages, size) => {
        const sent = messages.map((message) => JSON.parse(JSON.stringify(message)) as object);
        const bytes = Buffer.from(sent.map(encodeLine).join(''));
        const lines = new JsonLines(1e6);
        const received: unknown[] = [];
        for (let at = 0; at < bytes.length; at += size) received.push(...lines.push(bytes.subarray(at, at + size)));
        expect(received).toEqual(sent);
      }),
    );
  });

  test('a line past the bound is an error before its end comes', () => {
    const lines = new JsonLines(10);
    lines.push(Buffer.from('12345'));
    expect(() => lines.push(Buffer.from('678901'))).toThrow(LineError);
  });

  test('a line that is not JSON is an error', () => {
    expect(() => new JsonLines(100).push(Buffer.from('{x}\n'))).toThrow('not JSON');
  });
});

describe('samples', () => {
  const bytes = fc.option(fc.nat(), { nil: null });
  const sample: fc.Arbitrary<Sample> = fc.record({
    at: fc.constant(5),
    rssBytes: fc.nat(),
    virtualBytes: bytes,
    anonBytes: bytes,
    swapBytes: bytes,
    pssBytes: bytes,
    treeBytes: bytes,
    userTicks: bytes,
    systemTicks: bytes,
    voluntarySwitches: bytes,
    involuntarySwitches: bytes,
    threads: bytes,
    oomScore: bytes,
    oomScoreAdj: bytes,
    zendHeapBytes: bytes,
    zendHeapRealBytes: bytes,
    treeUserTicks: bytes,
    treeSystemTicks: bytes,
    treeJudgedBytes: bytes,
  });

  test('a row survives the journey; null stays null', () => {
    fc.assert(
      fc.property(sample, fc.nat(), (one, handle) => {
        expect(decodeRow(encodeRow(handle, one), 5)).toEqual({ handle, sample: one });
      }),
    );
  });

  test('what an older shim does not send is null; what cannot be read is left out', () => {
    expect(decodeRow([3, 100], 1)).toMatchObject({
      handle: 3,
      sample: { at: 1, rssBytes: 100, anonBytes: null, oomScoreAdj: null },
    });
    expect(decodeRow([], 1)).toBeNull();
    expect(decodeRow([4, null], 1)).toBeNull();
  });
});

describe('parseShimArguments', () => {
  test('the interval has a default', () => {
    expect(parseShimArguments(['--state-dir', '/x'])).toEqual({ stateDir: '/x', slot: 1, samplingMs: 250 });
    expect(parseShimArguments(['--state-dir', '/x', '--sampling', '100']).samplingMs).toBe(100);
  });
});
