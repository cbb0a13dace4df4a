/** Small things about the two sockets of a connection. */
import { connect } from 'node:net';
import type { Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';
import type { ConnectionOptions } from 'node:tls';
import { readBuffer } from './read-buffer.ts';
import type { Peer } from './reports.ts';

export interface Address {
  host: string;
  port: number;
}

/**
 * Of both sockets: one byte that the kernel has not taken is too many, so that 'drain' follows each time something was not taken at once.
 * What may be read ahead of us is bounded by the same number, and is a read at most.
 */
export const HIGH_WATER_MARK = 1;

/** Connect to the broker, through TLS where its options are given; rejects with what went wrong, or with TimedOut. */
export function connectUpstream(
  { host, port }: Address,
  timeoutMs: number,
  tls: ConnectionOptions | null,
): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const options = { host, port, noDelay: true, allowHalfOpen: true, highWaterMark: HIGH_WATER_MARK };
    const socket: Socket =
      tls === null ? connect({ ...options, onread: readBuffer(() => socket) }) : connectTls({ ...options, ...tls });
    const fail = (error: Error): void => {
      clearTimeout(timer);
      socket.destroy();
      reject(error);
    };
    const timer = setTimeout(() => fail(new TimedOut(timeoutMs)), timeoutMs);
    socket.once('error', fail);
    socket.once(tls === null ? 'connect' : 'secureConnect', () => {
      clearTimeout(timer);
      socket.off('error', fail);
      // A TLS socket does not take it from its options.
      socket.setNoDelay(true);
      resolve(socket);
    });
  });
}

export class TimedOut extends Error {
  override readonly name = 'TimedOut';

  constructor(timeoutMs: number) {
    super(`did not answer within ${Math.round(timeoutMs)} ms`);
  }
}

export const peerOf = (socket: Socket): Peer => ({
  address: socket.remoteAddress ?? 'unknown',
  port: socket.remotePort ?? 0,
});

/** Write all, in one system call where they are several. */
export function writeAll(socket: Socket, chunks: readonly Buffer[]): void {
  if (chunks.length === 0 || socket.destroyed || socket.writableEnded) return;
  if (chunks.length > 1) socket.cork();
  for (const chunk of chunks) socket.write(chunk);
  if (chunks.length > 1) socket.uncork();
}

/** Bytes were written that the kernel has not taken yet: their buffers are still needed. */
export const isBackedUp = (socket: Socket): boolean => socket.writableLength > 0;

/** End after what was written, but not later than the deadline. */
export function endWithin(socket: Socket, deadlineMs: number): void {
  if (socket.destroyed) return;
  const timer = setTimeout(() => socket.destroy(), deadlineMs);
  socket.once('close', () => clearTimeout(timer));
  socket.destroySoon();
}
