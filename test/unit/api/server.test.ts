import { describe, expect, test } from 'vitest';
import { OperationError } from '../../../src/api/operations.ts';
import type { Operations } from '../../../src/api/operations.ts';
import type { Supervisor } from '../../../src/api/rpc/supervisor.ts';
import { createApp } from '../../../src/api/server.ts';
import type { Command } from '../../../src/api/types.ts';

const build = (overrides: Partial<Operations> = {}) => {
  const commands: Command[] = [];
  const operations = {
    status: (names: readonly string[]) => ({ asked: names }),
    journal: (filter: unknown) => [filter],
    explain: (of: string | null) => ({ name: of ?? 'all', text: '', entries: [] }),
    trace: () => {
      throw new OperationError('badRequest', 'shop:0 has no process');
    },
    logs: () => {
      throw new OperationError('notFound', 'there is no worker named "x"');
    },
    command: (command: Command) => {
      commands.push(command);
      return Promise.resolve({ results: [] });
    },
    onJournal: () => () => undefined,
    ...overrides,
  } as unknown as Operations;
  return { app: createApp(operations, {} as Supervisor), commands };
};
const post = (app: ReturnType<typeof build>['app'], body: string) =>
  app.request('/api/v1/commands', { method: 'POST', body, headers: { 'content-type': 'application/json' } });

describe('routes', () => {
  test('names and filters arrive as they were asked', async () => {
    const { app } = build();
    expect(await (await app.request('/api/v1/status?name=a&name=b')).json()).toEqual({ asked: ['a', 'b'] });
    expect(await (await app.request('/api/v1/journal?since=2026-11-22T00:00:00Z&limit=7&name=a')).json()).toEqual({
      entries: [{ since: Date.parse('2026-11-22T00:00:00Z'), name: 'a', limit: 7 }],
    });
  });

  test('a person’s mistake is a sentence with 4xx', async () => {
    const { app } = build();
    const missing = await app.request('/api/v1/logs?name=x');
    expect([missing.status, await missing.json()]).toEqual([
      404,
      { error: { code: 'notFound', text: 'there is no worker named "x"' } },
    ]);
    expect((await app.request('/api/v1/journal?since=yesterday')).status).toBe(400);
    expect((await app.request('/nothing')).status).toBe(404);
  });

  test.each([
    ['not json', 'the body is not JSON'],
    ['null', 'expected an object'],
    ['{"verb":"explode","names":[]}', 'verb: found "explode", expected one of start'],
    ['{"verb":"stop","names":"all"}', 'names: found "all", expected a list of names'],
    ['{"verb":"stop","names":[],"now":"yes"}', 'now: found "yes", expected true or false'],
    [`{"verb":"recycle","names":[],"reason":"${'x'.repeat(501)}"}`, 'reason: found'],
    [' '.repeat(1024 * 1024 + 1), 'the body is larger than 1048576 bytes'],
  ])('%s is refused', async (body, text) => {
    const { app, commands } = build();
    const answer = await post(app, body);
    expect(answer.status).toBe(400);
    expect(((await answer.json()) as { error: { text: string } }).error.text).toContain(text);
    expect(commands).toEqual([]);
  });

  test('control characters in a reason cannot write into a terminal', async () => {
    const { app, commands } = build();
    await post(app, JSON.stringify({ verb: 'recycle', names: ['a'], reason: 'x\u001b[2Jy\nz' }));
    expect(commands[0]?.reason).toBe('x [2Jy z');
  });
});
