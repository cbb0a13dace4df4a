/**
 * Our end of the socket to the shim. One life: connected (`hello` was answered) until the socket closes; whoever owns it connects
 * anew. Messages to a closed connection are dropped: the next attach finds out what did not happen.
 */
import { connect } from 'node:net';
import type { Socket } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';
import { JsonLines, encodeLine } from '../shim/json-lines.ts';
import { PROTOCOL } from '../shim/protocol.ts';
import type { FromShim, ToShim } from '../shim/protocol.ts';

export type Hello = Extract<FromShim, { type: 'hello' }>;

/** An attach of 10,000 workers with all their unacknowledged facts stays far below this. */
const MAX_LINE_BYTES = 64 * 1024 * 1024;
const CONNECT_EVERY_MS = 15;

export interface ShimListener {
  message: (message: Exclude<FromShim, { type: 'hello' }>) => void;
  closed: () => void;
}

export class ShimClient {
  readonly hello: Hello;
  readonly #socket: Socket;

  private constructor(socket: Socket, hello: Hello) {
    this.#socket = socket;
    this.hello = hello;
  }

  send(message: ToShim): void {
    if (this.#socket.writable) this.#socket.write(encodeLine(message));
  }

  close(): void {
    this.#socket.end();
  }

  /** Connect once and say hello; null if nobody answers at the path. */
  static async attach(path: string, version: string, listener: ShimListener): Promise<ShimClient | null> {
    const socket = await connectOnce(path);
    if (socket === null) return null;
    const lines = new JsonLines(MAX_LINE_BYTES);
    return new Promise((resolve) => {
      let client: ShimClient | null = null;
      const take = (chunk: Buffer): void => {
        for (const message of lines.push(chunk) as FromShim[]) {
          if (message.type !== 'hello') listener.message(message);
          else if (client === null) resolve((client = new ShimClient(socket, message)));
        }
      };
      socket.on('data', (chunk: Buffer) => {
        try {
          take(chunk);
        } catch (error) {
          socket.destroy(error as Error);
        }
      });
      socket.on('error', (error) =>
        process.stderr.write(`ackwarden: the connection to the shim broke: ${error.message}\n`),
      );
      socket.on('close', () => (client === null ? resolve(null) : listener.closed()));
      socket.write(encodeLine({ type: 'hello', protocol: PROTOCOL, version, pid: process.pid } satisfies ToShim));
    });
  }

  /** Try until somebody answers; gives up at the deadline, or when `hopeless` resolves with the reason. */
  static async attachWithin(
    path: string,
    version: string,
    listener: ShimListener,
    until: { deadlineMs: number; hopeless: Promise<string> },
  ): Promise<ShimClient> {
    let reason: string | null = null;
    void until.hopeless.then((text) => (reason = text));
    const deadline = Date.now() + until.deadlineMs;
    while (reason === null && Date.now() < deadline) {
      const client = await ShimClient.attach(path, version, listener);
      if (client !== null) return client;
      await pause(CONNECT_EVERY_MS);
    }
    throw new Error(`the shim did not start: ${reason ?? `nothing answers at ${path}`}`);
  }
}

const connectOnce = (path: string): Promise<Socket | null> =>
  new Promise((resolve) => {
    const socket = connect(path);
    const fail = (): void => resolve(null);
    socket.once('error', fail);
    socket.once('connect', () => {
      socket.off('error', fail);
      resolve(socket);
    });
  });
