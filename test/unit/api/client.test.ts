import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterEach, describe, expect, test } from 'vitest';
import { createClient } from '../../../src/api/client.ts';
import { ClientError, permissionText } from '../../../src/api/client-errors.ts';
import { fakeController, sendError, sendEvent } from '../cli/fake-controller.ts';
import type { Answer, FakeController } from '../cli/fake-controller.ts';
import { makeEntry, makeStatus } from '../cli/samples.ts';

let fake: FakeController | null = null;
const directories: string[] = [];

afterEach(async () => {
  await fake?.close();
  fake = null;
  for (const directory of directories.splice(0)) await rm(directory, { recursive: true, force: true });
});

async function clientOf(answer: Answer, readTimeoutMs?: number): Promise<ReturnType<typeof createClient>> {
  fake = await fakeController(answer);
  return createClient({
    socketPath: fake.socketPath,
    configuration: null,
    ...(readTimeoutMs === undefined ? {} : { readTimeoutMs }),
  });
}

async function failure(promise: Promise<unknown>): Promise<ClientError> {
  const error: unknown = await promise.then(
    () => null,
    (reason: unknown) => reason,
  );
  if (error instanceof ClientError) return error;
  throw new Error(`expected a ClientError, got ${String(error)}`);
}

async function emptyDirectory(): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), 'ackwarden-client-'));
  directories.push(directory);
  return directory;
}

describe('questions', () => {
  test('passes every name, and gives the status as received', async () => {
    const client = await clientOf(() => makeStatus());
    expect(await client.status(['shop:0', 'group:*'])).toEqual(makeStatus());
    expect(fake?.requests[0]?.query.getAll('name')).toEqual(['shop:0', 'group:*']);
  });

  test('asks the journal for what was asked and nothing else', async () => {
    const client = await clientOf(() => ({ entries: [makeEntry()] }));
    expect(await client.journal({ since: '2026-11-22T21:00:00Z', limit: 5 })).toEqual([makeEntry()]);
    expect(fake?.requests[0]?.query.toString()).toBe('since=2026-11-22T21%3A00%3A00Z&limit=5');
  });

  test('posts a command as JSON', async () => {
    const client = await clientOf(() => ({ results: [] }));
    await client.command({ verb: 'stop', names: ['all'], now: true });
    expect(fake?.requests[0]).toMatchObject({
      method: 'POST',
      path: '/api/v1/commands',
      body: { verb: 'stop', names: ['all'], now: true },
    });
  });
});

describe('errors', () => {
  test('no socket: exit 4, the stateDir and what to do', async () => {
    const directory = await emptyDirectory();
    const client = createClient({ socketPath: join(directory, 'control.sock'), configuration: '/srv/w.yaml' });
    const error = await failure(client.status([]));
    expect(error.exitCode).toBe(4);
    expect(error.message).toBe(
      `no controller is running for stateDir ${directory}; start one with \`ackwarden run -c /srv/w.yaml\``,
    );
  });

  test('a socket that nobody listens on: exit 4', async () => {
    const directory = await emptyDirectory();
    const socketPath = join(directory, 'control.sock');
    // Only a process that is killed leaves its socket behind.
    const script = `const s = require('net').createServer().listen(process.argv[1], () => process.kill(process.pid, 'SIGKILL'))`;
    await promisify(execFile)(process.execPath, ['-e', script, socketPath]).catch(() => undefined);
    const error = await failure(createClient({ socketPath, configuration: null }).status([]));
    expect(error.exitCode).toBe(4);
    expect(error.message).toContain('nothing listens on');
  });

  test.each([
    [404, 2],
    [400, 2],
    [409, 1],
    [500, 1],
  ])("the server's own sentence for HTTP %i, exit %i", async (status, exitCode) => {
    const client = await clientOf((_, response) => sendError(response, status, 'unknownName', 'no worker is called x'));
    const error = await failure(client.status(['x']));
    expect(error).toMatchObject({
      exitCode,
      code: 'unknownName',
      message: 'no worker is called x',
    });
  });

  test.each([
    ['no JSON', '<html>', /not JSON/],
    ['another shape', '{"x":1}', /has no workers/],
  ])('an answer that is %s is not taken for a status', async (_, body, text) => {
    const client = await clientOf((_request, response) => void response.end(body));
    expect((await failure(client.status([]))).message).toMatch(text);
  });

  test('a controller that does not answer is given up for a question', async () => {
    const client = await clientOf(() => undefined, 50);
    expect((await failure(client.status([]))).message).toMatch(/did not answer within 0\.1 s/);
  });

  test('a controller that ends in the middle of a command', async () => {
    const client = await clientOf((_, __, raw) => void raw.socket.destroy());
    const error = await failure(client.command({ verb: 'stop', names: ['all'] }));
    expect(error).toMatchObject({ code: 'noAnswer', exitCode: 1 });
  });

  test('something that is no HTTP server', async () => {
    const socketPath = join(await emptyDirectory(), 'control.sock');
    const server = createServer((socket) => socket.end('hello\n'));
    await new Promise<void>((resolve) => {
      server.listen(socketPath, resolve);
    });
    const error = await failure(createClient({ socketPath, configuration: null }).status([]));
    server.close();
    expect(error).toMatchObject({ code: 'noAnswer', exitCode: 1 });
  });

  test.each([
    [
      { path: '/run/a', user: 'deploy', group: 'ops', mode: 0o700 },
      /belongs to user deploy, group ops \(mode 0700\); run this command as deploy, or let/,
    ],
    [{ path: '/run/a', user: 'root', group: 'ops', mode: 0o710 }, /as root, or as a member of group ops$/],
    [{ path: '/run/a/control.sock', user: 'root', group: 'ops', mode: 0o660 }, /member of group ops$/],
    [null, /as the user that runs the controller$/],
  ])('permission denied says who may: %j', (owner, text) => {
    expect(permissionText('/run/a/control.sock', owner)).toMatch(text);
  });
});

describe('events', () => {
  test('yields journal and status events, skips unknown ones, and ends quietly when aborted', async () => {
    const client = await clientOf((_, response) => {
      sendEvent(response, 'journal', makeEntry());
      sendEvent(response, 'novelty', {});
      sendEvent(response, 'status', makeStatus());
    });
    const controller = new AbortController();
    const seen: string[] = [];
    for await (const event of client.events({ signal: controller.signal })) {
      seen.push(event.event);
      if (seen.length === 2) controller.abort();
    }
    expect(seen).toEqual(['journal', 'status']);
  });

  test('says so when the controller goes away', async () => {
    const client = await clientOf((_, response) => {
      sendEvent(response, 'status', makeStatus());
      response.end();
    });
    const reading = (async () => {
      for await (const event of client.events({ signal: new AbortController().signal }))
        expect(event.event).toBe('status');
    })();
    expect((await failure(reading)).message).toMatch(/ended the event stream/);
  });
});
