import { once } from 'node:events';
import { createServer } from 'node:net';
import type { Server, Socket } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { probeBroker } from '../../../src/broker/probe.ts';
import { watchBroker } from '../../../src/broker/watch.ts';

let server: Server | null = null;
const sockets: Socket[] = [];

/** A listener that is no broker. */
async function listen(greet: (socket: Socket) => void): Promise<string> {
  server = createServer((socket) => {
    sockets.push(socket);
    socket.on('error', () => undefined);
    socket.resume(); // Unread, it would never learn that the other side has gone.
    greet(socket);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  return `amqp://user:hush@127.0.0.1:${typeof address === 'object' ? address?.port : ''}/`;
}

afterEach(async () => {
  for (const socket of sockets.splice(0)) socket.destroy();
  if (server !== null) await new Promise((resolve) => server?.close(resolve));
  server = null;
});

describe('probeBroker', () => {
  it('says that nothing listens, for each node', async () => {
    const { reachable, text } = await probeBroker(['amqp://u:hush@127.0.0.1:1', 'amqp://u:hush@127.0.0.1:2'], {
      timeoutMs: 30_000,
    });
    expect(reachable).toBe(false);
    expect(text).toBe(
      'The broker at 127.0.0.1:1 refuses connections: nothing listens there. ' +
        'The broker at 127.0.0.1:2 refuses connections: nothing listens there.',
    );
  });

  it('gives up on a listener that never speaks, and closes its connection', async () => {
    const url = await listen(() => undefined);
    const { reachable, text } = await probeBroker([url], { timeoutMs: 200 });
    expect(reachable).toBe(false);
    expect(text).toMatch(/^The broker at 127\.0\.0\.1:\d+ did not answer within 200 ms\.$/);
    const [socket] = sockets;
    if (socket !== undefined && !socket.destroyed) await once(socket, 'close');
    expect(text).not.toContain('hush');
  });

  it.each([
    ['closes at once', (socket: Socket): unknown => socket.end()],
    ['speaks HTTP', (socket: Socket): unknown => socket.end('HTTP/1.1 400 Bad Request\r\n\r\n')],
  ])('a listener that %s is no broker', async (_name, greet) => {
    const url = await listen((socket) => void greet(socket));
    expect(await probeBroker([url], { timeoutMs: 30_000 })).toMatchObject({ reachable: false });
  });

  it('does not repeat what is no URL', async () => {
    expect((await probeBroker(['hush hush'], { timeoutMs: 500 })).text).not.toContain('hush');
  });
});

describe('watchBroker', () => {
  it('ends with null when it is told to', async () => {
    const abort = new AbortController();
    const watching = watchBroker(['amqp://127.0.0.1:1'], { timeoutMs: 500, signal: abort.signal });
    abort.abort();
    expect(await watching).toBeNull();
  });
});
