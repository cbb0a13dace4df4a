/** Small things about the two sockets of a connection. */
import { connect } from 'node:net';
import type { Socket } from 'node:net';
import type { Peer } from './reports.ts';

export interface Upstream {
  host: string;
  port: number;
}

/** Connect to the broker; rejects with a sentence when it refuses or does not answer in time. */
export function connectUpstream({ host, port }: Upstream, timeoutMs: number): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = connect({ host, port, noDelay: true, allowHalfOpen: true });
    const fail = (why: string): void => {
      clearTimeout(timer);
      socket.destroy();
      reject(new Error(`The broker at ${host}:${port} ${why}.`));
    };
    const onError = (error: Error): void => fail(`cannot be reached: ${error.message}`);
    const timer = setTimeout(() => fail(`did not answer within ${timeoutMs} ms`), timeoutMs);
    socket.once('error', onError);
    socket.once('connect', () => {
      clearTimeout(timer);
      socket.off('error', onError);
      resolve(socket);
    });
  });
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

/** End after what was written, but not later than the deadline. */
export function endWithin(socket: Socket, deadlineMs: number): void {
  if (socket.destroyed) return;
  const timer = setTimeout(() => socket.destroy(), deadlineMs);
  socket.once('close', () => clearTimeout(timer));
  socket.destroySoon();
}
