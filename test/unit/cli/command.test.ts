import { userInfo } from 'node:os';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { progressText, resultLines, sendCommand } from '../../../src/cli/command.ts';
import { showExplanation } from '../../../src/cli/explain.ts';
import { fakeController, sendError } from './fake-controller.ts';
import type { Answer, FakeController } from './fake-controller.ts';
import { makeEntry, makeStatus, makeWorker, recordContext } from './samples.ts';

let fake: FakeController | null = null;
afterEach(async () => {
  vi.useRealTimers();
  await fake?.close();
  fake = null;
});

async function options(answer: Answer, json = false): Promise<{ config: null; socket: string; json: boolean }> {
  fake = await fakeController(answer);
  return { config: null, socket: fake.socketPath, json };
}

const REPLY = {
  results: [
    { name: 'shop:0', ok: true, text: 'recycled: pid 1 → 2' },
    { name: 'shop:1', ok: false, text: 'not RUNNING within 10 s' },
  ],
};

describe('sendCommand', () => {
  test('one line a result, exit 1 if one failed', async () => {
    const context = recordContext();
    const given = await options(() => REPLY);
    expect(await sendCommand({ verb: 'recycle', names: ['shop'], reason: 'deploy' }, given, context)).toBe(1);
    expect(context.out()).toBe('shop:0: recycled: pid 1 → 2\nshop:1: not RUNNING within 10 s\n');
    const by = userInfo().username;
    expect(fake?.requests[0]?.body).toEqual({ verb: 'recycle', names: ['shop'], reason: 'deploy', by });
  });

  test('behind sudo it is the person who asks, not root', async () => {
    const context = { ...recordContext(), env: { SUDO_USER: 'anna' } };
    await sendCommand({ verb: 'stop', names: ['shop'] }, await options(() => REPLY), context);
    expect(fake?.requests[0]?.body).toEqual({ verb: 'stop', names: ['shop'], by: 'anna' });
  });

  test('--json prints the reply', async () => {
    const context = recordContext();
    expect(await sendCommand({ verb: 'start', names: ['all'] }, await options(() => REPLY, true), context)).toBe(1);
    expect(JSON.parse(context.out())).toEqual(REPLY);
  });

  test('all well is exit 0, green; failures are red', async () => {
    const given = await options(() => ({ results: REPLY.results.slice(0, 1) }));
    expect(await sendCommand({ verb: 'stop', names: ['all'] }, given, recordContext())).toBe(0);
    const [green, red] = resultLines(REPLY, 80, true);
    expect(green?.startsWith('\u001b[32m')).toBe(true);
    expect(red?.startsWith('\u001b[31m')).toBe(true);
  });

  test('on a terminal, says on stderr whom it waits for, and takes that line back', async () => {
    vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] });
    const context = recordContext({ stderr: { tty: true } });
    let finish: () => void = () => undefined;
    const given = await options((request, response) => {
      if (request.path.endsWith('/status')) {
        return makeStatus([makeWorker({ state: 'DRAINING', inFlight: 2 }), makeWorker({ name: 'shop:1' })]);
      }
      finish = () => response.end(JSON.stringify({ results: [] }));
      return undefined;
    });
    const running = sendCommand({ verb: 'stop', names: ['shop'] }, given, context);
    await vi.waitUntil(() => fake?.requests.length === 1, 30_000);
    await vi.advanceTimersByTimeAsync(1000);
    await vi.waitUntil(() => context.err() !== '', 30_000);
    finish();
    expect(await running).toBe(0);
    expect(context.err()).toBe('waiting for 1: shop:0 draining (2 in flight)\r\u001b[K');
  });
});

describe('progressText', () => {
  const starting = makeWorker({ state: 'STARTING' });
  const leaving = makeWorker({ leaving: [{ pid: 1, incarnation: 1, phase: 'settling' }] });
  test.each([
    ['stop', [makeWorker()], null],
    ['stop', [starting], null],
    ['restart', [starting], 'waiting for 1: shop:0 starting'],
    ['recycle', [leaving, makeWorker()], 'waiting for 1: shop:0 settling'],
  ] as const)('%s', (verb, workers, expected) => {
    expect(progressText(makeStatus([...workers]), verb)).toBe(expected);
  });
});

describe('shutdown', () => {
  test('ends only when the processes that the controller named are gone', async () => {
    const shim = spawn(process.execPath, ['-e', 'process.stdin.resume(); process.stdin.on("end", () => {})'], {
      stdio: 'pipe',
    });
    await once(shim, 'spawn');
    const context = recordContext();
    const status = {
      ...makeStatus([]),
      controller: { pid: 2 ** 30, version: '0', uptimeSeconds: 1, shimPid: shim.pid ?? 0 },
    };
    const given = await options((request) => (request.path.endsWith('/status') ? status : { results: [] }));
    let ended = false;
    const running = sendCommand({ verb: 'shutdown', names: [] }, given, context).then((code) => {
      ended = true;
      return code;
    });
    await vi.waitUntil(() => fake?.requests.some(({ method }) => method === 'POST'), 30_000);
    // The API is gone before the shim is.
    await fake?.close();
    expect(ended).toBe(false);
    shim.stdin.end();
    expect(await running).toBe(0);
    expect(shim.exitCode ?? shim.signalCode).not.toBeUndefined();
    fake = null;
  });

  test('a controller that refuses is not waited for', async () => {
    const given = await options((request, response) =>
      request.path.endsWith('/status') ? makeStatus() : sendError(response, 409, 'busy', 'a shutdown is under way'),
    );
    await expect(sendCommand({ verb: 'shutdown', names: [] }, given, recordContext())).rejects.toThrow(
      'a shutdown is under way',
    );
  });
});

describe('showExplanation', () => {
  test('the text, then the chain with effects under their causes', async () => {
    const entries = [
      makeEntry(),
      makeEntry({ id: 'e2', cause: 'e1', action: 'start', reason: { ...makeEntry().reason, text: 'Started.' } }),
    ];
    const context = recordContext();
    const given = await options(() => ({
      name: 'shop:0',
      text: 'RUNNING since 21:03.\nIt was recycled.\n2026-11-22T21:03:11Z Started; pid 7.',
      entries,
    }));
    expect(await showExplanation('shop:0', given, context)).toBe(0);
    const lines = context.out().split('\n');
    expect(lines.slice(0, 4)).toEqual(['shop:0', '  RUNNING since 21:03.', '  It was recycled.', '']);
    expect(lines.find((line) => line.includes('Started.'))).toMatch(/^ {2}2026-/);
    expect(fake?.requests[0]?.query.get('of')).toBe('shop:0');
  });

  test('without a name asks for all; --json as received', async () => {
    const answer = { name: 'all', text: 'All is well.', entries: [] };
    const context = recordContext();
    await showExplanation(null, await options(() => answer, true), context);
    expect(JSON.parse(context.out())).toEqual(answer);
    expect(fake?.requests[0]?.query.has('of')).toBe(false);
  });
});
