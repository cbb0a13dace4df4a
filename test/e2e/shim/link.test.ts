import { readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { decodePast } from '../../../src/shim/samples.ts';
import { untilContent, useShim } from './harness.ts';
import { PLAN, fixture, spec } from './specs.ts';

const { folder } = useShim();

describe('the link to the controller', () => {
  test('the socket is private', async () => {
    await folder().start();
    expect(statSync(folder().socket).mode & 0o777).toBe(0o600);
  });

  test('facts stay until they are acknowledged, and are told again at attach', async () => {
    const shim = await folder().start();
    const first = await shim.attach();
    first.client.send({ type: 'spawn', spec: spec('a', fixture('exits-with', '3'), folder().logDir) });
    const exited = await first.client.fact('exited');
    first.client.send({ type: 'spawn', spec: spec('b', fixture('waits'), folder().logDir) });
    await first.client.fact('spawned', 'b#1');
    first.client.close();

    const second = await shim.attach();
    expect(second.hello.facts.map((fact) => [fact.kind, fact.seq])).toEqual([
      ['spawned', 1],
      ['exited', 2],
      ['spawned', 3],
    ]);
    expect(second.hello.facts[1]).toEqual(exited);
    expect(second.hello.incarnations).toMatchObject([
      { incarnation: 'b#1', phase: 'running', note: { worker: 'b', specHash: 'hash' }, startTime: expect.any(Number) },
    ]);
    second.client.send({ type: 'ack', seq: 2 });
    // The answer to something refused comes behind the ack.
    second.client.send({ type: 'stop', incarnation: 'nobody#1', plan: PLAN });
    expect(await second.client.message('refused')).toMatchObject({ what: 'stop', incarnation: 'nobody#1' });
    const third = await shim.attach();
    expect(third.hello.facts.map((fact) => fact.seq)).toEqual([3]);
  });

  test('what a process held while nobody looked is told at attach', async () => {
    const shim = await folder().start();
    const first = await shim.attach();
    first.client.send({ type: 'spawn', spec: spec('a', fixture('waits'), folder().logDir) });
    await first.client.fact('spawned', 'a#1');
    await first.client.message('samples');
    first.client.close();
    const { hello } = await shim.attach();
    const past = decodePast(hello.incarnations[0]?.past ?? []);
    expect(past.length).toBeGreaterThan(0);
    expect(past[0]?.ownBytes).toBeGreaterThan(0);
    expect(past[0]?.at).toBeGreaterThan(hello.incarnations[0]?.spawnedAt ?? Infinity);
  });

  test('a new controller replaces the old one', async () => {
    const shim = await folder().start();
    const first = await shim.attach();
    const second = await shim.attach();
    await first.client.closed;
    second.client.send({ type: 'spawn', spec: spec('a', fixture('exits-with', '0'), folder().logDir) });
    await second.client.fact('exited');
  });

  test.each([
    ['no hello', '{"type":"leave"}\n', 'hello first'],
    ['not JSON', 'nonsense\n', 'not JSON'],
    ['no object', '[1]\n', 'expected an object'],
    ['a newer message', '{"type":"levitate"}\n', 'unsupported'],
    ['a bad spec', '{"type":"spawn","spec":{"incarnation":"../../x#1","argv":[]}}\n', 'expected'],
  ])('%s is answered refused and does no harm', async (_, line, text) => {
    const shim = await folder().start();
    const stranger = await shim.connect();
    stranger.socket.write(line);
    expect((await stranger.message('refused')).text).toContain(text);
    stranger.close();
    const { client } = await shim.attach();
    client.send({ type: 'spawn', spec: spec('a', fixture('exits-with', '0'), folder().logDir) });
    await client.fact('exited');
  });

  test('an incarnation is never started twice', async () => {
    const { client } = await (await folder().start()).attach();
    client.send({ type: 'spawn', spec: spec('a', fixture('waits'), folder().logDir) });
    client.send({ type: 'spawn', spec: spec('a', fixture('waits'), folder().logDir) });
    expect(await client.message('refused')).toMatchObject({ what: 'spawn', incarnation: 'a#1' });
    await client.fact('spawned');
    expect(client.facts).toHaveLength(1);
  });

  test('setOom and signal reach the worker itself', async () => {
    const { client } = await (await folder().start()).attach();
    const argv = ['sh', '-c', 'trap "echo usr2" USR2; echo ready; while :; do sleep 1 & wait $!; done'];
    client.send({ type: 'spawn', spec: spec('a', argv, folder().logDir) });
    const { pid } = await client.fact('spawned');
    const log = join(folder().logDir, 'a.log');
    await untilContent(log, (text) => text === 'ready\n');
    client.send({ type: 'setOom', incarnation: 'a#1', scoreAdj: 777 });
    client.send({ type: 'signal', incarnation: 'a#1', signal: 'USR2' });
    await untilContent(log, (text) => text === 'ready\nusr2\n');
    expect(readFileSync(`/proc/${pid}/oom_score_adj`, 'utf8')).toBe('777\n');
  });

  test('samples are dropped while the controller does not read, and come again when it does', async () => {
    const shim = await folder().start('--sampling', '50');
    const { client } = await shim.attach();
    const go = join(folder().path, 'go');
    const argv = ['sh', '-c', `until test -e '${go}'; do sleep 0.05; done; sleep 2; echo end; exec sleep 600`];
    client.send({ type: 'spawn', spec: spec('a', argv, folder().logDir) });
    await client.message('samples');
    client.socket.pause();
    // Answers that nobody reads fill the socket.
    for (let index = 0; index < 3000; index += 1) client.send({ type: 'stop', incarnation: 'nobody#1', plan: PLAN });
    writeFileSync(go, '');
    await untilContent(join(folder().logDir, 'a.log'), (text) => text === 'end\n');
    client.socket.resume();
    await client.until('a gap in the samples, and what follows it', () => {
      const times = client.received.flatMap((message) => (message.type === 'samples' ? [message.at] : []));
      const gap = times.findIndex((at, index) => index > 0 && at - (times[index - 1] ?? at) > 1500);
      return gap > 0 && times.length > gap + 5 ? gap : undefined;
    });
    expect(client.received.filter((message) => message.type === 'refused')).toHaveLength(3000);
  });
});
