import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { TestFolder, buildShim, untilContent } from './harness.ts';
import { MEBIBYTE, PLAN, fixture, spec } from './specs.ts';

let bundleFolder: string;
let bundle: string;
let folder: TestFolder;

beforeAll(async () => {
  bundleFolder = mkdtempSync(join(tmpdir(), 'ackwarden-bundle-'));
  bundle = await buildShim(bundleFolder);
});
afterAll(() => rmSync(bundleFolder, { recursive: true, force: true }));
beforeEach(() => {
  folder = new TestFolder();
});
afterEach(() => folder.remove());

describe('a worker', () => {
  test('is spawned, samples, stops on its signal, and its exit says how', async () => {
    const shim = await folder.start(bundle, '--sampling', '50');
    const { client, hello } = await shim.attach();
    expect(hello).toMatchObject({ protocol: 1, version: 'test', pid: shim.pid, incarnations: [], facts: [] });
    client.send({ type: 'spawn', spec: spec('web:0', fixture('waits'), folder.logDir) });
    const spawned = await client.fact('spawned', 'web:0#1');
    expect(spawned.oomScoreAdj).toBe(500);
    await untilContent(join(folder.logDir, 'web-0.log'), (text) => text === 'ready\n');
    const samples = await client.until('a slow row', () =>
      client.received.find((message) => message.type === 'samples' && message.slow.length > 0),
    );
    expect(samples).toMatchObject({ fast: [spawned.handle, expect.any(Number)] });
    client.send({ type: 'stop', incarnation: 'web:0#1', plan: PLAN });
    const exited = await client.fact('exited', 'web:0#1');
    expect(exited).toMatchObject({
      pid: spawned.pid,
      status: { code: 0, signal: null },
      stop: { by: 'controller', signal: 'SIGTERM', killedAt: null },
    });
    expect(folder.log('web:0')).toBe('ready\nstopping\n');
  });

  test('that ignores its signal is killed after stopTimeout', async () => {
    const shim = await folder.start(bundle);
    const { client } = await shim.attach();
    client.send({ type: 'spawn', spec: spec('web:0', fixture('ignores-term'), folder.logDir) });
    await client.fact('spawned');
    await untilContent(join(folder.logDir, 'web-0.log'), (text) => text === 'ready\n');
    client.send({ type: 'stop', incarnation: 'web:0#1', plan: { ...PLAN, stopTimeoutMs: 300 } });
    const exited = await client.fact('exited');
    expect(exited).toMatchObject({ status: { code: null, signal: 'SIGKILL' }, stop: { killedAt: expect.any(Number) } });
  });

  test('that passes its hard ceiling is stopped by the shim', async () => {
    const shim = await folder.start(bundle);
    const { client } = await shim.attach();
    const ceilings = { softBytes: null, hardBytes: 96 * MEBIBYTE, killBytes: 160 * MEBIBYTE, metric: 'rss' as const };
    client.send({ type: 'spawn', spec: spec('leaky:0', fixture('leaks.php', '100'), folder.logDir, { ceilings }) });
    const fact = await client.fact('ceiling');
    expect(fact).toMatchObject({ ceiling: 'hard', metric: 'rss', ceilingBytes: 96 * MEBIBYTE });
    expect(fact.bytes).toBeGreaterThanOrEqual(96 * MEBIBYTE);
    expect(fact.growthBytesPerSecond).toBeGreaterThan(20 * MEBIBYTE);
    const exited = await client.fact('exited');
    expect(exited).toMatchObject({ status: { signal: 'SIGTERM' }, stop: { by: 'hard' } });
    console.log(JSON.stringify(fact), JSON.stringify(exited));
  });
});
