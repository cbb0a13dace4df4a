/** The socket that takes over from one a server accepted: real ones, and one that Node gave no handle. */
import { once } from 'node:events';
import { connect, createServer } from 'node:net';
import type { AddressInfo, Server, Socket } from 'node:net';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { withReadBuffer } from '../../../src/gate/read-buffer.ts';

let server: Server;
beforeEach(async () => {
  server = createServer({ pauseOnConnect: true, allowHalfOpen: true });
  server.listen({ host: '127.0.0.1', port: 0 });
  await once(server, 'listening');
});
afterEach(() => server.close());

async function accepted(): Promise<{ client: Socket; socket: Socket }> {
  const client = connect({ host: '127.0.0.1', port: (server.address() as AddressInfo).port });
  const [socket] = (await once(server, 'connection')) as [Socket];
  return { client, socket };
}

/** The next bytes, and the memory they are in. */
async function read(socket: Socket): Promise<{ text: string; memory: ArrayBufferLike }> {
  const [chunk] = (await once(socket, 'data')) as [Buffer];
  return { text: chunk.toString(), memory: chunk.buffer };
}

it('reads into one buffer, once it is resumed', async () => {
  const { client, socket } = await accepted();
  const reading = withReadBuffer(socket, 1);
  expect(reading).not.toBe(socket);
  expect(reading.isPaused()).toBe(true);
  expect(reading.remotePort).toBe(client.localPort);
  client.write('one');
  const first = read(reading);
  reading.resume();
  const { text, memory } = await first;
  expect(text).toBe('one');
  client.write('two');
  expect(await read(reading)).toEqual({ text: 'two', memory });
  expect((await counted(server)).connections).toBe(1);
  reading.write('three');
  expect((await read(client)).text).toBe('three');
  reading.destroy();
  await once(client, 'close');
});

it('what the server counts ends with it', async () => {
  const { client, socket } = await accepted();
  const reading = withReadBuffer(socket, 1);
  reading.resume();
  client.end();
  await once(reading, 'end');
  reading.end();
  await once(socket, 'close');
  expect((await counted(server)).connections).toBe(0);
});

it('a socket whose handle Node keeps elsewhere stays as it is', () => {
  for (const inside of [{}, { _handle: null }, { _handle: {} }]) {
    const socket = inside as Socket;
    expect(withReadBuffer(socket, 1)).toBe(socket);
    expect(inside).toEqual({ ...inside });
  }
});

const counted = (of: Server): Promise<{ connections: number }> =>
  new Promise((resolve, reject) =>
    of.getConnections((error, connections) => (error === null ? resolve({ connections }) : reject(error))),
  );
