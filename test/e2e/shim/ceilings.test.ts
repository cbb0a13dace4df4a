import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { Ceilings } from '../../../src/shim/spawn-spec.ts';
import { untilContent, untilGone, useShim } from './harness.ts';
import { MEBIBYTE, NO_CEILINGS, PLAN, fixture, spec } from './specs.ts';

const { folder } = useShim();

const ceilings = (hard: number | null, kill: number | null, changes: Partial<Ceilings> = {}): Ceilings => ({
  ...NO_CEILINGS,
  hardBytes: hard === null ? null : hard * MEBIBYTE,
  killBytes: kill === null ? null : kill * MEBIBYTE,
  ...changes,
});

describe('ceilings', () => {
  test.each(['rss', 'anon', 'pss'] as const)(
    'hard by %s: the shim says so and stops the leaker by its plan',
    async (metric) => {
      const { client } = await (await folder().start()).attach();
      const changes = { ceilings: ceilings(96, 192, { metric }) };
      client.send({ type: 'spawn', spec: spec('web', fixture('leaks.php', '100'), folder().logDir, changes) });
      const fact = await client.fact('ceiling');
      expect(fact).toMatchObject({ ceiling: 'hard', metric, ceilingBytes: 96 * MEBIBYTE });
      expect(fact.bytes).toBeGreaterThanOrEqual(96 * MEBIBYTE);
      expect(fact.growthBytesPerSecond).toBeGreaterThan(MEBIBYTE);
      expect(fact.growingSeconds).toBeGreaterThan(0.3);
      const exited = await client.fact('exited');
      expect(exited).toMatchObject({ status: { signal: 'SIGTERM' }, stop: { by: 'hard', signal: 'SIGTERM' } });
      expect(client.facts.map(({ kind }) => kind)).toEqual(['spawned', 'ceiling', 'exited']);
    },
  );

  test('kill holds while a stop is already under way', async () => {
    const { client } = await (await folder().start()).attach();
    const changes = { ceilings: ceilings(64, 192), hardPlan: { ...PLAN, stopTimeoutMs: 600_000 } };
    const argv = fixture('leaks.php', '100', 'ignore-term');
    client.send({ type: 'spawn', spec: spec('web', argv, folder().logDir, changes) });
    const exited = await client.fact('exited');
    expect(exited).toMatchObject({ status: { signal: 'SIGKILL' }, stop: { by: 'hard', killedAt: expect.any(Number) } });
    const acted = client.facts.flatMap((fact) => (fact.kind === 'ceiling' ? [fact.ceiling] : []));
    expect(acted).toEqual(['hard', 'kill']);
  });

  test('both hold with no controller', async () => {
    const shim = await folder().start();
    const { client } = await shim.attach();
    const argv = fixture('leaks.php', '100', 'ignore-term');
    client.send({ type: 'spawn', spec: spec('web', argv, folder().logDir, { ceilings: ceilings(64, 192) }) });
    const spawned = await client.fact('spawned');
    client.close();
    await untilGone(spawned.pid);
    const again = await shim.attach();
    await again.client.fact('exited');
    expect(again.client.facts.map(({ kind }) => kind)).toEqual(['spawned', 'ceiling', 'ceiling', 'exited']);
  });

  test('a worker is judged with its descendants', async () => {
    const { client } = await (await folder().start()).attach();
    const changes = { ceilings: ceilings(128, 256) };
    client.send({ type: 'spawn', spec: spec('web', fixture('child-leaks.php', '100'), folder().logDir, changes) });
    const fact = await client.fact('ceiling');
    expect(fact.rssBytes).toBeLessThan(64 * MEBIBYTE);
    expect(fact.bytes).toBeGreaterThanOrEqual(128 * MEBIBYTE);
    const exited = await client.fact('exited');
    expect(exited.swept).toBe(1);
  });

  test('pages that descendants share are counted once', async () => {
    const { client } = await (await folder().start('--sampling', '50')).attach();
    const changes = { ceilings: ceilings(200, 250) };
    client.send({
      type: 'spawn',
      spec: spec('web', fixture('forks-shared.php', '100', '3'), folder().logDir, changes),
    });
    await untilContent(join(folder().logDir, 'web.log'), (text) => text === 'ready\n');
    // The sum of resident memory is past both ceilings, for as long as it takes to be read often.
    const seen = await client.until('twenty samples of the whole tree', () => {
      let tree = 0;
      // A reading that shows the same as the one before is only counted.
      const trees = client.received.flatMap((message) => {
        if (message.type !== 'samples') return [];
        for (const row of message.slow) tree = row[6] ?? 0;
        return message.slow.length + (message.slowSame?.length ?? 0) > 0 ? [tree] : [];
      });
      return trees.filter((bytes) => bytes > 300 * MEBIBYTE).length >= 20 ? trees : undefined;
    });
    expect(seen.length).toBeGreaterThanOrEqual(20);
    expect(client.facts.map(({ kind }) => kind)).toEqual(['spawned']);
    client.send({ type: 'setLimits', incarnation: 'web#1', ceilings: ceilings(100, 1000) });
    const fact = await client.fact('ceiling');
    expect(fact.ceiling).toBe('hard');
    expect(fact.bytes).toBeLessThan(200 * MEBIBYTE);
  });
});
