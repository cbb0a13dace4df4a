/**
 * Real sockets: who takes its time gets every byte as the other side sent it, though the gate reads into one buffer again and again; and
 * so where Node lets it have no such buffer for the worker's side.
 */
import { once } from 'node:events';
import { connect, createServer } from 'node:net';
import type { AddressInfo, Server, Socket } from 'node:net';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { openGate } from '../../../src/gate/open-gate.ts';
import type { Gate } from '../../../src/gate/open-gate.ts';
import type * as ReadBuffer from '../../../src/gate/read-buffer.ts';
import * as wire from './wire.ts';

/** More than the kernel buffers of both connections hold. */
const FRAMES = 600;
const BODY_BYTES = 60_000;

const node = vi.hoisted(() => ({ keepsHandles: true }));
vi.mock('../../../src/gate/read-buffer.ts', async (original) => {
  const { withReadBuffer, ...rest } = await original<typeof ReadBuffer>();
  const either: typeof withReadBuffer = (accepted, mark) =>
    node.keepsHandles ? withReadBuffer(accepted, mark) : accepted;
  return { ...rest, withReadBuffer: either };
});

let server: Server;
let gate: Gate;
afterEach(async () => {
  await gate.close();
  server.close();
});

/** A worker at the gate and the broker's end of its connection. */
async function connected(): Promise<{ worker: Socket; broker: Socket }> {
  server = createServer();
  server.listen({ host: '127.0.0.1', port: 0 });
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  gate = await openGate({
    upstreams: [{ host: '127.0.0.1', port, tls: null }],
    prefetch: null,
    admit: () => Promise.resolve(true),
    listen: '127.0.0.1',
    onReport: () => undefined,
  });
  const worker = connect({ host: '127.0.0.1', port: gate.port });
  const [broker] = (await once(server, 'connection')) as [Socket];
  return { worker, broker };
}

/** Bodies that are all different, so that one in the place of another is seen. */
const bodies = (): Buffer[] =>
  Array.from({ length: FRAMES }, (_, index) => wire.frame(3, 1, Buffer.alloc(BODY_BYTES, `${index} `)));

/** Reads a little, lets everybody else go on, reads on. */
async function readSlowly(socket: Socket, wanted: number): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of socket) {
    chunks.push(chunk as Buffer);
    length += (chunk as Buffer).length;
    if (length >= wanted) break;
    for (let turn = 0; turn < 20; turn += 1) await new Promise((resolve) => setImmediate(resolve));
  }
  return Buffer.concat(chunks);
}

describe.each([true, false])('where Node keeps a handle: %s', (keepsHandles) => {
  beforeEach(() => {
    node.keepsHandles = keepsHandles;
  });

  it('what a slow worker has not taken is not overwritten by what comes next', async () => {
    const { worker, broker } = await connected();
    worker.write(wire.PREAMBLE);
    await once(broker, 'data');
    const sent = bodies();
    for (const body of sent) broker.write(body);
    const expected = Buffer.concat(sent);
    const received = await readSlowly(worker, expected.length);
    expect(received.length).toBe(expected.length);
    expect(received.equals(expected)).toBe(true);
  });

  it('what a slow broker has not taken is not overwritten by what comes next', async () => {
    const { worker, broker } = await connected();
    worker.write(wire.PREAMBLE);
    const sent = bodies();
    for (const body of sent) worker.write(body);
    const expected = Buffer.concat([wire.PREAMBLE, ...sent]);
    const received = await readSlowly(broker, expected.length);
    expect(received.length).toBe(expected.length);
    expect(received.equals(expected)).toBe(true);
  });

  it('the last words of a broker that is gone reach a worker that takes its time', async () => {
    const { worker, broker } = await connected();
    worker.write(wire.PREAMBLE);
    await once(broker, 'data');
    const sent = bodies().slice(0, 20);
    for (const body of sent) broker.write(body);
    broker.end();
    const expected = Buffer.concat(sent);
    expect((await readSlowly(worker, expected.length)).equals(expected)).toBe(true);
  });

  it('the end of a worker is noticed, and nothing of it is left', async () => {
    const { worker, broker } = await connected();
    worker.write(wire.PREAMBLE);
    await once(broker, 'data');
    broker.resume();
    worker.destroy();
    await once(broker, 'end');
    await gate.close();
    await expect.poll(() => gate.counters().connections).toBe(0);
  });
});
