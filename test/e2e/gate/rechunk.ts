/** A TCP relay that cuts what it carries into pieces of any size, both ways: no frame arrives as it was sent. */
import { once } from 'node:events';
import { connect, createServer } from 'node:net';
import type { AddressInfo, Socket } from 'node:net';
import { setImmediate as nextTurn } from 'node:timers/promises';

/** Mostly a few bytes, at times many frames at once. */
const pieceSize = (): number => Math.ceil(Math.random() ** 3 * 20_000);

export interface Relay {
  host: string;
  port: number;
  /** Break what it carries; it goes on to listen. */
  cut(): void;
  close(): Promise<void>;
}

export async function rechunk(to: { host: string; port: number }): Promise<Relay> {
  const sockets = new Set<Socket>();
  const server = createServer({ noDelay: true }, (near) => {
    const far = connect({ ...to, noDelay: true });
    for (const socket of [near, far]) {
      sockets.add(socket);
      socket.on('error', () => undefined);
    }
    void carry(near, far);
    void carry(far, near);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    host: '127.0.0.1',
    port: (server.address() as AddressInfo).port,
    cut: () => {
      for (const socket of sockets) socket.destroy();
    },
    close: async () => {
      const closed = once(server, 'close');
      server.close();
      for (const socket of sockets) socket.destroy();
      await closed;
    },
  };
}

/** Until one side ends, in whatever way: then the other does. */
async function carry(from: Socket, to: Socket): Promise<void> {
  try {
    for await (const chunk of from as AsyncIterable<Buffer>) {
      for (let at = 0, size = pieceSize(); at < chunk.length; at += size, size = pieceSize()) {
        if (!to.write(chunk.subarray(at, at + size))) await once(to, 'drain');
        await nextTurn();
      }
    }
    to.end();
  } catch {
    // A reset of one side, which is then over, as the other is.
    to.destroy();
  }
}
