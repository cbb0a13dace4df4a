import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { untilContent, useShim } from './harness.ts';
import { spec } from './specs.ts';

const { folder } = useShim();
const isRoot = process.getuid?.() === 0;
const READER = ['sh', '-c', 'while read -r line; do echo "got $line"; done; echo end'];
const logPath = (): string => join(folder().logDir, 'web.log');

describe('stdin: open', () => {
  test.each([['our own user', null], ...(isRoot ? [['another user', 'nobody']] : [])] as [string, string | null][])(
    'what is written arrives at a worker of %s, in order, and it never sees an end',
    async (_, user) => {
      const { client } = await (await folder().start()).attach();
      client.send({ type: 'spawn', spec: spec('web', READER, folder().logDir, { stdin: 'open', user }) });
      await client.fact('spawned');
      for (const text of ['one\n', 'two\nthr', 'ee\n']) client.send({ type: 'writeStdin', incarnation: 'web#1', text });
      await untilContent(logPath(), (text) => text === 'got one\ngot two\ngot three\n');
    },
  );

  test('PHP can open /dev/stdin by its name', async () => {
    const { client } = await (await folder().start()).attach();
    const argv = ['php', '-r', 'echo "got ", fgets(fopen("/dev/stdin", "r"));'];
    client.send({ type: 'spawn', spec: spec('web', argv, folder().logDir, { stdin: 'open' }) });
    await client.fact('spawned');
    client.send({ type: 'writeStdin', incarnation: 'web#1', text: 'a line\n' });
    await untilContent(logPath(), (text) => text === 'got a line\n');
  });

  test('a worker that does not read is refused more than its pipe holds, and nothing blocks', async () => {
    const { client } = await (await folder().start()).attach();
    client.send({ type: 'spawn', spec: spec('web', ['sleep', '1000'], folder().logDir, { stdin: 'open' }) });
    await client.fact('spawned');
    for (let at = 0; at < 20; at += 1)
      client.send({ type: 'writeStdin', incarnation: 'web#1', text: 'x'.repeat(4096) });
    const refused = await client.message('refused');
    expect(refused).toMatchObject({ what: 'writeStdin', text: 'stdin of web#1 is full: the worker does not read it.' });
  });

  test('is closed by default, and says so', async () => {
    const { client } = await (await folder().start()).attach();
    client.send({ type: 'spawn', spec: spec('web', READER, folder().logDir) });
    client.send({ type: 'writeStdin', incarnation: 'web#1', text: 'x' });
    expect((await client.message('refused')).text).toMatch(/^web#1 has no stdin: /);
    await untilContent(logPath(), (text) => text === 'end\n');
  });

  test('a text that is too long is refused as a whole', async () => {
    const { client } = await (await folder().start()).attach();
    client.send({ type: 'spawn', spec: spec('web', READER, folder().logDir, { stdin: 'open' }) });
    await client.fact('spawned');
    client.send({ type: 'writeStdin', incarnation: 'web#1', text: 'é'.repeat(2049) });
    expect((await client.message('refused')).text).toBe('stdin of web#1 takes at most 4096 bytes at once, not 4098.');
  });
});
