import { once } from 'node:events';
import { createServer } from 'node:net';
import type { AddressInfo, Server } from 'node:net';
import { createServer as createTlsServer } from 'node:tls';
import { afterEach, describe, expect, it } from 'vitest';
import { NodeMemory, connectFirst } from '../../../src/gate/upstream.ts';
import type { Connected, Upstream } from '../../../src/gate/upstream.ts';

const TIMES = { totalMs: 10_000, nodeMs: 10_000 };
const servers: Server[] = [];
const opened: Connected[] = [];
afterEach(async () => {
  for (const { socket } of opened.splice(0)) socket.destroy();
  for (const server of servers.splice(0)) {
    server.close();
    await once(server, 'close');
  }
});

const listen = async (server: Server): Promise<Upstream> => {
  servers.push(server);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return { host: '127.0.0.1', port: (server.address() as AddressInfo).port, tls: null };
};

/** A port that nobody listens on. */
const closed = async (): Promise<Upstream> => {
  const node = await listen(createServer());
  servers.pop()?.close();
  return node;
};

const answering = (): Promise<Upstream> =>
  listen(createServer((socket) => socket.on('error', () => undefined).resume()));

/** Accepts, and never says a word of TLS. */
const hanging = async (): Promise<Upstream> => ({
  ...(await answering()),
  tls: { options: () => Promise.resolve({}), explain: () => null },
});

const open = async (nodes: Upstream[], memory: NodeMemory, times = TIMES): Promise<number> => {
  const connected = await connectFirst(nodes, memory, times);
  opened.push(connected);
  return connected.socket.remotePort ?? 0;
};

describe('several nodes', () => {
  it('the first that answers is taken', async () => {
    const [a, b] = [await answering(), await answering()];
    expect(await open([a, b], new NodeMemory())).toBe(a.port);
  });

  it('a node that refuses is passed over, and asked last from then on', async () => {
    const [a, b] = [await closed(), await answering()];
    const memory = new NodeMemory();
    expect(await open([a, b], memory)).toBe(b.port);
    expect(memory.order([a, b])).toEqual([b, a]);
  });

  it('a node that hangs costs its time once', async () => {
    const [a, b] = [await hanging(), await answering()];
    const memory = new NodeMemory();
    const times = { totalMs: 10_000, nodeMs: 1_000 };
    expect(await open([a, b], memory, times)).toBe(b.port);
    // With the time of one node it would not come to the second now, if it asked the first again.
    expect(await open([a, b], memory, { totalMs: 10_000, nodeMs: 10_000 })).toBe(b.port);
    expect(memory.order([a, b])).toEqual([b, a]);
  });

  it('a node that answers again is back in its place', async () => {
    const [a, b] = [await answering(), await closed()];
    const memory = new NodeMemory();
    memory.note(a, 'away');
    expect(await open([a, b], memory)).toBe(a.port);
    expect(memory.order([a, b])).toEqual([a, b]);
  });

  it('when none answers, each is named, within the time for all', async () => {
    const [a, b] = [await hanging(), await closed()];
    await expect(connectFirst([a, b], new NodeMemory(), { totalMs: 10_000, nodeMs: 1_000 })).rejects.toThrow(
      `The broker at 127.0.0.1:${a.port} did not answer within 1000 ms. ` +
        `The broker at 127.0.0.1:${b.port} cannot be reached: connect ECONNREFUSED 127.0.0.1:${b.port}.`,
    );
    const both = [await hanging(), await hanging()];
    await expect(connectFirst(both, new NodeMemory(), { totalMs: 1_800, nodeMs: 1_000 })).rejects.toThrow(
      /1000 ms\. .* within \d+ ms\.$/,
    );
  });

  it('what keeps TLS from beginning is said as it is', async () => {
    const node: Upstream = {
      ...(await answering()),
      tls: { options: () => Promise.reject(new Error('The file is gone.')), explain: () => null },
    };
    await expect(connectFirst([node], new NodeMemory(), TIMES)).rejects.toThrow(
      /cannot be reached: The file is gone\.$/,
    );
  });

  it('no name is asked for where the host is an address', async () => {
    const asked: (string | undefined)[] = [];
    const server = createTlsServer({
      SNICallback: (name, done) => {
        asked.push(name);
        done(null);
      },
    });
    server.on('tlsClientError', () => undefined);
    const node = await listen(server);
    const tls = { options: () => Promise.resolve({ rejectUnauthorized: false }), explain: () => null };
    await expect(connectFirst([{ ...node, tls }], new NodeMemory(), TIMES)).rejects.toThrow();
    await expect(connectFirst([{ ...node, host: 'localhost', tls }], new NodeMemory(), TIMES)).rejects.toThrow();
    expect(asked).toEqual(['localhost']);
  });
});
