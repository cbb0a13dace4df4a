import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { lifeWarnings } from '../../../src/cli/life-warnings.ts';
import { loadConfig } from '../../../src/config/load.ts';

const warningsOf = (programs: Record<string, unknown>): string[] => {
  const folder = mkdtempSync(join(tmpdir(), 'life-warnings-'));
  try {
    const file = join(folder, 'workers.yaml');
    writeFileSync(file, JSON.stringify({ version: 1, broker: { url: 'amqp://localhost/' }, programs }));
    const result = loadConfig(file, {}, { uid: 0, home: '/root' });
    if (!result.ok) throw new Error(result.problems.map(({ text }) => text).join('\n'));
    return lifeWarnings(result.config, process.env['PATH']).map(
      ({ path, text }) => `${path.slice(1).join('.')}: ${text}`,
    );
  } finally {
    rmSync(folder, { recursive: true });
  }
};

const command = 'sleep 1';

test.each<[string, Record<string, unknown>, string[]]>([
  ['nothing', { web: { command, after: ['db'] }, db: { command } }, []],
  [
    'a program that nobody starts',
    { web: { command, after: ['db'] }, db: { command, start: { auto: false } } },
    ['web.after: db is not started by itself (start.auto: false)'],
  ],
  [
    'a program without workers',
    { web: { command, after: ['db'] }, db: { command, workers: 0 } },
    ['web.after: db is not started by itself (workers: 0)'],
  ],
  [
    'messages that nobody counts',
    { web: { command, lifetime: { messages: 5 } } },
    ['web.lifetime.messages: no gate counts the messages of this program'],
  ],
  [
    'a hook that is not there',
    { web: { command, hooks: { beforeStart: 'no-such-hook --x', afterStop: 'true' } } },
    [expect.stringMatching(/^web\.hooks\.beforeStart: The command no-such-hook was not found in PATH=/)],
  ],
  ['messages that a gate counts', { web: { command, amqp: {}, lifetime: { messages: 5 } } }, []],
])('%s', (_case, programs, expected) => expect(warningsOf(programs)).toEqual(expected));
