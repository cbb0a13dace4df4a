/**
 * Sockets that read into one buffer again and again: a new one for each read is a sixth of what carrying small messages costs, and half of
 * what megabytes cost. What their 'data' event hands out is therefore good until the socket is read on, and whoever needs it for longer
 * has to pause it. A TLS socket goes on handing out what it has decrypted though it is paused (seen with Node 20), so it cannot be one.
 */
/* oxlint-disable no-underscore-dangle -- that is how Node writes what it keeps to itself */
import { Socket } from 'node:net';
import type { OnReadOpts, SocketConstructorOpts } from 'node:net';

/** Measured: less costs CPU where bodies are of megabytes, more gains nothing. Only what was read once takes memory. */
const READ_BYTES = 256 * 1024;

/** The option of a socket that makes it one; `socket` is asked once it reads. */
export function readBuffer(socket: () => Socket): OnReadOpts {
  const buffer = Buffer.allocUnsafeSlow(READ_BYTES);
  const callback = (size: number): boolean => {
    socket().emit('data', buffer.subarray(0, size));
    return true;
  };
  return { buffer, callback };
}

/** What Node keeps to itself: the system's side of a socket, and options by which another socket takes it over. */
interface Inside {
  _handle?: { useUserBuffer?: unknown } | null;
}
type TakeOver = SocketConstructorOpts & {
  handle: object;
  onread: OnReadOpts;
  pauseOnCreate: true;
  highWaterMark: number;
};

/**
 * The same for a socket that a server accepted, and paused (`pauseOnConnect`), which must not be used any more then. Node 20 has no option
 * for these, so a new socket takes over the handle of the accepted one, which stays behind as what the server counts. That is nobody's
 * promise: where Node keeps no such handle, the accepted socket itself is returned, which costs more and does the same.
 */
export function withReadBuffer(accepted: Socket, highWaterMark: number): Socket {
  const inside = accepted as Inside;
  const handle = inside._handle;
  if (typeof handle?.useUserBuffer !== 'function') return accepted;
  inside._handle = null;
  const onread = readBuffer(() => socket);
  const options: TakeOver = { handle, onread, allowHalfOpen: true, pauseOnCreate: true, highWaterMark };
  const socket = new Socket(options);
  socket.once('close', () => accepted.destroy());
  return socket;
}
